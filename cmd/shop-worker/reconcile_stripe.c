/* reconcile.stripe: copy what moved the balance at the provider, and compare. */
#include "base/clock.h"
#include "base/log.h"
#include "domain/reconcile.h"
#include "shop-worker/kind.h"
#include "shop-worker/provider_step.h"
#include "shop-worker/reconcile_run.h"

#include <string.h>

/* The last page must be recorded within the lease. */
enum { PAGE_US = PROVIDER_CALL_MAX_MS * 1000 + 10000000 };

static enum err ask(
	struct op *op, const struct reconcile_step *step, struct reconcile_page *out)
{
	struct provider_call call = { .action = step->action,
		.ref = step->ref,
		.cursor = step->cursor,
		.since = step->since };
	const struct provider *p;
	struct provider_answer got;
	struct gate gate;

	TRY(provider_find(op, step->provider, &p));
	TRY(gate_pass(op, p, &gate));
	provider_ask(op, &gate, &call, &got);
	*out = (struct reconcile_page){ got.verdict, got.error, got.next,
		{ got.facts } };
	return OK;
}

/*
 * As many pages as the lease has time for; what is left is the next run's, which goes
 * on where this one stopped.
 */
static enum err read_and_compare(
	struct op *op, const struct job *job, const char *provider)
{
	struct stamp until = job->deadline;
	struct reconcile_range range = { 0 };
	struct rows found;
	int64_t id;
	bool done;

	if (until.us)
		until.us -= PAGE_US;
	TRY(stamp_parse(op, "30d", &range.since));
	TRY(reconcile_begin(op, provider, "api", &range, &id));
	TRY(reconcile_read(op, id, ask, until, &done));
	if (!done)
		return fail(op, E_BUSY, "lease_outlives_the_call",
			"there is more to read than one lease has time for");
	TRY(reconcile_finish(op, id, 0, &found));
	if (found.n)
		log_event(op, LOG_WARNING, "reconcile_differs",
			"%zu differences: shopctl incident list", found.n);
	return OK;
}

/*
 * The run under way is everybody's: who took this job over when its worker seemed lost,
 * or got the next one early, may have ended it, and then there is nothing left to do.
 */
enum err reconcile_run(struct op *op, const struct job *job, const char *provider)
{
	enum err e = read_and_compare(op, job, provider);

	if (e != E_NOT_FOUND || strcmp(op->fault.rule, "reconcile_run_exists") != 0)
		return e;
	fault_clear(op);
	return OK;
}

static enum err run(struct op *op, const struct job *job)
{
	return reconcile_run(op, job, "stripe");
}

const struct job_kind reconcile_stripe = {
	.kind = "reconcile.stripe", .lease_s = 300, .tries = 50, .run = run
};
