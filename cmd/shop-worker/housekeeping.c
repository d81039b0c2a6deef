/* housekeeping.NOUN_verb: keep tables small and the audit log sealed. */
#include "base/log.h"
#include "domain/audit.h"
#include "domain/housekeeping.h"
#include "shop-worker/kind.h"

#include <inttypes.h>

/* The task goes step by step; half the lease is left for the step under way. */
static enum err run(struct op *op, const struct job *job)
{
	struct stamp until = job->deadline;
	int64_t rows;

	if (until.us)
		until.us -= 30 * 1000000;
	TRY(housekeeping_run(op, job->kind, until, &rows));
	if (rows)
		log_event(op, LOG_INFO, "housekeeping_ran", "%s: %" PRId64 " rows",
			job->kind, rows);
	return OK;
}

/* The root goes to the journal too: there, nobody of the database can make it anew. */
static enum err seal(struct op *op, const struct job *job)
{
	struct audit_anchor a;

	TRY(run(op, job));
	if (audit_anchor(op, &a) != OK) {
		fault_clear(op); /* nothing was sealed yet */
		return OK;
	}
	log_event(op, LOG_INFO, "audit_sealed", "seal %" PRId64 ":%s", a.seal, a.root);
	return OK;
}

#define TASK(task, how)                                                                \
	const struct job_kind housekeeping_##task = {                                  \
		.kind = "housekeeping." #task, .lease_s = 60, .tries = 5, .run = how   \
	};

TASK(audit_seal, seal)
TASK(cart_purge, run)
TASK(event_keep, run)
TASK(import_stage_purge, run)
TASK(import_undo_purge, run)
TASK(inbox_purge, run)
TASK(inventory_purge, run)
TASK(job_history, run)
TASK(message_purge, run)
TASK(schedule_purge, run)
TASK(tracking_purge, run)
TASK(webhook_purge, run)
TASK(worker_purge, run)
