/*
 * Kinds of jobs.  A kind is a file with one const struct job_kind and a line in
 * jobs.h; its queue is the word of its name before the dot.
 */
#ifndef SHOP_WORKER_KIND_H
#define SHOP_WORKER_KIND_H

#include "base/metric.h"
#include "base/op.h"
#include "domain/lease.h"

struct job_kind {
	const char *kind; /* "payment.submit" */
	int64_t lease_s;  /* more than one run ever takes */
	int64_t tries;    /* the last failing one makes it dead */
	bool asks; /* it waits for others: jobs of its queue run beside each other */

	/*
	 * Load, act, record: what it returns decides (err.h) whether the job is done,
	 * tried again or dead; op->fault goes with it.  It may run twice.
	 */
	enum err (*run)(struct op *op, const struct job *job);

	/*
	 * Instead of run, for work in the database alone: all jobs of a batch in one
	 * transaction, which also settles them, so that each happens exactly once.
	 */
	enum err (*run_batch)(struct op *op, const struct job *jobs, size_t n);
};

/* What became of the jobs of a kind. */
struct kind_stats {
	struct series *done, *retried, *dead, *put_off, *seconds;
};

extern const struct job_kind *const job_kinds[]; /* ends with NULL */

/* The kind of that name, or NULL; *index finds its stats either way. */
const struct job_kind *kind_find(const char *name, size_t *index);
struct kind_stats *kind_stats(size_t index);

/* The queues that the kinds name, each once. */
struct texts kind_queues(struct op *op);

/* Whether a kind of the queue waits for others. */
bool kind_asks(const char *queue);

/* The longest lease that a kind of the queue asks for, at least `least`. */
int64_t kind_lease_s(const char *queue, int64_t least);

#endif
