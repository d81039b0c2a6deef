/* refund.submit: have the provider give money back, and see it through. */
#include "domain/refund.h"
#include "shop-worker/kind.h"
#include "shop-worker/provider_step.h"

/*
 * A refund whose answer was lost is asked for again with the same key while the
 * provider remembers keys, and only looked up after that: never paid twice.
 */
static enum err run(struct op *op, const struct job *job)
{
	struct payment_action a = { 0 };

	TRY(refund_load(op, job->subject, &a));
	return provider_step(op, job, &a);
}

const struct job_kind refund_submit = {
	.kind = "refund.submit", .lease_s = 60, .tries = 20, .asks = true, .run = run
};
