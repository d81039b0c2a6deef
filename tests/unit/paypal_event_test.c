/* PayPal's events: each is looked into, or ignored by its name. */
#include "adapters/paypal.h"

#include "test.h"

static const char *asks(struct op *op, const char *type, const char *resource)
{
	struct provider_event e = { .type = type,
		.object_id = "3C679366HH908993F",
		.body = op_printf(op, "{\"resource\":%s}", resource) };

	if (paypal_event(op, &e) != OK) {
		fault_clear(op);
		return "unreadable";
	}
	return *e.action ? op_printf(op, "%s %s", e.action, e.ref) : "";
}

TEST_NO_DB(an_event_says_what_to_look_at_or_is_none_of_our_business)
{
	static const char by_ids[] = "{\"supplementary_data\":{\"related_ids\":"
				     "{\"order_id\":\"5O190127TN364715T\"}}}";
	static const char by_link[] = "{\"links\":[{\"rel\":\"up\",\"href\":"
				      "\"https://api-m.paypal.com/v2/checkout/orders/"
				      "5O190127TN364715T\"}]}";
	static const char order[] = "payment.get 5O190127TN364715T";

	SAME("payment.get 3C679366HH908993F",
		asks(op, "CHECKOUT.ORDER.APPROVED", "{}"));
	SAME(order, asks(op, "PAYMENT.CAPTURE.COMPLETED", by_ids));
	SAME(order, asks(op, "PAYMENT.CAPTURE.PENDING", by_link));
	SAME(order, asks(op, "PAYMENT.AUTHORIZATION.VOIDED", by_ids));
	SAME("payment.of_capture 3C679366HH908993F",
		asks(op, "PAYMENT.CAPTURE.DENIED", "{}"));
	SAME("payment.of_authorization 3C679366HH908993F",
		asks(op, "PAYMENT.AUTHORIZATION.CREATED",
			"{\"links\":[{\"rel\":\"up\",\"href\":\"/v2/checkout/orders/"
			"../x\"}]}"));
	SAME("refund.get 3C679366HH908993F",
		asks(op, "PAYMENT.CAPTURE.REFUNDED", by_link));
	SAME("refund.get 3C679366HH908993F",
		asks(op, "PAYMENT.CAPTURE.REVERSED", by_link));
	SAME("refund.get 3C679366HH908993F",
		asks(op, "PAYMENT.REFUND.FAILED", by_link));
}

/* Every name that PayPal publishes, and one that it does not. */
TEST_NO_DB(every_event_is_looked_into_or_ignored_by_name)
{
	static const char *const looked_into[] = { "CHECKOUT.ORDER.APPROVED",
		"CHECKOUT.ORDER.COMPLETED", "CHECKOUT.ORDER.DECLINED",
		"CHECKOUT.ORDER.PROCESSED", "CHECKOUT.ORDER.SAVED",
		"CHECKOUT.ORDER.VOIDED", "CUSTOMER.DISPUTE.CREATED",
		"CUSTOMER.DISPUTE.RESOLVED", "CUSTOMER.DISPUTE.UPDATED",
		"PAYMENT.AUTHORIZATION.CREATED", "PAYMENT.AUTHORIZATION.VOIDED",
		"PAYMENT.CAPTURE.COMPLETED", "PAYMENT.CAPTURE.DECLINED",
		"PAYMENT.CAPTURE.DENIED", "PAYMENT.CAPTURE.PENDING",
		"PAYMENT.CAPTURE.REFUNDED", "PAYMENT.CAPTURE.REVERSED",
		"PAYMENT.REFUND.FAILED", "PAYMENT.REFUND.PENDING",
		"RISK.DISPUTE.CREATED" };
	static const char *const ignored[] = { "BILLING.PLAN.CREATED",
		"BILLING.SUBSCRIPTION.PAYMENT.FAILED",
		"BILLING_AGREEMENTS.AGREEMENT.CREATED", "CATALOG.PRODUCT.CREATED",
		"CHECKOUT.CHECKOUT.BUYER-APPROVED",
		"CHECKOUT.PAYMENT-APPROVAL.REVERSED",
		"CUSTOMER.ACCOUNT-LIMITATION.ADDED",
		"CUSTOMER.MERCHANT-INTEGRATION.SELLER-CONSENT-GRANTED",
		"IDENTITY.AUTHORIZATION-CONSENT.REVOKED", "INVOICING.INVOICE.PAID",
		"MERCHANT.ONBOARDING.COMPLETED", "MERCHANT.PARTNER-CONSENT.REVOKED",
		"PAYMENT-NETWORKS.ALTERNATIVE-PAYMENT.COMPLETED",
		"PAYMENT.ORDER.CREATED", "PAYMENT.PAYOUTS-ITEM.SUCCEEDED",
		"PAYMENT.PAYOUTSBATCH.SUCCESS",
		"PAYMENT.REFERENCED-PAYOUT-ITEM.COMPLETED", "PAYMENT.SALE.COMPLETED",
		"VAULT.PAYMENT-TOKEN.CREATED", "SOMETHING.NEW" };
	size_t i;

	for (i = 0; i < sizeof looked_into / sizeof *looked_into; i++)
		CHECK(*asks(op, looked_into[i], "{}"));
	for (i = 0; i < sizeof ignored / sizeof *ignored; i++) {
		struct provider_event e = { .type = ignored[i], .body = "{}" };

		CHECK(paypal_event(op, &e) == OK);
		SAME("", e.action);
		CHECK(e.why && *e.why);
	}
}

TEST_NO_DB(a_dispute_is_asked_for_by_its_own_number)
{
	struct provider_event e = { .type = "CUSTOMER.DISPUTE.CREATED",
		.body = "{\"resource\":{\"dispute_id\":\"PP-D-4012\"}}" };

	CHECK(paypal_event(op, &e) == OK);
	SAME("dispute.get", e.action);
	SAME("PP-D-4012", e.ref);
	e.body = "{\"resource\":{\"dispute_id\":\"../PP-D-4012\"}}";
	CHECK(paypal_event(op, &e) == E_DATA);
	fault_clear(op);
}
