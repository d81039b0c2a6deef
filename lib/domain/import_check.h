/* What an import would make of a file, without a database. */
#ifndef DOMAIN_IMPORT_CHECK_H
#define DOMAIN_IMPORT_CHECK_H

#include "base/field.h"
#include "base/op.h"

struct import_check {
	const char *file; /* "-" is standard input */
	const char *kind; /* NULL: whichever knows most of its columns */
	const char *map;  /* as of an import */
};

/* A column of the file. */
struct import_column_check {
	int64_t column;
	const char *header, *field; /* field NULL: not read */
	const char *note;           /* why, or what it becomes */
};
extern const struct shape import_column_check_shape;

struct import_checked {
	const char *kind, *dialect;
	int64_t rows;
	struct rows columns; /* of struct import_column_check */
};

/*
 * Read the whole file.  E_NO when no kind knows its header; E_DATA with line and
 * column when it is no CSV.
 */
enum err import_check(
	struct op *op, const struct import_check *what, struct import_checked *out);

/* The first line of a file of that kind, as CSV. */
enum err import_template(struct op *op, const char *kind, const char **out);

#endif
