/* shopctl schedule: what runs by the calendar, when it does next, and what was missed.
 */
#include "domain/schedule.h"

#include "base/cli.h"
#include "base/out.h"

struct one {
	const char *schedule;
};
#define NAME(tag, member)                                                              \
	FIELD(tag, member, "SCHEDULE", "its name", FIELD_OPERAND | FIELD_REQUIRED)
static const struct shape one_args = SHAPE(one, NAME(one, schedule));

static const struct shape next_args = SHAPE(due_query,
	FIELD(due_query, name, "SCHEDULE", "only this one", FIELD_OPERAND),
	FIELD(due_query, cron, "EXPRESSION",
		"try an expression instead: \"30 2 * * mon-fri\""),
	FIELD(due_query, tz, "ZONE", "in this time zone, with --cron"),
	FIELD(due_query, count, "N", "so many due times", 0, NULL, "10"));

struct missed {
	const char *schedule;
	struct stamp since;
};
static const struct shape missed_args = SHAPE(missed,
	FIELD(missed, schedule, "SCHEDULE", "only this one", FIELD_OPERAND),
	FIELD(missed, since, "TIME", "noticed since: 2d, 2026-11-20", 0, NULL, "7d"));

#define RHYTHM                                                                         \
	FIELD(schedule_wish, cron, "EXPRESSION",                                       \
		"by the calendar: minute hour day-of-month month day-of-week"),        \
		FIELD(schedule_wish, every, "TIME", "after a time: 90s, 10m, 2h, 1d"), \
		FIELD(schedule_wish, tz, "ZONE",                                       \
			"of the calendar, as Europe/Amsterdam; otherwise UTC"),        \
		FIELD(schedule_wish, catch_up, "HOW_MANY",                             \
			"due times that passed with no worker there: make up for "     \
			"none, "                                                       \
			"for one, or for all",                                         \
			0, "none|one|all"),                                            \
		FIELD(schedule_wish, subject, "ID", "what the job is about"),          \
		FIELD(schedule_wish, payload, "JSON", "what the job is told")

static const struct shape create_args = SHAPE(schedule_wish, NAME(schedule_wish, name),
	FIELD(schedule_wish, kind, "KIND",
		"the kind of job it puts: shop-worker list-kinds", FIELD_REQUIRED),
	RHYTHM);
static const struct shape edit_args = SHAPE(schedule_wish, NAME(schedule_wish, name),
	FIELD(schedule_wish, kind, "KIND", "the kind of job it puts"), RHYTHM);

static enum err list(struct op *op, const void *args)
{
	struct rows rows;

	(void)args;
	TRY(schedule_list(op, NULL, &rows));
	return out_rows(op, &schedule_shape, rows);
}

static enum err show_one(struct op *op, const char *name)
{
	struct schedule s;

	TRY(schedule_get(op, name, &s));
	return out_one(op, &schedule_full_shape, &s);
}

static enum err show(struct op *op, const void *args)
{
	const struct one *a = args;

	return show_one(op, a->schedule);
}

static enum err next(struct op *op, const void *args)
{
	const struct due_query *q = args;
	struct rows rows;

	if (q->count < 1 || q->count > 1000)
		return fail(op, E_USAGE, "count_is_bounded",
			"--count is a number from 1 to 1000");
	if (q->name && q->cron)
		return fail(op, E_USAGE, "schedule_has_one_rhythm",
			"a schedule has its own rhythm: --cron excludes SCHEDULE");
	TRY(schedule_next(op, q, &rows));
	return out_rows(op, &due_time_shape, rows);
}

static enum err missed(struct op *op, const void *args)
{
	const struct missed *a = args;
	struct rows rows;

	TRY(schedule_missed(op, a->schedule, a->since, &rows));
	return out_rows(op, &missed_time_shape, rows);
}

static enum err run(struct op *op, const void *args)
{
	const struct one *a = args;
	struct schedule_job job;

	TRY(schedule_run(op, a->schedule, &job));
	return out_one(op, &schedule_job_shape, &job);
}

static enum err pause_one(struct op *op, const void *args)
{
	const struct one *a = args;

	TRY(schedule_pause(op, a->schedule, true));
	return show_one(op, a->schedule);
}

static enum err resume(struct op *op, const void *args)
{
	const struct one *a = args;

	TRY(schedule_pause(op, a->schedule, false));
	return show_one(op, a->schedule);
}

static enum err create(struct op *op, const void *args)
{
	const struct schedule_wish *w = args;

	TRY(schedule_create(op, w));
	return show_one(op, w->name);
}

static enum err edit(struct op *op, const void *args)
{
	const struct schedule_wish *w = args;

	TRY(schedule_edit(op, w));
	return show_one(op, w->name);
}

static enum err delete_one(struct op *op, const void *args)
{
	const struct one *a = args;

	return schedule_delete(op, a->schedule);
}

#define CLOCKS                                                                         \
	"When clocks change, a time that does not exist runs at the first moment "     \
	"after, and one that happens twice runs the first time. With * or */N as the " \
	"hour it runs whenever the clock shows a time that fits, so each real hour "   \
	"has its run. A day must fit the day of the month or the day of the week; "    \
	"both, when one of them is a star."

const struct command schedule_commands[] = {
	{ "list", "schedules, when each runs next and what it keeps", NULL, list, 0,
		"shopctl schedule list\n"
		"shopctl schedule list --columns +kind,missed,total" },
	{ "show", "one schedule", &one_args, show, 0,
		"shopctl schedule show rollup.sales\n"
		"shopctl schedule show housekeeping.webhook_purge --format json" },
	{ "next", "the next due times, of one, of all, or of an expression", &next_args,
		next, 0,
		"shopctl schedule next reconcile.stripe --count 3\n"
		"shopctl schedule next --cron '30 2 * * sun' --tz Europe/Amsterdam",
		CLOCKS },
	{ "missed", "due times that had no run of their own", &missed_args, missed, 0,
		"shopctl schedule missed --since 2d\n"
		"shopctl schedule missed reconcile.stripe" },
	{ "run", "put its job now; the next due time stays", &one_args, run,
		CMD_MUTATES,
		"shopctl schedule run housekeeping.webhook_purge\n"
		"shopctl schedule run reconcile.stripe --dry-run" },
	{ "pause", "run it no more; what falls into the pause is not made up for",
		&one_args, pause_one, CMD_MUTATES | CMD_REASON,
		"shopctl schedule pause reconcile.stripe --reason 'new account'\n"
		"shopctl schedule pause rollup.sales --reason rebuild --dry-run" },
	{ "resume", "go on from the next due time", &one_args, resume, CMD_MUTATES,
		"shopctl schedule resume reconcile.stripe\n"
		"shopctl schedule resume rollup.sales --dry-run" },
	{ "create", "put a job by the calendar, or after a time", &create_args, create,
		CMD_MUTATES,
		"shopctl schedule create nightly --kind reconcile.stripe"
		" --cron '30 2 * * mon-fri' --tz Europe/Amsterdam\n"
		"shopctl schedule create often --kind webhook.gaps --every 10m"
		" --catch-up none",
		CLOCKS },
	{ "edit", "give a schedule another rhythm or job", &edit_args, edit,
		CMD_MUTATES,
		"shopctl schedule edit reconcile.stripe --cron '0 2 * * *'\n"
		"shopctl schedule edit webhook.gaps --every 30m --dry-run" },
	{ "delete", "forget a schedule; what it put stays", &one_args, delete_one,
		CMD_MUTATES | CMD_REASON,
		"shopctl schedule delete webhook.gaps --reason 'by a timer' --dry-run\n"
		"shopctl schedule delete rollup.sales --reason unused --dry-run" },
	{ 0 },
};
