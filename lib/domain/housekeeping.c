/* The tasks of housekeeping: each is one api function, called until it finds no more.
 */
#include "domain/housekeeping.h"

#include "base/clock.h"
#include "base/config.h"
#include "base/failpoint.h"
#include "db/db.h"

#include <inttypes.h>
#include <string.h>

enum { FOR_EVER = -1 };

#define KEEPS(member) ((long)offsetof(struct config, retention.member))

/* most: rows of a transaction, which is then over within a fraction of a second. */
static const struct task {
	const char *name;
	int64_t most;
	long keep_days; /* which key of the configuration, or FOR_EVER */
} tasks[] = {
	{ "audit_seal", 5000, FOR_EVER },
	{ "cart_purge", 1000, FOR_EVER },
	{ "event_keep", 1, FOR_EVER },
	{ "import_stage_purge", 10, KEEPS(import_stage_days) },
	{ "import_undo_purge", 5000, KEEPS(import_undo_days) },
	{ "inbox_purge", 1000, KEEPS(inbox_days) },
	{ "inventory_purge", 1000, FOR_EVER },
	{ "job_history", 5000, FOR_EVER },
	{ "message_purge", 1000, KEEPS(webhook_out_days) },
	{ "schedule_purge", 5000, KEEPS(schedule_run_days) },
	{ "tracking_purge", 1000, KEEPS(tracking_raw_days) },
	{ "webhook_purge", 1000, KEEPS(webhook_body_days) },
	{ "worker_purge", 1000, KEEPS(worker_days) },
};

struct step {
	int64_t done;
};
static const struct shape step_shape = SHAPE(step, FIELD(step, done));

static const struct task *task_of(const char *kind)
{
	size_t i;

	for (i = 0; i < sizeof tasks / sizeof *tasks; i++) {
		if (!strncmp(kind, "housekeeping.", 13) &&
			!strcmp(kind + 13, tasks[i].name))
			return &tasks[i];
	}
	return NULL;
}

static int64_t days_of(const struct op *op, const struct task *t)
{
	return *(const int64_t *)((const char *)op->config + t->keep_days);
}

static enum err step(struct op *op, const struct task *t, int64_t *done)
{
	struct step s = { 0 };

	if (t->keep_days == FOR_EVER)
		TRY(db_one(op, t->name, &step_shape, &s, V(t->most)));
	else
		TRY(db_one(
			op, t->name, &step_shape, &s, V(days_of(op, t)), V(t->most)));
	*done = s.done;
	return OK;
}

enum err housekeeping_run(
	struct op *op, const char *kind, struct stamp until, int64_t *rows)
{
	const struct task *t = task_of(kind);
	int64_t done;

	*rows = 0;
	if (!t)
		return fail(op, E_BROKEN, "housekeeping_task_exists",
			"%s is no task of housekeeping", kind);
	do {
		TRY(step(op, t, &done));
		*rows += done;
		FAILPOINT(op, "housekeeping.stepped");
	} while (done >= t->most && (!until.us || clock_now().us < until.us));
	return db_do(op, "housekeeping_ran", V(t->name), V(*rows));
}

const char *housekeeping_keeps(struct op *op, const char *kind)
{
	const struct task *t = task_of(kind);
	int64_t days;

	if (!t || t->keep_days == FOR_EVER)
		return NULL;
	days = days_of(op, t);
	return op_printf(op, "%" PRId64 " day%s", days, days == 1 ? "" : "s");
}
