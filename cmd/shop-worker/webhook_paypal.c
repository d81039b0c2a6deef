/* webhook.paypal: look into what an event of PayPal is about. */
#include "shop-worker/kind.h"
#include "shop-worker/webhook_run.h"

const struct job_kind webhook_paypal = { .kind = "webhook.paypal",
	.lease_s = 60,
	.tries = 20,
	.asks = true,
	.run = webhook_run };
