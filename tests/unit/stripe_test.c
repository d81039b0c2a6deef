/* Stripe: what we send, and what we make of its answers. */
#include "adapters/stripe.h"

#include "base/json.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TEST_NO_DB(every_answer_has_its_verdict)
{
	static const struct {
		int status;
		const char *type, *code, *should_retry, *verdict;
	} rows[] = {
		{ 200, NULL, NULL, NULL, "done" },
		{ 402, "card_error", "card_declined", NULL, "refused" },
		{ 400, "invalid_request_error", "payment_intent_unexpected_state", NULL,
			"refused" },
		{ 404, "invalid_request_error", "resource_missing", NULL, "refused" },
		{ 400, "idempotency_error", NULL, NULL, "broken" },
		{ 409, "idempotency_error", "idempotency_key_in_use", NULL,
			"not_executed" },
		{ 429, "invalid_request_error", "rate_limit", NULL, "not_executed" },
		{ 429, "invalid_request_error", "lock_timeout", NULL, "not_executed" },
		{ 401, "invalid_request_error", NULL, NULL, "not_executed" },
		{ 403, "invalid_request_error", NULL, NULL, "not_executed" },
		{ 500, "api_error", NULL, NULL, "indeterminate" },
		{ 500, "api_error", NULL, "false", "indeterminate" },
		{ 500, "api_error", NULL, "true", "unknown" },
		{ 502, NULL, NULL, NULL, "unknown" },
		{ 503, NULL, NULL, NULL, "unknown" },
		{ 504, NULL, NULL, NULL, "unknown" },
		{ 302, NULL, NULL, NULL, "unknown" },
		{ 400, NULL, NULL, NULL, "unknown" }, /* not Stripe's words: a proxy */
		{ 404, NULL, NULL, NULL, "unknown" },
		{ 418, "x", NULL, NULL, "unknown" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		SAME(rows[i].verdict, stripe_verdict(rows[i].status, rows[i].type,
					      rows[i].code, rows[i].should_retry));
}

TEST_NO_DB(bodies_are_forms_with_our_numbers_in_them)
{
	struct provider_call c = { .action = "payment.create",
		.key = "payment.create-7-0-1",
		.op_id = 9,
		.order_id = 7,
		.payment_id = 7,
		.amount = { 1099, "EUR" } };

	op->trace = "4bf92f35";
	SAME("amount=1099&currency=eur&automatic_payment_methods[enabled]=true"
	     "&metadata[order_id]=7&metadata[payment_id]=7&metadata[op_id]=9"
	     "&metadata[op_key]=payment.create-7-0-1&metadata[trace]=4bf92f35"
	     "&expand[0]=latest_charge.balance_transaction",
		stripe_body(op, &c));
	c.method = "pm_1&amount=1";
	CHECK(strstr(stripe_body(op, &c), "payment_method=pm_1%26amount%3D1&") != NULL);
	CHECK(strstr(stripe_body(op, &c), "confirm=true&off_session=true") != NULL);
	c.amount = (struct money){ 5, "ISK" };
	CHECK(strstr(stripe_body(op, &c), "amount=500&currency=isk") != NULL);
	c = (struct provider_call){ .action = "refund.create",
		.ref = "pi_1",
		.order_id = 7,
		.payment_id = 7,
		.refund_id = 3,
		.op_id = 4,
		.key = "k",
		.amount = { 30, "EUR" } };
	SAME("payment_intent=pi_1&amount=30&metadata[order_id]=7&metadata[payment_id]=7"
	     "&metadata[refund_id]=3&metadata[op_id]=4&metadata[op_key]=k"
	     "&metadata[trace]=4bf92f35",
		stripe_body(op, &c));
	c.action = "payment.get";
	SAME((char *)NULL, stripe_body(op, &c));
}

static bool read_payment(struct op *op, const char *text, struct provider_payment *out)
{
	const struct json *object;

	CHECK(json_parse(op, text, strlen(text), &object) == OK);
	return stripe_payment(op, object, out);
}

#define PI(more)                                                                       \
	"{\"object\":\"payment_intent\",\"id\":\"pi_1\",\"amount\":1099,"              \
	"\"currency\":\"eur\"" more "}"

TEST_NO_DB(an_intent_becomes_facts_in_our_words)
{
	struct provider_payment p;

	CHECK(read_payment(op,
		PI(",\"status\":\"succeeded\",\"amount_received\":1099,"
		   "\"latest_charge\":{\"id\":\"ch_1\",\"balance_transaction\":"
		   "{\"id\":\"txn_1\",\"fee\":62,\"currency\":\"usd\"}},"
		   "\"metadata\":{\"payment_id\":\"7\",\"op_key\":\"k\"}"),
		&p));
	SAME("captured", p.status);
	SAME(1099, p.captured);
	SAME("EUR", p.currency);
	SAME("ch_1", p.charge);
	SAME("txn_1", p.fee_ref);
	SAME(62, p.fee);
	SAME("USD", p.fee_currency);
	SAME(7, p.payment_id);
	CHECK(read_payment(op,
		PI(",\"status\":\"requires_payment_method\","
		   "\"latest_charge\":\"ch_2\",\"last_payment_error\":"
		   "{\"code\":\"card_declined\",\"charge\":\"ch_2\"}"),
		&p));
	SAME("open", p.status);
	SAME("card_declined", p.error);
	SAME("ch_2", p.decline);
	SAME("ch_2", p.charge);
	CHECK(read_payment(op, PI(",\"status\":\"a_new_one\""), &p));
	SAME("unknown", p.status);
}

TEST_NO_DB(what_is_no_intent_is_not_believed)
{
	static const char *const bad[] = { "{}", "[]", "null", "7", "\"pi_1\"",
		"{\"object\":\"charge\",\"id\":\"pi_1\",\"amount\":1,\"currency\":"
		"\"eur\"}",
		"{\"object\":\"payment_intent\",\"id\":7,\"amount\":1,\"currency\":"
		"\"eur\"}",
		"{\"object\":\"payment_intent\",\"id\":\"../"
		"x\",\"amount\":1,\"currency\":\"eur\"}",
		"{\"object\":\"payment_intent\",\"id\":\"pi_1\",\"amount\":-1,"
		"\"currency\":\"eur\"}",
		"{\"object\":\"payment_intent\",\"id\":\"pi_1\",\"amount\":1.5,"
		"\"currency\":\"eur\"}",
		"{\"object\":\"payment_intent\",\"id\":\"pi_1\",\"amount\":\"1\","
		"\"currency\":\"eur\"}",
		"{\"object\":\"payment_intent\",\"id\":\"pi_1\",\"amount\":1,"
		"\"currency\":\"euro\"}",
		"{\"object\":\"payment_intent\",\"id\":\"pi_1\",\"amount\":1}",
		PI(",\"status\":\"succeeded\"") };
	struct provider_payment p;
	struct provider_refund r;
	const struct json *object;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		CHECK(!read_payment(op, bad[i], &p));
		CHECK(json_parse(op, bad[i], strlen(bad[i]), &object) == OK);
		CHECK(!stripe_refund(op, object, &r));
	}
}

TEST_NO_DB(an_event_says_what_to_ask_for)
{
	static const struct {
		const char *type, *object, *body, *action, *ref;
	} rows[] = {
		{ "payment_intent.succeeded", "pi_1", "{}", "payment.get", "pi_1" },
		{ "charge.refund.updated", "re_1", "{}", "refund.get", "re_1" },
		{ "refund.failed", "re_1", "{}", "refund.get", "re_1" },
		{ "charge.updated", "ch_1",
			"{\"data\":{\"object\":{\"payment_intent\":\"pi_2\"}}}",
			"payment.get", "pi_2" },
		{ "charge.updated", "ch_1", "{\"data\":{\"object\":{}}}", "", NULL },
		{ "charge.dispute.created", "dp_1", "{}", "dispute.get", "dp_1" },
		{ "customer.created", "cus_1", "{}", "", "cus_1" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct provider_event e = { rows[i].type, rows[i].object, rows[i].body,
			NULL, NULL, NULL };

		CHECK(stripe_event(op, &e) == OK);
		CHECK(*e.action || e.why);
		SAME(rows[i].action, e.action);
		SAME(rows[i].ref, e.ref);
	}
}

TEST_NO_DB(an_event_cannot_lead_elsewhere)
{
	struct provider_event e = { "refund.failed", "re_1/../../charges", "{}", NULL,
		NULL, NULL };

	REFUSED("webhook_is_readable", stripe_event(op, &e));
	e = (struct provider_event){ "charge.updated", "ch_1", "{\"data\":", NULL, NULL,
		NULL };
	CHECK(stripe_event(op, &e) == E_DATA);
	fault_clear(op);
}

TEST_NO_DB(facts_are_the_json_that_the_schema_reads)
{
	struct provider_refund r = { .ref = "re_\"1", .status = "failed", .amount = 5 };

	SAME("{\"ref\":\"re_\\\"1\",\"payment_ref\":null,\"status\":\"failed\","
	     "\"currency\":null,\"amount\":5,\"error\":null,\"refund_id\":null,"
	     "\"op_key\":null,\"charge\":null,\"fee\":0,\"fee_currency\":null}",
		provider_facts(op, &provider_refund_shape, &r));
}
