/* Importing files: staged, checked and applied as one, whatever their kind. */
#ifndef DOMAIN_IMPORT_H
#define DOMAIN_IMPORT_H

#include "base/field.h"
#include "base/op.h"

struct import_kind;

/* How a file is imported; the options of every `NOUN import`. */
struct import {
	const char *file;      /* "-" is standard input */
	const char *currency;  /* of amounts that name none; NULL: the shop's */
	const char *warehouse; /* of quantities that name none; NULL: the only one */
	const char *rejects;   /* where refused rows are written; NULL: nowhere */
	const char *map;     /* a file that says what columns are called; NULL: none */
	int64_t max_rejects; /* so many refused rows are let pass; 0: none, or any with
				partial */
	bool partial;        /* import the good rows of a file that has bad ones */
	bool allow_delete;   /* archive what the file has not */
	bool allow_repeat;   /* import a file again that was imported before */
	bool create_warehouses; /* those that a file of quantities names and nobody made
				 */
};

struct import_result {
	int64_t id; /* of the run; 0: the file was imported before */
	const char *state;
	int64_t rows, products, created, updated, unchanged, archived, rejected;
	int64_t already; /* the run that imported the same file before; 0: none */
};
extern const struct shape import_result_shape; /* of products */
extern const struct shape import_flat_shape;   /* of kinds that count rows only */

/*
 * Import the file, or nothing of it.  Refused rows are noted on standard error
 * and written to rejects; *out is filled in then, too, and the end is E_DATA,
 * or E_PARTIAL when the good rows were imported.
 */
enum err import_file(struct op *op, const struct import_kind *kind,
	const struct import *import, struct import_result *out);

/* Go on with a run that was interrupted; file: where its file is now, or NULL. */
struct import_resume {
	int64_t run;
	const char *file, *rejects;
};
enum err import_resume(struct op *op, const struct import_resume *what,
	const struct import_kind **kind, struct import_result *out);

#endif
