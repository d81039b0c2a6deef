/* shopctl job: what waits, runs, failed, ended; put one by hand; verbs for many. */
#include "domain/job.h"

#include "base/cli.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/out.h"
#include "domain/queue.h"
#include "shopctl/job_bulk.h"

#include <string.h>
#include <unistd.h>

struct list {
	const char *queue, *kind, *state;
	int64_t subject, limit;
};
static const struct shape list_args =
	SHAPE(list, FIELD(list, queue, "NAME", "only jobs of this queue"),
		FIELD(list, kind, "KIND", "only jobs of this kind"),
		FIELD(list, state, "STATE", "only jobs in this state", 0,
			"ready|quarantined|running|later|dead|done"),
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
	bool watch;
};
static const struct shape stats_args =
	SHAPE(stats, FIELD(stats, queue, "NAME", "only this queue"),
		FIELD(stats, watch, NULL,
			"again each second until ^C; one line of totals when not on a "
			"terminal"));

struct enqueue {
	const char *kind;
	struct texts subject;
	struct stamp run_at;
	struct json_text payload;
	int64_t priority;
	const char *queue;
};
static const struct shape enqueue_args = SHAPE(enqueue,
	FIELD(enqueue, kind, "KIND", "see: shop-worker list-kinds",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(enqueue, subject, "ID", "what it is about, each a job; repeatable"),
	FIELD(enqueue, run_at, "TIME", "not before then"),
	FIELD(enqueue, payload, "JSON", "what else its kind wants to know"),
	FIELD(enqueue, priority, "N", "-2 (before all others) .. 2 (after them)", 0,
		NULL, "0"),
	FIELD(enqueue, queue, "NAME", "another queue than that of its kind"));

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

/* All that waits in the queues, on one line. */
struct totals {
	struct stamp at;
	int64_t ready, running, later, retrying, dead;
	double oldest_s;
};
static const struct shape totals_shape = SHAPE(totals, FIELD(totals, at),
	FIELD(totals, ready), FIELD(totals, running), FIELD(totals, later),
	FIELD(totals, retrying), FIELD(totals, dead), FIELD(totals, oldest_s));

static struct totals totals_of(struct rows rows)
{
	struct totals t = { .at = clock_now() };

	for (size_t i = 0; i < rows.n; i++) {
		const struct queue *q = row_at(&queue_shape, rows, i);

		t.ready += q->ready;
		t.running += q->running;
		t.later += q->later;
		t.retrying += q->retrying;
		t.dead += q->dead;
		if (q->oldest_s > t.oldest_s)
			t.oldest_s = q->oldest_s;
	}
	return t;
}

static enum err refresh(struct op *op, const char *queue, bool screen)
{
	struct totals t;
	struct rows rows;

	TRY(queue_find(op, queue, &rows));
	if (screen) {
		TRY(out_text(op, "\033[H\033[2J"));
		TRY(out_rows(op, &queue_shape, rows));
	} else {
		t = totals_of(rows);
		TRY(out_row(op, &t));
	}
	return out_flush(op);
}

static enum err watch(struct op *op, const char *queue)
{
	bool screen = out_is_table(op) && isatty(STDOUT_FILENO);

	if (!screen)
		TRY(out_begin(op, &totals_shape));
	while (!cli_interrupted()) {
		TRY(refresh(op, queue, screen));
		clock_sleep_us(1000000);
	}
	return screen ? OK : out_end(op);
}

static enum err stats(struct op *op, const void *args)
{
	const struct stats *a = args;
	struct rows rows;

	if (a->watch)
		return watch(op, a->queue);
	TRY(queue_find(op, a->queue, &rows));
	return out_rows(op, &queue_shape, rows);
}

static enum err enqueue(struct op *op, const void *args)
{
	const struct enqueue *a = args;
	const struct job_order o = { .kind = a->kind,
		.subjects = a->subject,
		.run_at = a->run_at,
		.payload = a->payload,
		.priority = a->priority,
		.queue = a->queue };
	const struct json *json;

	if (a->payload.s)
		TRY(json_parse(op, a->payload.s, strlen(a->payload.s), &json));
	TRY(job_enqueue(op, &o));
	out_note(op, "%zu jobs of kind %s", a->subject.n ? a->subject.n : 1, a->kind);
	return OK;
}

const struct command job_commands[] = {
	{ "list", "list jobs that are not finished, newest first", &list_args, list, 0,
		"shopctl job list --queue payment --state running\n"
		"shopctl job list --subject 1024 --format json\n"
		"shopctl job list --state done --queue payment",
		"Finished jobs are there when their queue keeps them: shopctl queue "
		"history." },
	{ "show", "one job, with payload and trace", &one_args, show, 0,
		"shopctl job show 4711\n"
		"shopctl job show 4711 --format json" },
	{ "stats", "each queue: what is ready, running, later, dead", &stats_args,
		stats, 0,
		"shopctl job stats\n"
		"shopctl job stats --queue payment --format json",
		"ready is exact up to 100000 and stops counting there." },
	{ "enqueue", "put a job by hand", &enqueue_args, enqueue, CMD_MUTATES,
		"shopctl job enqueue noop.run --subject 1 --subject 2\n"
		"shopctl job enqueue noop.run --priority -1 --payload '{\"a\": 1}'\n"
		"shopctl job enqueue reservation.expire --subject 1024 --dry-run" },
	{ "retry", "run dead jobs again with all their tries, or later ones now",
		&job_retry_args, job_retry_run, CMD_MUTATES,
		"shopctl job retry 4711\n"
		"shopctl job retry --kind webhook.stripe --error answer_in_time "
		"--rate 50\n"
		"shopctl job retry --queue payment --state later --dry-run" },
	{ "cancel", "take jobs out that wait; they are never done", &job_cancel_args,
		job_cancel_run, CMD_MUTATES | CMD_REASON,
		"shopctl job cancel 4711 --reason 'put by mistake'\n"
		"shopctl job cancel --kind noop.run --older-than 2h --reason stale" },
	{ "reschedule", "let jobs that wait be due at another time",
		&job_reschedule_args, job_reschedule_run, CMD_MUTATES,
		"shopctl job reschedule 4711 --at 2026-12-01\n"
		"shopctl job reschedule --queue notification --at 2026-12-01T06:00:00Z "
		"--rate 100" },
	{ "move", "put jobs into another queue, or another place in the line",
		&job_move_args, job_move_run, CMD_MUTATES,
		"shopctl job move 4711 --to-priority -2\n"
		"shopctl job move --kind noop.run --to-queue housekeeping" },
	{ "purge", "forget dead or finished jobs", &job_purge_args, job_purge_run,
		CMD_MUTATES | CMD_REASON,
		"shopctl job purge --state dead --older-than 90d --reason old\n"
		"shopctl job purge --queue noop --state done --reason test --dry-run",
		"The history of a queue goes by itself: shopctl queue history." },
	{ 0 },
};
