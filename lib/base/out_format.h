/* Inside out: one writer a format. */
#ifndef BASE_OUT_FORMAT_H
#define BASE_OUT_FORMAT_H

#include "base/out.h"

#include <stdio.h>

struct out_writer;
struct libscols_table;
struct out_book;

struct out {
	struct out_options options;
	const struct out_writer *writer;
	FILE *stream;
	const struct shape *shape;
	const struct field **columns;
	size_t count, rows;
	struct libscols_table *table;
	struct out_book *book;
	bool header, one, failed, safe;
};

struct out_writer {
	const char *format;
	bool bare; /* no header unless the format was asked for by name */
	void (*begin)(struct op *op, struct out *out);
	void (*row)(struct op *op, struct out *out, const void *item);
	void (*end)(struct op *op, struct out *out);
};

extern const struct out_writer out_table; /* out_table.c */
extern const struct out_writer out_xlsx;  /* out_xlsx.c */

/* Write the workbook of the result to its file. */
enum err out_xlsx_close(struct op *op, struct out *out);

/* The writer of a format, or NULL when there is none. */
const struct out_writer *out_writer(const char *format);

#endif
