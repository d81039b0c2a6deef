/*
 * The native protocol of systemd's journal, fields and all:
 * https://systemd.io/JOURNAL_NATIVE_PROTOCOL/
 */
#ifndef BASE_JOURNAL_H
#define BASE_JOURNAL_H

#include "base/op.h"

#include <stdbool.h>

struct journal_field {
	const char *name;  /* upper case */
	const char *value; /* NULL: leave the field out */
};

/*
 * Send one entry to the journal's socket at `path` if standard error is a stream of
 * the journal ($JOURNAL_STREAM says which); never waits.  False when it is none, or
 * the journal did not take it: then the caller writes where it would have.
 */
bool journal_send(
	struct op *op, const char *path, const struct journal_field *fields, size_t n);

#endif
