/* payment.sync: find out what became of a payment, and end one that nobody wants. */
#include "shop-worker/kind.h"
#include "shop-worker/provider_step.h"

/*
 * Each run asks one question.  As long as something about the payment is
 * undecided, concluding the question puts the job that asks the next one.
 */
static enum err run(struct op *op, const struct job *job)
{
	struct payment_action a = { 0 };

	TRY(payment_load(op, job->subject, true, &a));
	return provider_step(op, job, &a);
}

const struct job_kind payment_sync = {
	.kind = "payment.sync", .lease_s = 60, .tries = 20, .asks = true, .run = run
};
