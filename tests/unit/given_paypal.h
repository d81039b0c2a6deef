/* The configuration that the tests of PayPal work with. */
#ifndef GIVEN_PAYPAL_H
#define GIVEN_PAYPAL_H

#include "base/config.h"
#include "base/op.h"

static struct config *config_of(struct op *op)
{
	struct config *c = op_alloc(op, sizeof *c);

	c->paypal = (struct paypal_config){ .base_url = "https://api-m.paypal.com",
		.brand_name = "Dogs",
		.return_url = "https://shop.example/back",
		.cancel_url = "",
		.webhook_id = "WH1",
		.cert_base_url = "http://127.0.0.1:8",
		.cert_ca_file = "",
		.webhook_tolerance_h = 73 };
	op->config = c;
	return c;
}

#endif
