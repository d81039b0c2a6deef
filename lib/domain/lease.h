/*
 * What a worker holds: a batch of jobs under one lease.  Every call names the lease
 * and its owner; when others took the jobs over it is refused with lease_is_held.
 */
#ifndef DOMAIN_LEASE_H
#define DOMAIN_LEASE_H

#include "base/field.h"
#include "base/op.h"

enum { QUEUE_SLOTS = 4, QUEUE_PLACES = 20 }; /* slots; slots of all five levels */

struct job {
	int64_t id, subject;
	int64_t attempt; /* this try's number, from 1 */
	int64_t crashes; /* workers that were lost while they had it */
	const char *kind, *trace, *payload; /* payload: JSON, or NULL */
	struct stamp deadline;              /* by then the effect must be recorded */
	int64_t ix;                         /* its place in the lease, from 1 */
	int64_t slot, lease, last, place, width; /* of the lease; 0 but in one row */
};

struct claim {
	const char *queue, *owner;
	int64_t most, lease_s;
	int64_t after[QUEUE_PLACES];   /* seen up to here, by level and slot */
	bool sweep;                    /* look everywhere, quarantine first */
	int64_t done_slot, done_lease; /* a lease to finish in the same commit, or 0 */
};

struct batch {
	struct job *jobs;
	size_t n;
	int64_t slot, lease;
	int64_t last, place; /* the greatest seq in it, and of which level and slot */
	char *acked;         /* '1' for each job that is settled, by ix - 1 */
};

/* Finish one lease and take the next jobs; out->n is 0 when there are none. */
enum err lease_claim(struct op *op, const struct claim *c, struct batch *out);

/* Settle what is acked and hold the rest for lease_s more seconds. */
enum err lease_renew(
	struct op *op, const struct batch *b, const char *owner, int64_t lease_s);

/* All jobs are settled. */
enum err lease_done(struct op *op, int64_t slot, int64_t lease, const char *owner);

/* What is not acked goes back to its queue as if it had never been claimed. */
enum err lease_give_back(struct op *op, const struct batch *b, const char *owner);

/* Finish the lease `done` (0: none) and give back all others that the owner holds. */
enum err lease_recover(struct op *op, const char *owner, int64_t done);

/*
 * A try failed with the fault: again in retry_s seconds, dead when that is
 * negative.  *dead tells which it became, for the last try is the queue's to say.
 * A fault that puts the job off burns no try.
 */
enum err lease_fail(struct op *op, const struct batch *b, const char *owner,
	const struct job *job, double retry_s, const struct fault *fault, bool *dead);

/* Jobs of leases that ran out go to the quarantine, or die. */
struct rescued {
	int64_t leases, jobs, dead;
};
enum err lease_rescue(struct op *op, struct rescued *out);

#endif
