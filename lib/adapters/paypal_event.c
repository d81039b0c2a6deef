/* What PayPal's events ask us to look at, by name. */
#include "adapters/paypal_read.h"

#include <string.h>

static const char another[] = "of a product of PayPal's that this shop does not use";

/*
 * The first prefix that fits decides; part: the object is no order, but leads to one.
 * All that PayPal knows are here, https://developer.paypal.com/api/rest/webhooks.
 */
static const struct {
	const char *prefix, *action;
	bool part;
	const char *why;
} events[] = {
	{ "BILLING.", "", false, another },
	{ "BILLING_AGREEMENTS.", "", false, another },
	{ "CATALOG.", "", false, another },
	{ "CHECKOUT.CHECKOUT.", "", false, another },
	{ "CHECKOUT.ORDER.", "payment.get", false, NULL },
	{ "CHECKOUT.PAYMENT-APPROVAL.", "", false,
		"nothing was captured; the order is looked at until its end" },
	{ "CUSTOMER.DISPUTE.", "dispute.get", false, NULL },
	{ "CUSTOMER.", "", false, another },
	{ "IDENTITY.", "", false, another },
	{ "INVOICING.", "", false, another },
	{ "MERCHANT.", "", false, another },
	{ "PAYMENT-NETWORKS.", "", false, another },
	{ "PAYMENT.AUTHORIZATION.", "payment.of_authorization", true, NULL },
	{ "PAYMENT.CAPTURE.REFUNDED", "refund.get", false, NULL },
	{ "PAYMENT.CAPTURE.REVERSED", "refund.get", false, NULL },
	{ "PAYMENT.CAPTURE.", "payment.of_capture", true, NULL },
	{ "PAYMENT.ORDER.", "", false, another },
	{ "PAYMENT.PAYOUTS", "", false, another },
	{ "PAYMENT.REFERENCED-PAYOUT-ITEM.", "", false, another },
	{ "PAYMENT.REFUND.", "refund.get", false, NULL },
	{ "PAYMENT.SALE.", "", false, another },
	{ "RISK.DISPUTE.", "dispute.get", false, NULL },
	{ "VAULT.", "", false, another },
	{ "", "", false, "an event that this version does not know" },
};

/* Where the event names its object, if not as its id: disputes have a name of their
 * own.
 */
static const char *object_of(const struct provider_event *e, const struct json *body)
{
	const char *id = e->object_id;

	if (!id)
		id = json_string(json_find(body, "/resource/dispute_id"));
	return paypal_is_ref(id) ? id : NULL;
}

enum err paypal_event(struct op *op, struct provider_event *e)
{
	const struct json *body;
	const char *order;
	size_t i = 0;

	while (strncmp(e->type, events[i].prefix, strlen(events[i].prefix)) != 0)
		i++;
	e->action = events[i].action;
	e->why = events[i].why;
	if (!*e->action)
		return OK;
	TRY(json_parse(op, e->body, strlen(e->body), &body));
	e->ref = object_of(e, body);
	if (!e->ref)
		return fail(op, E_DATA, "webhook_is_readable",
			"the event names no object that can be asked for");
	order = events[i].part ? paypal_order_of(op, json_get(body, "resource")) : NULL;
	if (order) {
		e->action = "payment.get";
		e->ref = order;
	}
	return OK;
}
