/* shopctl job: what waits, runs, failed; put one by hand, run one again. */
#include "domain/job.h"

#include "base/cli.h"
#include "base/out.h"
#include "domain/queue.h"

struct list {
	const char *queue, *kind, *state;
	int64_t subject, limit;
};
static const struct shape list_args =
	SHAPE(list, FIELD(list, queue, "NAME", "only jobs of this queue"),
		FIELD(list, kind, "KIND", "only jobs of this kind"),
		FIELD(list, state, "STATE", "only jobs in this state", 0,
			"ready|quarantined|running|later|dead"),
		FIELD(list, subject, "ID",
			"only jobs about this order, payment, refund or event"),
		FIELD(list, limit, "N", "at most N, newest first", 0, NULL, "50"));

struct one {
	int64_t id;
};
static const struct shape one_args =
	SHAPE(one, FIELD(one, id, "JOB", "its id", FIELD_OPERAND | FIELD_REQUIRED));

struct stats {
	const char *queue;
};
static const struct shape stats_args =
	SHAPE(stats, FIELD(stats, queue, "NAME", "only this queue"));

struct enqueue {
	const char *kind;
	struct texts subject;
	struct stamp at;
};
static const struct shape enqueue_args = SHAPE(enqueue,
	FIELD(enqueue, kind, "KIND", "see: shop-worker list-kinds",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(enqueue, subject, "ID", "what it is about, each a job",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(enqueue, at, "TIME", "not before then"));

static enum err list(struct op *op, const void *args)
{
	const struct list *a = args;
	const struct job_query q = { .queue = a->queue,
		.kind = a->kind,
		.state = a->state,
		.subject = a->subject,
		.limit = a->limit };
	struct rows rows;

	TRY(job_find(op, &q, &rows));
	return out_rows(op, &job_row_shape, rows);
}

static enum err show(struct op *op, const void *args)
{
	const struct one *a = args;
	struct job_row job;

	TRY(job_show(op, a->id, &job));
	return out_one(op, &job_row_shape, &job);
}

static enum err retry(struct op *op, const void *args)
{
	const struct one *a = args;
	struct job_row job;

	TRY(job_retry(op, a->id, &job));
	return out_one(op, &job_row_shape, &job);
}

static enum err stats(struct op *op, const void *args)
{
	const struct stats *a = args;
	struct rows rows;

	TRY(queue_find(op, a->queue, &rows));
	return out_rows(op, &queue_shape, rows);
}

static enum err enqueue(struct op *op, const void *args)
{
	const struct enqueue *a = args;

	TRY(job_enqueue(op, a->kind, a->subject, a->at));
	out_note(op, "%zu jobs of kind %s", a->subject.n, a->kind);
	return OK;
}

const struct command job_commands[] = {
	{ "list", "list jobs that are not finished, newest first", &list_args, list, 0,
		"shopctl job list --queue payment --state running\n"
		"shopctl job list --subject 1024 --format json" },
	{ "show", "one job, with payload and trace", &one_args, show, 0,
		"shopctl job show 4711\n"
		"shopctl job show 4711 --format json" },
	{ "retry", "run a dead job again with all its tries, or a later one now",
		&one_args, retry, CMD_MUTATES,
		"shopctl job retry 4711\n"
		"shopctl job retry 4711 --dry-run" },
	{ "stats", "each queue: what is ready, running, later, dead", &stats_args,
		stats, 0,
		"shopctl job stats\n"
		"shopctl job stats --queue payment --format json",
		"ready is exact up to 100000 and stops counting there." },
	{ "enqueue", "put a job by hand", &enqueue_args, enqueue, CMD_MUTATES,
		"shopctl job enqueue noop.run 1 2 3\n"
		"shopctl job enqueue reservation.expire 1024 --dry-run" },
	{ 0 },
};
