/* What any worker does for all, about once a second; the database lets one at a time.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/metric.h"
#include "domain/job.h"
#include "domain/queue.h"
#include "shop-worker/worker.h"

#include <string.h>
#include <unistd.h>

enum { SECOND = 1000000, SHARE_S = 15 }; /* as api.queue_shares() has it */

METRIC_COUNTER(rescued_jobs, "shop_jobs_rescued_total", "Jobs taken from lost workers.")
METRIC_COUNTER(
	killers, "shop_jobs_crashed_dead_total", "Jobs dead after their crashes.")
METRIC_COUNTER(promoted_jobs, "shop_jobs_promoted_total", "Jobs whose time had come.")

/*
 * From where the last call ended, so that dead index entries are not walked again;
 * from the beginning every ten seconds, for what was committed late.
 */
static enum err promote(struct worker *w, struct op *op)
{
	static struct stamp last;
	static int64_t full_at;
	struct stamp from = last, until;
	int64_t n = 0;

	(void)w;
	if (clock_ticks() > full_at) {
		from = (struct stamp){ 0 };
		full_at = clock_ticks() + 10 * SECOND;
	}
	if (from.us)
		from.us -= SECOND;
	TRY(job_promote(op, &from, &n));
	until = from;
	if (until.us > last.us)
		last = until;
	series_add(metric_at(&promoted_jobs, ""), n);
	return job_schedule(op);
}

static enum err rescue(struct worker *w, struct op *op)
{
	struct rescued r;

	(void)w;
	TRY(lease_rescue(op, &r));
	series_add(metric_at(&rescued_jobs, ""), r.jobs);
	series_add(metric_at(&killers, ""), r.dead);
	if (r.leases)
		log_event(op, LOG_WARNING, "leases_rescued",
			"%lld leases ran out; %lld jobs to the quarantine, %lld dead",
			(long long)r.leases, (long long)(r.jobs - r.dead),
			(long long)r.dead);
	return OK;
}

static enum err rotate(struct worker *w, struct op *op)
{
	size_t i;

	for (i = 0; i < w->count; i++) {
		if (i == 0 || strcmp(w->runners[i].queue, w->runners[i - 1].queue) != 0)
			TRY(queue_rotate(op, w->runners[i].queue, false));
	}
	return OK;
}

/* A part of a rate is ours for so long, counted from before we asked for it. */
static enum err learn_rates(struct worker *w, struct op *op)
{
	int64_t until = clock_ticks() + SHARE_S * SECOND;
	struct rows rows;
	size_t i, j;

	TRY(queue_shares(op, w->owner, &rows));
	for (i = 0; i < w->count; i++) {
		struct runner *r = &w->runners[i];
		int64_t has = 0;

		for (j = 0; j < rows.n; j++) {
			const struct queue_share *s = rows.items;

			if (strcmp(s[j].name, r->queue) != 0)
				continue;
			r->rate = s[j].rate;
			has = until;
		}
		r->rate_until = has;
	}
	return OK;
}

enum err worker_lives(struct worker *w, struct op *op)
{
	struct worker_row row = { .owner = w->owner,
		.host = w->host,
		.pid = getpid(),
		.done = w->done,
		.failed = w->failed,
		.fenced = w->fenced };
	const char **names = op_alloc(op, (w->count + 1) * sizeof *names);
	bool quiet = false;
	size_t i;

	for (i = 0; i < w->count; i++)
		names[i] = w->runners[i].queue;
	row.queues = (struct texts){ names, w->count };
	TRY(worker_beat(op, &row, &quiet));
	w->quiet = quiet;
	TRY(learn_rates(w, op));
	if (w->options->metrics_file)
		TRY(metric_write(op, w->options->metrics_file));
	return OK;
}

static const struct {
	const char *event;
	int64_t every_us;
	enum err (*run)(struct worker *w, struct op *op);
} duties[] = {
	{ "beat_failed", 5 * SECOND, worker_lives },
	{ "promote_failed", SECOND / 4, promote },
	{ "rescue_failed", SECOND, rescue },
	{ "rotate_failed", SECOND, rotate },
};

void tick(struct worker *w, struct op *op)
{
	static int64_t due[sizeof duties / sizeof *duties];
	size_t i;

	for (i = 0; i < sizeof duties / sizeof *duties; i++) {
		if (clock_ticks() < due[i])
			continue;
		due[i] = clock_ticks() + duties[i].every_us / 2 +
			 jitter(duties[i].every_us);
		if (duties[i].run(w, op) != OK) {
			log_fault(op, duties[i].event);
			fault_clear(op);
			due[i] = clock_ticks() + SECOND;
		}
	}
}
