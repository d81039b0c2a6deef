/* shopctl job retry, cancel, reschedule, move, purge: one verb for many jobs. */
#include "shopctl/job_bulk.h"

#include "base/cli.h"
#include "base/clock.h"
#include "base/out.h"
#include "domain/job.h"

#include <stdlib.h>

enum { PAGE = 1000, SECOND = 1000000 };

const struct shape job_retry_args = SHAPE(job_filter, JOB_FILTER("dead|later"));
const struct shape job_cancel_args =
	SHAPE(job_filter, JOB_FILTER("ready|quarantined|later"));
const struct shape job_reschedule_args = SHAPE(job_filter, JOB_FILTER("ready|later"),
	FIELD(job_filter, at, "TIME", "when they are due", FIELD_REQUIRED));
const struct shape job_move_args = SHAPE(job_filter, JOB_FILTER("ready|later|dead"),
	FIELD(job_filter, to_queue, "NAME", "the queue that they go to"),
	FIELD(job_filter, to_priority, "N",
		"-2 (before all others) .. 2 (after them)"));
const struct shape job_purge_args = SHAPE(job_filter, JOB_FILTER("dead|done"));

/* No filter at all is a slip of the hand more often than a wish. */
static enum err some_filter(struct op *op, const struct job_filter *f)
{
	if (f->jobs.n || f->queue || f->kind || f->state || f->error ||
		f->older_than.us || f->all)
		return OK;
	fail(op, E_USAGE, "filter_is_given", "nothing says which jobs");
	return fail_hint(op, "name jobs, or add --queue, --kind, --state, "
			     "--older-than or --error, or --all");
}

static enum err bulk_of(struct op *op, const char *verb, const struct job_filter *f,
	struct job_bulk *out)
{
	char *end = NULL;

	TRY(some_filter(op, f));
	*out = (struct job_bulk){ .verb = verb,
		.ids = f->jobs,
		.queue = f->queue,
		.kind = f->kind,
		.state = f->state,
		.error = f->error,
		.older = f->older_than,
		.at = f->at,
		.to_queue = f->to_queue,
		.set_priority = f->to_priority != NULL };
	if (f->to_priority)
		out->to_priority = strtoll(f->to_priority, &end, 10);
	if (end && (*end || end == f->to_priority))
		return fail(op, E_USAGE, "job_priority_is_a_level",
			"\"%s\" is no priority: -2 (first) to 2 (last)",
			f->to_priority);
	return OK;
}

/* The rest of the second in which a page began; a dry run keeps nobody waiting. */
static void keep_pace(struct op *op, int64_t rate, int64_t begun)
{
	int64_t left;

	while (rate > 0 && !op->dry_run && !cli_interrupted()) {
		left = begun + SECOND - clock_ticks();
		if (left <= 0)
			return;
		clock_sleep_us(left);
	}
}

static enum err pages(struct op *op, const struct job_bulk *b,
	const struct job_filter *f, int64_t *total)
{
	int64_t after = 0, begun, n;
	struct rows rows;

	for (*total = 0; !cli_interrupted(); *total += (int64_t)rows.n) {
		n = f->rate > 0 ? f->rate : PAGE;
		if (f->limit > 0 && n > f->limit - *total)
			n = f->limit - *total;
		if (n <= 0)
			return OK;
		begun = clock_ticks();
		TRY(job_bulk(op, b, after, n, &rows));
		if (!rows.n)
			return OK;
		for (size_t i = 0; i < rows.n; i++) {
			const struct job_hit *hit = row_at(&job_hit_shape, rows, i);

			TRY(out_row(op, hit));
			after = hit->id;
		}
		keep_pace(op, f->rate, begun);
	}
	return OK;
}

enum err job_bulk_run(
	struct op *op, const char *verb, const char *done, const struct job_filter *f)
{
	struct job_bulk b;
	int64_t total;

	TRY(bulk_of(op, verb, f, &b));
	TRY(out_begin(op, &job_hit_shape));
	TRY(pages(op, &b, f, &total));
	out_note(op, "%lld jobs %s", (long long)total, done);
	return out_end(op);
}

/* Of a filter only dead ones, unless it says later: most of those wait for a reason. */
enum err job_retry_run(struct op *op, const void *args)
{
	struct job_filter f = *(const struct job_filter *)args;

	if (!f.jobs.n && !f.state)
		f.state = "dead";
	return job_bulk_run(op, "retry", "run again", &f);
}

enum err job_cancel_run(struct op *op, const void *args)
{
	return job_bulk_run(op, "cancel", "canceled", args);
}

enum err job_reschedule_run(struct op *op, const void *args)
{
	return job_bulk_run(op, "reschedule", "rescheduled", args);
}

enum err job_move_run(struct op *op, const void *args)
{
	const struct job_filter *f = args;

	if (!f->to_queue && !f->to_priority)
		return fail(op, E_USAGE, "move_goes_somewhere",
			"neither --to-queue nor --to-priority is given");
	return job_bulk_run(op, "move", "moved", f);
}

enum err job_purge_run(struct op *op, const void *args)
{
	return job_bulk_run(op, "purge", "purged", args);
}
