/* reservation.expire: end an order that nobody paid for in time. */
#include "shop-worker/kind.h"
#include "shop-worker/provider_step.h"

/*
 * The provider is asked first, and the stock given back only when it said that
 * no money can come: an order that is paid this very moment keeps its stock.
 * Harmless to run twice, early or late.
 */
static enum err run(struct op *op, const struct job *job)
{
	struct payment_action a = { 0 };

	TRY(payment_expire(op, job->subject, &a));
	return provider_step(op, job, &a);
}

const struct job_kind reservation_expire = {
	.kind = "reservation.expire", .lease_s = 60, .tries = 20, .run = run
};
