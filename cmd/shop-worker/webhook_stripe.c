/* webhook.stripe: look into what an event of the provider is about. */
#include "domain/webhook.h"
#include "shop-worker/kind.h"
#include "shop-worker/provider_step.h"
#include "shop-worker/webhook_run.h"

#include <string.h>

static enum err conclude(struct op *op, const struct webhook_event *w,
	const char *verdict, const char *note)
{
	struct webhook_result r = { .verdict = verdict, .note = note };

	return webhook_record(op, w->id, &r);
}

/*
 * The event is a hint, it may be old, repeated or out of order: what counts is
 * what the provider says of the object now, in the version that we read.
 */
static enum err look(struct op *op, const struct webhook_event *w,
	const struct provider *p, const struct provider_event *e)
{
	struct provider_call call = { .action = e->action, .ref = e->ref };
	struct provider_answer got;
	struct webhook_result r;
	struct gate gate;

	TRY(gate_pass(op, p, &gate));
	provider_ask(op, &gate, &call, &got);
	r = (struct webhook_result){ got.verdict, got.error,
		op_strndup(op, e->action, strcspn(e->action, ".")), { got.facts } };
	if (strcmp(got.verdict, "refused") == 0 || strcmp(got.verdict, "broken") == 0)
		r.verdict = "dead";
	return webhook_record(op, w->id, &r);
}

enum err webhook_run(struct op *op, const struct job *job)
{
	struct webhook_event w = { 0 };
	struct provider_event e;
	const struct provider *p;

	TRY(webhook_load(op, job->subject, &w));
	if (strcmp(w.state, "received") != 0 && strcmp(w.state, "parked") != 0)
		return OK;
	TRY(provider_find(op, w.provider, &p));
	if (w.livemode != p->livemode(op->config))
		return conclude(op, &w, "ignored", "of the other mode, live or test");
	e = (struct provider_event){ w.type, w.object_id, w.body, NULL, NULL, NULL };
	if (p->event(op, &e) != OK) {
		const char *why = op_strdup(op, op->fault.text);

		fault_clear(op);
		return conclude(op, &w, "dead", why);
	}
	if (!*e.action)
		return conclude(op, &w, "ignored", e.why);
	return look(op, &w, p, &e);
}

const struct job_kind webhook_stripe = { .kind = "webhook.stripe",
	.lease_s = 60,
	.tries = 20,
	.asks = true,
	.run = webhook_run };
