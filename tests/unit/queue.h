/* Claims, figures and numbers that the tests of jobs and of queues share. */
#ifndef TESTS_UNIT_QUEUE_H
#define TESTS_UNIT_QUEUE_H

#include "domain/lease.h"
#include "domain/queue.h"
#include "test.h"

#include <stdlib.h>

#define ME "me/1"

static inline struct batch claim_as(
	struct op *op, const char *owner, int64_t most, bool sweep)
{
	const struct claim c = { .queue = "noop",
		.owner = owner,
		.most = most,
		.lease_s = 60,
		.sweep = sweep };
	struct batch b;

	CHECK(lease_claim(op, &c, &b) == OK);
	return b;
}

static inline struct batch claim(struct op *op, int64_t most)
{
	return claim_as(op, ME, most, false);
}

static inline int64_t number(struct op *op, const char *sql)
{
	return strtoll(ASK(sql), NULL, 10);
}

static inline struct queue stats(struct op *op)
{
	struct rows rows;

	CHECK(queue_find(op, "noop", &rows) == OK);
	return *(struct queue *)rows.items;
}

#endif
