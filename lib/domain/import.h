/* Importing files: staged, checked and applied as one, whatever their kind. */
#ifndef DOMAIN_IMPORT_H
#define DOMAIN_IMPORT_H

#include "base/field.h"
#include "base/op.h"

struct import_kind;

/* How a file is imported; the options of every `NOUN import`. */
struct import {
	const char *file;       /* "-" is standard input */
	const char *currency;   /* of amounts that name none; NULL: the shop's */
	const char *warehouse;  /* of quantities that name none; NULL: the only one */
	const char *rejects;    /* where refused rows are written; NULL: nowhere */
	bool partial;           /* import the good rows of a file that has bad ones */
	bool allow_repeat;      /* import a file again that was imported before */
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

/* The latest runs, newest first. */
struct import_run {
	int64_t id;
	const char *kind;
	struct stamp started_at, finished_at;
	const char *actor, *source, *dialect, *state;
	int64_t rows, created, updated, unchanged, archived, rejected;
};
extern const struct shape import_run_shape;
enum err import_runs(struct op *op, int64_t limit, struct rows *out);

#endif
