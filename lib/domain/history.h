/* Orders of another shop's past, imported to be reported and learned from. */
#ifndef DOMAIN_HISTORY_H
#define DOMAIN_HISTORY_H

#include "base/field.h"
#include "base/op.h"

struct history_import {
	const char *file;   /* "-" is standard input */
	const char *source; /* the system they come from: with it a number is unique */
	const char *currency; /* of lines that name none; NULL: the shop's */
	const char *tz;       /* of dates that name no zone */
	const char *rejects;  /* where refused rows are written; NULL: nowhere */
	bool partial;         /* import the good orders of a file that has bad ones */
};

struct history_result {
	int64_t id; /* of the run */
	const char *state;
	int64_t rows, orders, created, unchanged, rejected;
};
extern const struct shape history_result_shape;

/*
 * Import the file, or nothing of it.  Refused rows are noted on standard error
 * and written to rejects; *out is filled in then, too, and the end is E_DATA,
 * or E_PARTIAL when the good orders were imported.
 */
enum err history_import(
	struct op *op, const struct history_import *import, struct history_result *out);

#endif
