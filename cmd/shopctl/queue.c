/* shopctl queue: hold the work of a queue, limit it, wait for its end, keep its past.
 */
#include "domain/queue.h"

#include "base/cli.h"
#include "base/clock.h"
#include "base/out.h"

#include <stdlib.h>
#include <string.h>

struct one {
	const char *name;
};
static const struct shape one_args = SHAPE(
	one, FIELD(one, name, "QUEUE", "its name", FIELD_OPERAND | FIELD_REQUIRED));

struct limit {
	const char *name, *running, *rate;
};
static const struct shape limit_args = SHAPE(limit,
	FIELD(limit, name, "QUEUE", "its name", FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(limit, running, "N", "jobs at once, over all workers; none: any number"),
	FIELD(limit, rate, "N", "jobs begun a second, over all workers; none: any"));

struct history {
	const char *name;
	int64_t days;
	bool off;
};
static const struct shape history_args = SHAPE(history,
	FIELD(history, name, "QUEUE", "its name", FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(history, days, "N", "keep finished jobs so long"),
	FIELD(history, off, NULL, "keep them no longer"));

struct drain {
	const char *name;
	int64_t wait;
};
static const struct shape drain_args = SHAPE(drain,
	FIELD(drain, name, "QUEUE", "its name", FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(drain, wait, "SECONDS", "give up after this long", 0, NULL, "60"));

static enum err list(struct op *op, const void *args)
{
	struct rows rows;

	(void)args;
	TRY(queue_find(op, NULL, &rows));
	return out_rows(op, &queue_shape, rows);
}

static enum err show(struct op *op, const char *name)
{
	struct rows rows;

	TRY(queue_find(op, name, &rows));
	return out_one(op, &queue_shape, rows.items);
}

static enum err pause_one(struct op *op, const void *args)
{
	const struct one *a = args;

	TRY(queue_pause(op, a->name, op->reason));
	return show(op, a->name);
}

static enum err resume(struct op *op, const void *args)
{
	const struct one *a = args;

	TRY(queue_resume(op, a->name));
	return show(op, a->name);
}

/* A number, 0 for "none", -1 when it was not given. */
static enum err limit_of(
	struct op *op, const char *option, const char *text, double *out)
{
	char *end;

	*out = -1;
	if (!text)
		return OK;
	*out = strtod(text, &end);
	if (!strcmp(text, "none"))
		*out = 0;
	else if (end == text || *end || !(*out > 0 && *out <= 1e6))
		return fail(op, E_USAGE, "limit_is_a_number",
			"%s \"%s\" is neither a number above 0 nor none", option, text);
	return OK;
}

static enum err limit(struct op *op, const void *args)
{
	const struct limit *a = args;
	double running, rate;

	TRY(limit_of(op, "--running", a->running, &running));
	TRY(limit_of(op, "--rate", a->rate, &rate));
	if (running < 0 && rate < 0)
		return fail(op, E_USAGE, "limit_is_a_number",
			"neither --running nor --rate is given");
	if (running > 0 && running < 1)
		return fail(op, E_USAGE, "limit_is_a_number",
			"a queue runs whole jobs, one at least");
	TRY(queue_limit(op, a->name, (int64_t)running, rate));
	return show(op, a->name);
}

static enum err history(struct op *op, const void *args)
{
	const struct history *a = args;

	if (a->off ? a->days != 0 : a->days <= 0)
		return fail(op, E_USAGE, "history_is_days_or_off",
			"give --days N, 1 at least, or --off");
	TRY(queue_history(op, a->name, a->off ? 0 : a->days));
	return show(op, a->name);
}

/* What is ready or runs, or failed and comes again; not what is for another time. */
static enum err drain(struct op *op, const void *args)
{
	const struct drain *a = args;
	int64_t end = clock_ticks() + a->wait * 1000000;
	const struct queue *q;
	struct rows rows;

	for (;;) {
		TRY(queue_find(op, a->name, &rows));
		q = rows.items;
		if (!(q->ready + q->running + q->retrying))
			return out_one(op, &queue_shape, q);
		if (clock_ticks() >= end || cli_interrupted())
			break;
		clock_sleep_us(200000);
	}
	fail(op, E_BUSY, "queue_is_drained", "%lld jobs of queue %s are left",
		(long long)(q->ready + q->running + q->retrying), a->name);
	return fail_hint(op, q->workers ? "wait longer: --wait SECONDS"
					: "no worker is on it: shop-worker run");
}

const struct command queue_commands[] = {
	{ "list", "list queues with what is in them, and their limits", NULL, list, 0,
		"shopctl queue list\n"
		"shopctl queue list --columns name,ready,max_running,rate" },
	{ "pause", "claim nothing more from a queue; what runs, finishes", &one_args,
		pause_one, CMD_MUTATES | CMD_REASON,
		"shopctl queue pause notification --reason 'relay is down'\n"
		"shopctl queue pause payment --reason maintenance --dry-run" },
	{ "resume", "let a paused queue go on", &one_args, resume, CMD_MUTATES,
		"shopctl queue resume notification\n"
		"shopctl queue resume payment --dry-run" },
	{ "limit", "how many jobs run at once and begin a second, over all workers",
		&limit_args, limit, CMD_MUTATES,
		"shopctl queue limit notification --rate 20\n"
		"shopctl queue limit payment --running 8 --rate none --dry-run",
		"Claims respect --running at once. A rate is shared out to the threads "
		"of the workers alive, who ask for their part every few seconds." },
	{ "drain", "wait until nothing of a queue is left to do; 75 if it takes longer",
		&drain_args, drain, 0,
		"shopctl queue drain noop\n"
		"shopctl queue drain payment --wait 5",
		"Left is what is ready, runs, or failed and comes again; what was put "
		"for a later time is not. The queue is worked by the workers there "
		"are: shop-worker drain does the work itself." },
	{ "history", "keep the finished jobs of a queue for some days, or no longer",
		&history_args, history, CMD_MUTATES,
		"shopctl queue history payment --days 30\n"
		"shopctl queue history payment --off --dry-run",
		"A queue without a history writes nothing when a job is finished. What "
		"was kept goes when it is too old, or soon after --off." },
	{ 0 },
};
