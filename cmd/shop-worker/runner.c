/* The loop of one thread: claim, run, settle with the next claim, rest when idle. */
#include "base/clock.h"
#include "base/config.h"
#include "base/failpoint.h"
#include "base/id.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/world.h"
#include "db/db.h"
#include "shop-worker/flight.h"
#include "shop-worker/kind.h"
#include "shop-worker/worker.h"

enum { SECOND = 1000000, MOST_JOBS = 500, LAG_US = 100000, LAG_JOBS = 2000 };

METRIC_COUNTER(claims, "shop_job_claims_total", "Claims, by queue and whether empty.")
METRIC_COUNTER(claimed, "shop_jobs_claimed_total", "Jobs taken from a queue.")
METRIC_COUNTER(fenced, "shop_leases_lost_total", "Settlements refused: too late.")

int64_t jitter(int64_t n)
{
	uint64_t r;

	id_random(&r, sizeof r);
	return n > 0 ? (int64_t)(r % (uint64_t)n) : 0;
}

static const char *label(struct op *op, const struct runner *r)
{
	return op_printf(op, "queue=\"%s\"", r->queue);
}

void runner_rest(struct runner *r, int64_t us)
{
	struct worker *w = r->worker;
	struct timespec t;

	if (world) {
		world->sleep_us(us);
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &t);
	us += t.tv_nsec / 1000;
	t.tv_sec += us / SECOND;
	t.tv_nsec = us % SECOND * 1000;
	pthread_mutex_lock(&w->lock);
	if (w->stop == STOP_NOT)
		pthread_cond_timedwait(&w->wake, &w->lock, &t);
	pthread_mutex_unlock(&w->lock);
}

/*
 * Scan from what was seen a moment ago, not from the last: transactions that
 * drew lower numbers may commit a little later.  What is later still, a sweep finds.
 */
static void set_watermark(struct runner *r, const struct batch *b)
{
	int64_t now = clock_ticks(), low;
	int i;

	if (now - r->seen_at > LAG_US) {
		r->seen_at = now;
		memcpy(r->seen_before, r->seen, sizeof r->seen);
	}
	if (b->n && b->last > r->seen[b->place])
		r->seen[b->place] = b->last;
	for (i = 0; i < QUEUE_PLACES; i++) {
		if (!r->seen[i])
			continue;
		low = r->seen[i] - LAG_JOBS;
		r->claim.after[i] = low > r->seen_before[i] ? low : r->seen_before[i];
	}
}

/* One second of work, as far as one can tell. */
static int64_t batch_size(const struct runner *r)
{
	int64_t n = r->worker->options->batch;

	if (!n)
		n = SECOND / (r->average_us + 1);
	if (n < r->in_flight && !r->worker->options->batch)
		n = r->in_flight;
	return n < 1 ? 1 : n > MOST_JOBS && !r->worker->options->batch ? MOST_JOBS : n;
}

/* A sweep costs what its scan costs, so it never takes more than a twentieth. */
static void set_sweep(struct runner *r, const struct batch *b, int64_t begun)
{
	int64_t now = clock_ticks(), pause = 20 * (now - begun);

	if (!r->claim.sweep)
		return;
	r->idle = b->n == 0;
	if (b->n && b->jobs->crashes)
		r->sweep_at = now; /* the quarantine: perhaps there are more */
	else
		r->sweep_at = now + (pause > SECOND ? pause : SECOND);
}

void runner_fenced(struct runner *r, struct op *op, int64_t lease)
{
	fault_clear(op);
	log_event(op, LOG_WARNING, "lease_lost",
		"lease %lld of %s was not ours any more", (long long)lease, r->queue);
	series_add(metric_at(&fenced, label(op, r)), 1);
	r->worker->fenced++;
}

/* After a lost answer: finish what is done, give back what we never heard of. */
static enum err make_sure(struct runner *r, struct op *op)
{
	if (!r->unsure)
		return OK;
	TRY(lease_recover(op, r->claim.owner, r->claim.done_lease));
	r->claim.done_lease = 0;
	r->unsure = false;
	return OK;
}

static enum err ask(struct runner *r, struct op *op, struct batch *b)
{
	TRY(lease_claim(op, &r->claim, b));
	FAILPOINT(op, "worker.after_claim");
	return OK;
}

/* How many to ask for: as many as the queue's rate lets this thread begin. */
static int64_t allowed(struct runner *r)
{
	int64_t n = batch_size(r), until = r->rate_until, now = clock_ticks();
	double rate = r->rate;

	if (!until)
		return n;
	return rate > 0 && now < until ? bucket_take(&r->bucket, rate, now, n) : 0;
}

static enum err claim(struct runner *r, struct op *op, struct batch *b)
{
	int64_t begun = clock_ticks();
	enum err e;

	TRY(make_sure(r, op));
	if (!r->worker->begun_at)
		r->worker->begun_at = begun;
	r->claim.sweep = r->claim.most > 0 && begun >= r->sweep_at;
	e = ask(r, op, b);
	if (e == E_REFUSED && r->claim.done_lease) {
		runner_fenced(r, op, r->claim.done_lease);
		r->claim.done_lease = 0;
		e = ask(r, op, b);
	}
	r->unsure = e == E_AWAY;
	TRY(e);
	bucket_return(&r->bucket, r->claim.most - (int64_t)b->n);
	r->claim.done_lease = 0;
	r->held_until = begun + r->claim.lease_s * SECOND;
	r->renewed_at = begun;
	set_sweep(r, b, begun);
	set_watermark(r, b);
	series_add(metric_at(&claims, op_printf(op, "queue=\"%s\",empty=\"%d\"",
					      r->queue, b->n == 0)),
		1);
	series_add(metric_at(&claimed, label(op, r)), (int64_t)b->n);
	return OK;
}

/* Longer and longer while nothing comes, up to the configured most. */
static void idle(struct runner *r, const struct config *config)
{
	int64_t least = config->worker.poll_min_ms * 1000;
	int64_t most = config->worker.poll_max_ms * 1000;

	if (r->pause_us < least)
		r->pause_us = least;
	runner_rest(r, r->pause_us / 2 + jitter(r->pause_us));
	r->pause_us += r->pause_us / 2;
	if (r->pause_us > most)
		r->pause_us = most;
}

enum err runner_turn(struct runner *r, struct op *op)
{
	struct batch b;
	bool whole = false;

	r->claim.most = allowed(r);
	if (!r->claim.most && !r->claim.done_lease) {
		int64_t wait = bucket_wait_us(&r->bucket, r->rate);

		/* none to wait for: it has no part of the rate now */
		runner_rest(r, !wait ? SECOND / 4 : wait < SECOND ? wait : SECOND);
		return OK;
	}
	TRY(claim(r, op, &b));
	if (!b.n) {
		if (r->worker->options->once && !r->claim.sweep)
			r->sweep_at = 0;
		else
			idle(r, op->config);
		return OK;
	}
	r->idle = false;
	r->pause_us = 0;
	TRY(batch_run(r, op, &b, &whole));
	r->worker->done_at = clock_ticks();
	if (whole) {
		r->claim.done_slot = b.slot;
		r->claim.done_lease = b.lease;
	}
	return OK;
}

static int64_t in_flight(const struct config *config)
{
	int64_t n = config->worker.in_flight;

	return n < 1 ? 1 : n > FLIGHT_MAX ? FLIGHT_MAX : n;
}

static void begin(struct runner *r, struct op *op)
{
	op_open(op, r->worker->config, "shop-worker");
	op->db = r->db;
	op->timeout_ms = op->config->database.statement_timeout_ms;
	if (r->flight)
		r->in_flight = in_flight(op->config);
}

/* Finish the last lease now that no claim will. */
static void finish(struct runner *r)
{
	struct op op;

	if (!r->claim.done_lease)
		return;
	begin(r, &op);
	if (lease_done(&op, r->claim.done_slot, r->claim.done_lease, r->claim.owner) !=
		OK)
		log_fault(&op, "lease_lost");
	op_close(&op);
}

/* The database is away: wait a moment, not all of us the same one. */
static void recover(struct runner *r, struct op *op)
{
	log_fault(op, "claim_failed");
	runner_rest(r, SECOND / 10 + jitter(SECOND));
}

void *runner_main(void *arg)
{
	struct runner *r = arg;
	struct worker *w = r->worker;
	struct op op;
	enum err e;

	if (kind_asks(r->queue))
		r->flight = flight_open(r);
	while (w->stop == STOP_NOT) {
		r->alive_until = clock_ticks() + 30 * SECOND;
		if (w->quiet) {
			runner_rest(r, SECOND / 4);
			continue;
		}
		begin(r, &op);
		e = r->db ? runner_turn(r, &op) : db_open(&op);
		r->db = op.db;
		if (e != OK)
			recover(r, &op);
		op_close(&op);
	}
	finish(r);
	flight_close(r->flight);
	db_close(r->db);
	r->db = NULL;
	r->ended = true;
	return NULL;
}

void runner_take_away(struct runner *r, struct op *op)
{
	pthread_mutex_lock(&r->lock);
	if (r->batch && !r->taken) {
		r->taken = true;
		if (lease_give_back(op, r->batch, r->claim.owner) != OK)
			log_fault(op, "give_back_failed");
	}
	pthread_mutex_unlock(&r->lock);
}
