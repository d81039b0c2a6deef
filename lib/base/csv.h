/* Comma-separated values: a strict, streaming reader that knows where it is; a writer.
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include "base/op.h"
#include "base/text.h"

#include <stdint.h>

enum {
	CSV_CELL_MAX = 1 << 20, /* bytes; a lost quote would swallow the file */
	CSV_ROW_MAX = 16 << 20,
	CSV_COLUMNS_MAX = 1000,
};

struct csv_cell {
	const char *s; /* NUL-terminated, valid UTF-8 */
	size_t n;
	int64_t line; /* where the cell begins */
};

struct csv_row {
	int64_t line; /* where the row begins, 1 is the first of the file */
	size_t n;     /* cells; 0 after the last row */
	const struct csv_cell *cells;
};

struct csv_reader;

/*
 * Read from an open file; name is for messages.  UTF-8 with or without BOM;
 * LF, CRLF and bare CR; RFC 4180 quotes; blank lines are skipped.  A header
 * line without a comma may use ';' or tab instead, or else '|' or '^'; a line
 * "sep=X" before it names any other.  One whose cells are padded with blanks says
 * that blanks around cells are padding.  The caller keeps the file open until the op
 * closes.
 */
struct csv_reader *csv_reader_new(struct op *op, int fd, const char *name);

/*
 * The next row; its cells hold until the next call.  E_DATA with rule
 * csv_is_text, csv_is_utf8, csv_has_no_nul, csv_quotes_close, csv_quotes_double,
 * csv_cell_is_bounded or csv_row_is_bounded names line and column;
 * E_NO_INPUT when the file cannot be read.
 */
enum err csv_next(struct op *op, struct csv_reader *r, struct csv_row *out);

/* Bytes of the file that were used up so far; for progress. */
int64_t csv_offset(const struct csv_reader *r);

/* Append a cell, quoted when it has to be, after a comma unless it is the first. */
void csv_put(struct op *op, struct text *t, bool first, const char *cell);

#endif
