/* The result of a command on standard output, in the format that was asked for. */
#ifndef BASE_OUT_H
#define BASE_OUT_H

#include "base/field.h"
#include "base/op.h"

struct out;

struct out_options {
	const char *format;  /* table json csv tsv ndjson xlsx; NULL: table or tsv */
	const char *columns; /* "a,b" or "+a,-b"; NULL: all that are not hidden */
	const char *field;   /* one bare value a row */
	const char *file;    /* --output; NULL is standard output */
	const char *null;    /* how NULL prints in csv and tsv: "" */
	const char *schema;  /* "order.list": the JSON schema member's stem */
	bool no_header, color;
};

/* Open the result; E_CREATE when the file cannot be made, E_USAGE for a bad format. */
enum err out_open(struct op *op, const struct out_options *options);

/* Flush and close; a write that failed anywhere before is E_OUTPUT here. */
enum err out_close(struct op *op);

/* A list: rows of one shape. */
enum err out_rows(struct op *op, const struct shape *shape, struct rows rows);

/* One object: key and value lines as a table, an object with "schema" as JSON. */
enum err out_one(struct op *op, const struct shape *shape, const void *item);

/* The same as out_rows, a row at a time in constant memory (table format buffers). */
enum err out_begin(struct op *op, const struct shape *shape);
enum err out_row(struct op *op, const void *item);
enum err out_end(struct op *op);

/* What was written so far goes out now: somebody watches. */
enum err out_flush(struct op *op);

/* Bytes as they are, for results that are not rows (a completion script, a page). */
enum err out_text(struct op *op, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* CSV that spreadsheets will open: text that they would compute gets an apostrophe. */
void out_safe(struct op *op);

/* True when the result is read by a person: table format. */
bool out_is_table(const struct op *op);

/* A message for the person, on standard error; dropped by --quiet. */
void out_note(struct op *op, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
