/* Leases: claim, renew, finish, fail, give back, rescue. */
#include "domain/lease.h"

#include "db/db.h"

static const struct shape job_shape = SHAPE(job, FIELD(job, id), FIELD(job, subject),
	FIELD(job, attempt), FIELD(job, crashes), FIELD(job, kind), FIELD(job, trace),
	FIELD(job, payload), FIELD(job, ix), FIELD(job, slot), FIELD(job, lease),
	FIELD(job, last), FIELD(job, place), FIELD(job, width));

/* The levels that this worker has met; most queues have one. */
static size_t places_of(const struct claim *c)
{
	size_t n = QUEUE_PLACES;

	while (n > QUEUE_SLOTS && !c->after[n - 1])
		n--;
	return n;
}

enum err lease_claim(struct op *op, const struct claim *c, struct batch *out)
{
	struct ints after = { c->after, places_of(c) };
	struct rows rows;
	const struct job *first;

	*out = (struct batch){ 0 };
	TRY(db_rows(op, "job_claim", &job_shape, &rows, V(c->queue), V(c->owner),
		V(c->most), V(c->lease_s), V(after), V(c->sweep), V(c->done_slot),
		V(c->done_lease)));
	if (!rows.n)
		return OK;
	first = rows.items;
	*out = (struct batch){
		.jobs = rows.items,
		.n = rows.n,
		.slot = first->slot,
		.lease = first->lease,
		.last = first->last,
		.place = first->place,
		.acked = op_alloc(op, (size_t)first->width + 1),
	};
	memset(out->acked, '0', (size_t)first->width);
	return OK;
}

enum err lease_renew(
	struct op *op, const struct batch *b, const char *owner, int64_t lease_s)
{
	return db_do(op, "job_renew", V(b->slot), V(b->lease), V(owner), V(b->acked),
		V(lease_s));
}

enum err lease_done(struct op *op, int64_t slot, int64_t lease, const char *owner)
{
	return db_do(op, "job_done", V(slot), V(lease), V(owner));
}

enum err lease_give_back(struct op *op, const struct batch *b, const char *owner)
{
	return db_do(
		op, "job_give_back", V(b->slot), V(b->lease), V(owner), V(b->acked));
}

enum err lease_recover(struct op *op, const char *owner, int64_t done)
{
	return db_do(op, "job_recover", V(owner), V(done));
}

struct failed {
	const char *state;
};
static const struct shape failed_shape = SHAPE(failed, FIELD(failed, state));

enum err lease_fail(struct op *op, const struct batch *b, const char *owner,
	const struct job *job, double retry_s, const struct fault *fault, bool *dead)
{
	struct failed f;

	TRY(db_one(op, "job_fail", &failed_shape, &f, V(b->slot), V(b->lease), V(owner),
		V(job->ix), V(retry_s), V(fault->put_off_s <= 0), V(fault->rule),
		V(fault->text)));
	*dead = !strcmp(f.state, "dead");
	return OK;
}

static const struct shape rescued_shape = SHAPE(
	rescued, FIELD(rescued, leases), FIELD(rescued, jobs), FIELD(rescued, dead));

enum err lease_rescue(struct op *op, struct rescued *out)
{
	return db_one_values(op, "job_rescue", &rescued_shape, out, NULL, 0);
}
