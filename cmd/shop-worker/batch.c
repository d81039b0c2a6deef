/* A batch under its lease: run each job, settle it, hold on to the rest. */
#include "base/clock.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/span.h"
#include "db/db.h"
#include "shop-worker/flight.h"
#include "shop-worker/kind.h"
#include "shop-worker/worker.h"

enum { SECOND = 1000000, LONGEST_S = 3600, UNKNOWN_TRIES = 20 };

METRIC_COUNTER(given, "shop_jobs_given_back_total", "Jobs not begun before a stop.")

/* A kind that a newer program enqueues: somebody will know it after the upgrade. */
static enum err run_unknown(struct op *op, const struct job *job)
{
	fail(op, E_BUSY, "job_kind_is_known", "this worker knows no kind %s",
		job->kind);
	return fail_hint(op, "run a worker of the version that enqueued it");
}

static const struct job_kind unknown_kind = {
	.kind = "unknown", .tries = UNKNOWN_TRIES, .run = run_unknown
};

static bool lease_lost(const struct op *op)
{
	return op->fault.code == E_REFUSED && !strcmp(op->fault.rule, "lease_is_held");
}

static int64_t tries_of(const struct job_kind *kind)
{
	return kind->tries ? kind->tries : 10;
}

/*
 * Seconds until the next try, or -1 for none.  Full jitter over a doubling range
 * spreads what failed together; an hour at most, half a second at least.
 */
static double retry_s(const struct job_kind *kind, const struct job *job, enum err e)
{
	int64_t shift = job->attempt < 12 ? job->attempt : 12, most = 1LL << shift;

	if (err_job(e) == JOB_DEAD || job->attempt >= tries_of(kind))
		return -1;
	if (most > LONGEST_S)
		most = LONGEST_S;
	return 0.5 + (double)jitter(most * SECOND) / SECOND;
}

/* Mark the job settled; from here on nobody gives it back. */
static void ack(struct runner *r, struct batch *b, const struct job *job)
{
	pthread_mutex_lock(&r->lock);
	b->acked[job->ix - 1] = '1';
	pthread_mutex_unlock(&r->lock);
}

/* It could not begin, and that is nobody's failure: no try, no word in the log. */
static enum err put_off(struct runner *r, struct op *op, struct batch *b,
	const struct job *job, const struct fault *fault)
{
	int64_t spread = (int64_t)(fault->put_off_s * SECOND / 2) + SECOND;
	bool dead;

	TRY(lease_fail(op, b, r->claim.owner, job,
		fault->put_off_s + (double)jitter(spread) / SECOND, fault, &dead));
	ack(r, b, job);
	return OK;
}

/* The job failed: say so in the database; on that op, as the job's has its fault. */
static enum err settle_failure(struct runner *r, struct op *op, struct batch *b,
	const struct job *job, const struct job_kind *kind, struct op *failed,
	enum err e)
{
	double again = retry_s(kind, job, e);
	bool dead = false;
	size_t index;

	kind_find(job->kind, &index);
	failed->fault.code = e;
	if (failed->fault.put_off_s > 0) {
		series_add(kind_stats(index)->put_off, 1);
		return put_off(r, op, b, job, &failed->fault);
	}
	log_fault(failed, again < 0 ? "job_dead" : "job_failed");
	TRY(lease_fail(op, b, r->claim.owner, job, again, &failed->fault, &dead));
	ack(r, b, job);
	r->worker->failed++;
	series_add(dead ? kind_stats(index)->dead : kind_stats(index)->retried, 1);
	return OK;
}

static void open_job(struct op *to, const struct op *op, const struct job *job)
{
	op_open(to, op->config, job->kind);
	to->db = op->db;
	to->timeout_ms = op->timeout_ms;
	if (job->trace && *job->trace)
		to->trace = op_strdup(to, job->trace);
	to->job = job->id;
}

/* One job of a set-wise kind: its effect and its settlement in one transaction. */
static enum err run_as_set_of_one(struct runner *r, struct op *op,
	const struct batch *b, const struct job *job, const struct job_kind *kind)
{
	struct batch settled = *b; /* the batch itself says so after the commit */
	enum err e;

	settled.acked = op_strdup(op, b->acked);
	settled.acked[job->ix - 1] = '1';
	TRY(db_begin(op));
	e = kind->run_batch(op, job, 1);
	if (e == OK)
		e = lease_renew(op, &settled, r->claim.owner, r->claim.lease_s);
	return db_end(op, e);
}

static void note_time(struct runner *r, struct series *s, int64_t us, size_t n)
{
	int64_t one = us / (int64_t)n, share = r->in_flight > 1 ? r->in_flight : 1;

	r->average_us += (one / share - r->average_us) / 8;
	series_observe(s, one);
}

static enum err run_one(
	struct runner *r, struct op *op, struct batch *b, struct job *job)
{
	size_t index;
	const struct job_kind *kind = kind_find(job->kind, &index);
	struct kind_stats *stats = kind_stats(index);
	int64_t begun = clock_ticks();
	struct span span;
	struct op own;
	enum err e, settled = OK;

	kind = kind ? kind : &unknown_kind;
	job->deadline.us = clock_now().us + r->held_until - begun;
	r->alive_until = r->held_until + 30 * SECOND;
	open_job(&own, op, job);
	span_begin(&own, &span, SPAN_CONSUMER, NULL);
	e = kind->run ? kind->run(&own, job) : run_as_set_of_one(r, &own, b, job, kind);
	note_time(r, stats->seconds, clock_ticks() - begun, 1);
	if (lease_lost(&own)) {
		settled = fail(op, E_REFUSED, "lease_is_held", "%s", own.fault.text);
	} else if (err_job(e) == JOB_DONE) {
		ack(r, b, job);
		r->worker->done++;
		series_add(stats->done, 1);
	} else {
		settled = settle_failure(r, op, b, job, kind, &own, e);
	}
	span_end(&own, &span, job->kind, e != OK ? own.fault.rule : NULL,
		SPAN_TAGS({ "shop.attempt", NULL, job->attempt }));
	op_close(&own);
	return settled;
}

/* Between two jobs: at most once a second tell the database where we are. */
static enum err hold(struct runner *r, struct op *op, struct batch *b)
{
	int64_t now = clock_ticks();

	if (now - r->renewed_at < SECOND)
		return OK;
	TRY(lease_renew(op, b, r->claim.owner, r->claim.lease_s));
	r->renewed_at = now;
	r->held_until = now + r->claim.lease_s * SECOND;
	return OK;
}

static const struct job_kind *only_kind(const struct batch *b)
{
	const struct job_kind *kind;
	size_t i, index;

	for (i = 1; i < b->n; i++) {
		if (strcmp(b->jobs[i].kind, b->jobs[0].kind) != 0)
			return NULL;
	}
	kind = kind_find(b->jobs[0].kind, &index);
	return kind && kind->run_batch ? kind : NULL;
}

/*
 * All at once, effect and settlement in one commit.  When that fails nothing has
 * happened, and the jobs are run singly so that only the bad one suffers.
 */
static bool run_set(
	struct runner *r, struct op *op, struct batch *b, const struct job_kind *kind)
{
	int64_t begun = clock_ticks();
	struct kind_stats *stats;
	struct op own;
	size_t index = 0;
	enum err e;

	kind_find(kind->kind, &index);
	stats = kind_stats(index);
	open_job(&own, op, b->jobs);
	e = db_begin(&own);
	if (e == OK) {
		e = kind->run_batch(&own, b->jobs, b->n);
		if (e == OK)
			e = lease_done(&own, b->slot, b->lease, r->claim.owner);
		e = db_end(&own, e);
	}
	if (e == OK) {
		r->worker->done += (int64_t)b->n;
		series_add(stats->done, (int64_t)b->n);
		note_time(r, stats->seconds, clock_ticks() - begun, b->n);
	}
	op_close(&own);
	return e == OK;
}

static enum err run_job(
	struct runner *r, struct op *op, struct batch *b, struct job *job)
{
	FAILPOINT(op, "worker.before_run");
	TRY(run_one(r, op, b, job));
	FAILPOINT(op, "worker.after_run");
	return OK;
}

/*
 * One after the other; or, when they wait for somebody outside, some at once.  The
 * lease is held on to whenever one begins, so one that hangs does not keep it for ever.
 */
static enum err run_each(struct runner *r, struct op *op, struct batch *b, size_t *at)
{
	struct flight *f = r->flight;

	flight_plan(f, op, b, run_job);
	for (*at = 0; *at < b->n; ++*at) {
		TRY(flight_room(f, r->in_flight, &b->jobs[*at]));
		if (r->worker->stop != STOP_NOT)
			return OK;
		TRY(hold(r, op, b));
		TRY(f ? flight_start(f) : run_job(r, op, b, &b->jobs[*at]));
	}
	return OK;
}

static void expose(struct runner *r, struct batch *b)
{
	pthread_mutex_lock(&r->lock);
	r->batch = b;
	r->taken = false;
	pthread_mutex_unlock(&r->lock);
}

/* After this the batch is out of reach of STOP_NOW; true when that had it already. */
static bool withdraw(struct runner *r)
{
	bool taken;

	pthread_mutex_lock(&r->lock);
	r->batch = NULL;
	taken = r->taken;
	pthread_mutex_unlock(&r->lock);
	return taken;
}

/*
 * What was not run or not settled goes back.  When the database is away that can
 * wait until the lease runs out; then others take the jobs anyway.
 */
static enum err give_back(struct runner *r, struct op *op, struct batch *b)
{
	enum err e;

	for (;;) {
		fault_clear(op);
		e = lease_give_back(op, b, r->claim.owner);
		if ((e != E_AWAY && e != E_BUSY) || r->worker->stop == STOP_NOW ||
			clock_ticks() > r->held_until)
			break;
		runner_rest(r, SECOND / 10 + jitter(SECOND / 2));
	}
	if (lease_lost(op))
		fault_clear(op);
	return op->fault.code;
}

enum err batch_run(struct runner *r, struct op *op, struct batch *b, bool *whole)
{
	const struct job_kind *kind = only_kind(b);
	size_t at = 0;
	enum err e;

	if (r->worker->stop == STOP_NOT && kind && run_set(r, op, b, kind))
		return OK;
	expose(r, b);
	e = run_each(r, op, b, &at);
	e = flight_land(r->flight, e);
	if (withdraw(r))
		return OK;
	if (lease_lost(op)) {
		runner_fenced(r, op, b->lease);
		return OK;
	}
	*whole = e == OK && at == b->n;
	if (*whole)
		return OK;
	if (e != OK)
		log_fault(op, "settlement_failed");
	series_add(metric_at(&given, ""), (int64_t)(b->n - at));
	r->worker->given_back += (int64_t)(b->n - at);
	return give_back(r, op, b);
}
