/* reconcile.paypal: copy what moved the balance at PayPal, and compare. */
#include "base/config.h"
#include "shop-worker/kind.h"
#include "shop-worker/reconcile_run.h"

/* A shop that does not sell by PayPal has no books there. */
static enum err run(struct op *op, const struct job *job)
{
	const char *id = op->config->paypal.client_id;

	if (!id || !*id)
		return OK;
	return reconcile_run(op, job, "paypal");
}

const struct job_kind reconcile_paypal = {
	.kind = "reconcile.paypal", .lease_s = 300, .tries = 50, .run = run
};
