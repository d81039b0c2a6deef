/* dispute.sync: send what we answer to a dispute, and see what became of it. */
#include "base/failpoint.h"
#include "domain/dispute.h"
#include "shop-worker/kind.h"
#include "shop-worker/provider_step.h"

#include <string.h>

static enum err conclude(struct op *op, const struct job *job,
	const struct dispute_action *a, const struct provider_answer *got)
{
	struct payment_result r = { .verdict = got->verdict,
		.request_id = got->request_id,
		.error = got->error,
		.status = got->status,
		.retry_after_s = got->retry_after_s,
		.facts = { got->facts } };

	FAILPOINT(op, "op.after_response");
	return dispute_record(op, job->subject, a, &r);
}

static enum err run(struct op *op, const struct job *job)
{
	struct dispute_action a = { 0 };
	struct provider_call call;
	struct provider_answer got;
	const struct provider *p;
	struct gate gate;
	bool go;

	TRY(dispute_load(op, job->subject, &a));
	if (strcmp(a.action, "none") == 0)
		return OK;
	TRY(provider_find(op, a.provider, &p));
	call = (struct provider_call){ .action = a.action,
		.key = a.key,
		.ref = a.ref,
		.op_id = a.op_id,
		.order_id = a.order_id,
		.payment_id = a.payment_id,
		.evidence = a.evidence,
		.submit = a.submit };
	TRY(gate_pass(op, p, &gate));
	TRY(provider_mark(op, job, p, &call, &go));
	if (!go) { /* it ended meanwhile */
		gate_leave(op, &gate);
		return conclude(op, job, &a,
			&(struct provider_answer){ .verdict = "not_executed" });
	}
	provider_ask(op, &gate, &call, &got);
	return conclude(op, job, &a, &got);
}

const struct job_kind dispute_sync = {
	.kind = "dispute.sync", .lease_s = 60, .tries = 20, .asks = true, .run = run
};
