/* Inside import: a file, and the way of its rows to a stage of the database. */
#ifndef DOMAIN_IMPORT_SOURCE_H
#define DOMAIN_IMPORT_SOURCE_H

#include "base/csv.h"
#include "base/op.h"

/* A file that can be read twice: once for its digest, and again for its rows. */
struct import_source {
	const char *name;
	int fd;
	int64_t size;
	const char
		*path; /* absolute, to be found again; NULL: it came through a pipe */
	const char *digest; /* of its text, 64 hex digits */
};

/*
 * "-" is standard input; what comes through a pipe is kept until the op closes, and
 * so is the text of what is compressed with gzip.
 */
enum err import_source_open(struct op *op, const char *file, struct import_source *s);

/* A stage, and how a row of the file becomes rows of COPY's text for it. */
struct import_stage {
	const char *table, *columns;
	void (*row)(struct op *scratch, void *state, const struct csv_row *row,
		struct text *out);
	void *state;
};

/* The digest of two texts; 64 hex digits. */
const char *import_digest(struct op *op, const char *a, const char *b);

/* All rows that are not blank, in memory that does not grow with the file. */
enum err import_stage_fill(struct op *op, const struct import_source *s,
	struct csv_reader *reader, const struct import_stage *stage);

/* Append a value in COPY's text format; NULL is its null. */
void import_put(struct op *op, struct text *out, const char *s);

/* E_BUSY once Ctrl-C or SIGTERM came. */
enum err import_interrupted(struct op *op);

#endif
