/* payment.submit: have the provider make the payment of a new order. */
#include "shop-worker/kind.h"
#include "shop-worker/provider_step.h"

/*
 * Harmless to run twice: a payment that the provider knows, or that nobody
 * waits for any more, is left alone; one whose answer was lost is asked for
 * again with the same key and the same bytes.
 */
static enum err run(struct op *op, const struct job *job)
{
	struct payment_action a = { 0 };

	TRY(payment_load(op, job->subject, false, &a));
	return provider_step(op, job, &a);
}

const struct job_kind payment_submit = {
	.kind = "payment.submit", .lease_s = 60, .tries = 20, .asks = true, .run = run
};
