/* What keeps the shop's tables small and its audit log sealed. */
#ifndef DOMAIN_HOUSEKEEPING_H
#define DOMAIN_HOUSEKEEPING_H

#include "base/field.h"
#include "base/op.h"

/*
 * Do a task, "housekeeping.webhook_purge", in transactions of a bounded size, until
 * nothing is left or the time is up; *rows: so many it dealt with.  What is left is the
 * next run's.
 */
enum err housekeeping_run(
	struct op *op, const char *kind, struct stamp until, int64_t *rows);

/* "90 days", by the configuration; NULL when a kind is no task that keeps anything. */
const char *housekeeping_keeps(struct op *op, const char *kind);

#endif
