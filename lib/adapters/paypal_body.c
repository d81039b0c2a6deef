/* What goes to PayPal: JSON bodies, made once and stored before they are sent. */
#include "adapters/paypal.h"

#include "base/config.h"
#include "base/json.h"

#include <string.h>

/*
 * Like ISO 4217 but for two currencies that PayPal takes whole only.  A fraction
 * of those is sent as it is, and refused by PayPal: nothing is rounded away.
 * https://developer.paypal.com/api/rest/reference/currency-codes
 */
static const char *decimal(struct op *op, struct money m)
{
	bool whole = strcmp(m.currency, "HUF") == 0 || strcmp(m.currency, "TWD") == 0;

	return whole && m.minor % 100 == 0
		       ? op_printf(op, "%lld", (long long)(m.minor / 100))
		       : money_decimal(op, m);
}

static void put_amount(struct json_writer *w, struct money m)
{
	json_object(w, "amount");
	json_put(w, "currency_code", m.currency);
	json_put(w, "value", decimal(w->op, m));
	json_close(w);
}

static void put_some(struct json_writer *w, const char *name, const char *value)
{
	if (value && *value)
		json_put(w, name, value);
}

/*
 * By reference_id a webhook proves that the order is of a call of ours, and not of
 * another database that shares the account.  invoice_id is the order's own: PayPal
 * takes money for one invoice once (DUPLICATE_INVOICE_ID), whatever we do.
 */
static void purchase_unit(struct json_writer *w, const struct provider_call *call)
{
	json_array(w, "purchase_units");
	json_object(w, NULL);
	json_put(w, "reference_id", call->key);
	json_put_id(w, "custom_id", call->payment_id);
	json_put_id(w, "invoice_id", call->order_id);
	put_amount(w, call->amount);
	json_close(w);
	json_close(w);
}

static void create(struct json_writer *w, const struct provider_call *call)
{
	const struct paypal_config *c = &w->op->config->paypal;
	bool manual = call->capture && strcmp(call->capture, "manual") == 0;

	json_put(w, "intent", manual ? "AUTHORIZE" : "CAPTURE");
	purchase_unit(w, call);
	json_object(w, "payment_source");
	json_object(w, "paypal");
	json_object(w, "experience_context");
	put_some(w, "brand_name", c->brand_name);
	json_put(w, "shipping_preference", "NO_SHIPPING");
	json_put(w, "user_action", "PAY_NOW");
	put_some(w, "return_url", c->return_url);
	put_some(w, "cancel_url", c->cancel_url);
	json_close(w);
	json_close(w);
	json_close(w);
}

/* Of an order there is nothing to say, of an authorization how much. */
static void capture(struct json_writer *w, const struct provider_call *call)
{
	if (!call->capture || strcmp(call->capture, "manual") != 0)
		return;
	put_amount(w, call->amount);
	json_put_bool(w, "final_capture", call->final);
}

static void amount(struct json_writer *w, const struct provider_call *call)
{
	put_amount(w, call->amount);
}

/* The refund is PayPal's own to make; the reason is in our books. */
static void accept_claim(struct json_writer *w, const struct provider_call *call)
{
	(void)call;
	json_put(w, "note", "The claim is accepted.");
	json_put(w, "accept_claim_type", "REFUND");
}

static void nothing(struct json_writer *w, const struct provider_call *call)
{
	(void)w, (void)call;
}

static void refund(struct json_writer *w, const struct provider_call *call)
{
	put_amount(w, call->amount);
	json_put(w, "custom_id",
		op_printf(w->op, "%lld,%s", (long long)call->refund_id, call->key));
}

static const struct {
	const char *action;
	void (*fill)(struct json_writer *w, const struct provider_call *call);
} bodies[] = {
	{ "dispute.close", accept_claim },
	{ "payment.create", create },
	{ "payment.authorize", nothing },
	{ "payment.capture", capture },
	{ "payment.cancel", nothing },
	{ "payment.reauthorize", amount },
	{ "refund.create", refund },
};

const char *paypal_body(struct op *op, const struct provider_call *call)
{
	struct json_writer w = { .op = op };
	size_t i;

	if (strcmp(call->action, "dispute.update") == 0)
		return paypal_evidence(op, call);
	for (i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		if (strcmp(bodies[i].action, call->action) == 0) {
			json_object(&w, NULL);
			bodies[i].fill(&w, call);
			json_close(&w);
			return w.text;
		}
	}
	return NULL;
}
