/* shipment.poll: ask the carrier of a parcel where it is, and put the next question. */
#include "adapters/carrier.h"
#include "base/config.h"
#include "base/failpoint.h"
#include "domain/tracking.h"
#include "shop-worker/kind.h"
#include "shop-worker/provider_gate.h"

enum { LATER_S = 60 };

/* It asks us to wait: no try is burnt. */
static enum err put_off(
	struct op *op, const struct carrier *c, const struct carrier_answer *a)
{
	fail(op, E_BUSY, "carrier_answers", "%s: %s", c->name, a->reason);
	op->fault.put_off_s = (double)(a->retry_after_s ? a->retry_after_s : LATER_S);
	return E_BUSY;
}

static enum err conclude(struct op *op, const struct job *job, const struct carrier *c,
	const struct gate *g, const struct carrier_answer *a)
{
	FAILPOINT(op, "carrier.after_response");
	if (a->away)
		return gate_put_off(op, g, job->attempt > 1, a->reason);
	if (a->later)
		return put_off(op, c, a);
	if (a->reason)
		return fail(
			op, E_AWAY, "carrier_answers", "%s: %s", c->name, a->reason);
	return tracking_record(op, job->subject, c->name, a->events);
}

/* A parcel whose carrier we do not speak to is followed by hand. */
static enum err run(struct op *op, const struct job *job)
{
	struct tracking_wish w;
	struct carrier_answer a;
	const struct carrier *c;
	const char *number;
	struct gate gate;
	enum err e;

	TRY(tracking_load(op, job->subject, &w));
	c = w.wanted ? carrier_find(op->config, w.carrier) : NULL;
	number = c ? carrier_number(op, w.tracking) : NULL;
	if (!number)
		return OK;
	TRY(gate_pass_named(op, c->name, op->config->carrier.timeout_ms, &gate));
	e = c->track(op, number, &a);
	if (e != OK) {
		gate_leave(op, &gate);
		return e;
	}
	gate_tell(op, &gate, a.away, a.reason);
	return conclude(op, job, c, &gate, &a);
}

const struct job_kind shipment_poll = {
	.kind = "shipment.poll", .lease_s = 120, .tries = 20, .asks = true, .run = run
};
