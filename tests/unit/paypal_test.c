/* PayPal: what we send, and what we make of its answers. */
#include "adapters/paypal.h"

#include "base/json.h"
#include "given_paypal.h"
#include "test.h"

#include <string.h>

#define UNIT(payments)                                                                 \
	"\"purchase_units\":[{\"reference_id\":\"payment.create-7-0-1\","              \
	"\"custom_id\":\"7\",\"invoice_id\":\"7\",\"amount\":{\"currency_code\":"      \
	"\"EUR\",\"value\":\"12.30\"}" payments "}]"
#define ORDER(status, payments)                                                        \
	"{\"id\":\"5O190127TN364715T\",\"intent\":\"CAPTURE\",\"status\":\"" status    \
	"\",\"links\":[{\"rel\":\"self\",\"href\":\"https://x/\"},{\"rel\":"           \
	"\"payer-action\",\"href\":\"https://www.paypal.com/"                          \
	"checkoutnow?token=5O\"}]," UNIT(payments) "}"
#define CAPTURED(status, value)                                                        \
	"{\"id\":\"3C679366HH908993F\",\"status\":\"" status                           \
	"\",\"amount\":{\"currency_code\":\"EUR\",\"value\":\"" value                  \
	"\"},\"seller_receivable_breakdown\":{\"paypal_fee\":{\"currency_code\":"      \
	"\"EUR\",\"value\":\"0.76\"}}}"
#define CAPTURES(list) ",\"payments\":{\"captures\":[" list "]}"
#define PROMISED(status)                                                               \
	",\"payments\":{\"authorizations\":[{\"id\":\"0AW2184448108334S\",\"status\":" \
	"\"" status "\",\"expiration_time\":\"2026-12-20T10:00:00Z\"}]"

static struct provider_payment read_order(struct op *op, const char *text)
{
	const struct json *order;
	struct provider_payment p;

	CHECK(json_parse(op, text, strlen(text), &order) == OK);
	CHECK(paypal_payment(op, order, &p));
	return p;
}

static bool is_order(struct op *op, const char *text)
{
	const struct json *order;
	struct provider_payment p;

	CHECK(json_parse(op, text, strlen(text), &order) == OK);
	return paypal_payment(op, order, &p);
}

TEST_NO_DB(an_approved_order_is_not_paid_and_a_completed_one_is_by_its_captures)
{
	static const struct {
		const char *order, *status;
		int64_t captured;
	} cases[] = {
		{ ORDER("CREATED", ""), "open", 0 },
		{ ORDER("SAVED", ""), "open", 0 },
		{ ORDER("PAYER_ACTION_REQUIRED", ""), "open", 0 },
		{ ORDER("APPROVED", ""), "approved", 0 },
		{ ORDER("VOIDED", ""), "canceled", 0 },
		{ ORDER("COMPLETED", ""), "unknown", 0 },
		{ ORDER("NEWS", ""), "unknown", 0 },
		{ ORDER("COMPLETED", CAPTURES(CAPTURED("COMPLETED", "12.30"))),
			"captured", 1230 },
		{ ORDER("COMPLETED", CAPTURES(CAPTURED("PENDING", "12.30"))),
			"processing", 0 },
		{ ORDER("COMPLETED", CAPTURES(CAPTURED("DECLINED", "12.30"))), "open",
			0 },
		{ ORDER("COMPLETED", CAPTURES(CAPTURED("FAILED", "12.30"))), "open",
			0 },
		{ ORDER("COMPLETED", CAPTURES(CAPTURED("REFUNDED", "12.30"))),
			"captured", 1230 },
		{ ORDER("COMPLETED", CAPTURES(CAPTURED("PARTIALLY_REFUNDED", "12.3"))),
			"captured", 1230 },
		{ ORDER("COMPLETED", CAPTURES(CAPTURED("NEWS", "12.30"))), "unknown",
			0 },
		{ ORDER("COMPLETED", PROMISED("CREATED") "}"), "authorized", 0 },
		{ ORDER("COMPLETED", PROMISED("PENDING") "}"), "processing", 0 },
		{ ORDER("COMPLETED", PROMISED("VOIDED") "}"), "canceled", 0 },
		{ ORDER("COMPLETED", PROMISED("DENIED") "}"), "open", 0 },
		{ ORDER("COMPLETED",
			  PROMISED("PARTIALLY_CAPTURED") ",\"captures\":[" CAPTURED(
				  "COMPLETED", "5") "]}"),
			"authorized", 500 },
		{ ORDER("COMPLETED",
			  PROMISED("CAPTURED") ",\"captures\":[" CAPTURED("COMPLETED",
				  "5.00") "," CAPTURED("COMPLETED", "7.30") "]}"),
			"captured", 1230 },
		{ ORDER("COMPLETED", PROMISED("VOIDED") ",\"captures\":[" CAPTURED(
					     "COMPLETED", "5.00") "]}"),
			"captured", 500 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct provider_payment p = read_order(op, cases[i].order);

		SAME(cases[i].status, p.status);
		SAME(cases[i].captured, p.captured);
		SAME(1230, p.amount);
		SAME(7, p.payment_id);
		SAME("payment.create-7-0-1", p.op_key);
	}
}

TEST_NO_DB(an_order_tells_where_to_agree_what_it_cost_and_until_when_it_holds)
{
	struct provider_payment p = read_order(op, ORDER("PAYER_ACTION_REQUIRED", ""));

	SAME("{\"type\":\"redirect\",\"url\":\"https://www.paypal.com/"
	     "checkoutnow?token=5O\"}",
		p.next_action.s);
	p = read_order(
		op, ORDER("COMPLETED", CAPTURES(CAPTURED("COMPLETED", "12.30"))));
	CHECK(p.next_action.s == NULL);
	SAME("3C679366HH908993F", p.charge);
	SAME("3C679366HH908993F", p.fee_ref);
	SAME("EUR", p.fee_currency);
	SAME(76, p.fee);
	p = read_order(op, ORDER("COMPLETED", PROMISED("CREATED") "}"));
	SAME("2026-12-20T10:00:00Z", stamp_text(op, p.capture_before));
	p = read_order(op, ORDER("COMPLETED", CAPTURES(CAPTURED("DECLINED", "12.30"))));
	SAME("3C679366HH908993F", p.decline);
	SAME("DECLINED", p.error);
}

TEST_NO_DB(what_is_no_order_of_one_sound_amount_is_no_answer)
{
	CHECK(!is_order(op, "{}"));
	CHECK(!is_order(op, "[]"));
	CHECK(!is_order(op, "{\"id\":\"5O190127TN364715T\",\"status\":\"APPROVED\"}"));
	CHECK(!is_order(op, "{\"id\":\"../5O\",\"status\":\"APPROVED\"," UNIT("") "}"));
	CHECK(!is_order(
		op, ORDER("COMPLETED", CAPTURES(CAPTURED("COMPLETED", "12.301")))));
	CHECK(!is_order(
		op, ORDER("COMPLETED", CAPTURES(CAPTURED("COMPLETED", "12,30")))));
	CHECK(!is_order(op, ORDER("COMPLETED", CAPTURES(CAPTURED("COMPLETED", "-1")))));
	CHECK(!is_order(op,
		ORDER("COMPLETED", CAPTURES("{\"id\":\"3C\",\"status\":\"COMPLETED\","
					    "\"amount\":{\"currency_code\":\"USD\","
					    "\"value\":\"12.30\"}}"))));
}

TEST_NO_DB(a_refund_carries_our_number_and_our_key)
{
	static const char text[] =
		"{\"id\":\"1JU08902781691411\",\"status\":\"PENDING\",\"amount\":"
		"{\"currency_code\":\"JPY\",\"value\":\"500\"},\"custom_id\":"
		"\"2048,refund.create-2048-0-9\",\"status_details\":{\"reason\":"
		"\"ECHECK\"}}";
	const struct json *refund;
	struct provider_refund r;

	CHECK(json_parse(op, text, sizeof text - 1, &refund) == OK);
	CHECK(paypal_refund(op, refund, &r));
	SAME("pending", r.status);
	SAME(500, r.amount);
	SAME("JPY", r.currency);
	SAME(2048, r.refund_id);
	SAME("refund.create-2048-0-9", r.op_key);
	SAME("ECHECK", r.error);
}

TEST_NO_DB(an_answer_is_judged_by_status_and_issue)
{
	static const struct {
		int status;
		const char *issue, *verdict;
	} cases[] = {
		{ 200, NULL, "done" },
		{ 201, NULL, "done" },
		{ 204, NULL, "done" },
		{ 302, NULL, "unknown" },
		{ 400, "MALFORMED_REQUEST_JSON", "broken" },
		{ 400, "PREVIOUS_REQUEST_IN_PROGRESS", "unknown" },
		{ 401, "INVALID_TOKEN", "not_executed" },
		{ 403, "PERMISSION_DENIED", "not_executed" },
		{ 404, "RESOURCE_NOT_FOUND", "refused" },
		{ 409, "RESOURCE_CONFLICT", "unknown" },
		{ 422, "PREVIOUS_REQUEST_IN_PROGRESS", "unknown" },
		{ 422, "PAYPAL_REQUEST_ID_PREVIOUSLY_USED", "broken" },
		{ 422, "INSTRUMENT_DECLINED", "refused" },
		{ 422, "ORDER_ALREADY_CAPTURED", "refused" },
		{ 422, "DUPLICATE_INVOICE_ID", "refused" },
		{ 422, "PAYER_ACTION_REQUIRED", "refused" },
		{ 422, "CAPTURE_FULLY_REFUNDED", "refused" },
		{ 422, "REFUND_AMOUNT_EXCEEDED", "refused" },
		{ 422, "AUTHORIZATION_EXPIRED", "refused" },
		{ 422, "ORDER_COMPLETION_IN_PROGRESS", "unknown" },
		{ 422, "REFUND_FAILED_INSUFFICIENT_FUNDS", "refused" },
		{ 408, NULL, "unknown" },
		{ 415, NULL, "broken" },
		{ 422, NULL, "refused" },
		{ 429, "RATE_LIMIT_REACHED", "not_executed" },
		{ 500, "INTERNAL_SERVER_ERROR", "unknown" },
		{ 503, NULL, "unknown" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		SAME(cases[i].verdict, paypal_verdict(cases[i].status, cases[i].issue));
}

static const char *amount_sent(struct op *op, int64_t minor, const char *currency)
{
	struct provider_call call = {
		.action = "payment.create", .key = "k", .amount.minor = minor
	};
	const struct json *body;
	const char *text;

	memcpy(call.amount.currency, currency, 4);
	text = paypal_body(op, &call);
	CHECK(json_parse(op, text, strlen(text), &body) == OK);
	return json_string(json_find(body, "/purchase_units/0/amount/value"));
}

TEST_NO_DB(an_amount_has_the_decimals_of_its_currency)
{
	config_of(op);
	SAME("12.30", amount_sent(op, 1230, "EUR"));
	SAME("0.05", amount_sent(op, 5, "USD"));
	SAME("1230", amount_sent(op, 1230, "JPY"));
	SAME("12", amount_sent(op, 1200, "HUF"));
	SAME("12.01", amount_sent(op, 1201, "HUF")); /* refused, and not rounded */
}

TEST_NO_DB(a_body_names_what_it_is_about)
{
	struct provider_call call = { .action = "payment.create",
		.key = "payment.create-7-0-1",
		.capture = "manual",
		.order_id = 6,
		.payment_id = 7,
		.refund_id = 9,
		.final = true,
		.amount = { 1230, "EUR" } };

	config_of(op);
	SAME("{\"intent\":\"AUTHORIZE\",\"purchase_units\":[{\"reference_id\":"
	     "\"payment.create-7-0-1\",\"custom_id\":\"7\",\"invoice_id\":\"6\","
	     "\"amount\":{\"currency_code\":\"EUR\",\"value\":\"12.30\"}}],"
	     "\"payment_source\":{\"paypal\":{\"experience_context\":{\"brand_name\":"
	     "\"Dogs\",\"shipping_preference\":\"NO_SHIPPING\",\"user_action\":"
	     "\"PAY_NOW\",\"return_url\":\"https://shop.example/back\"}}}}",
		paypal_body(op, &call));
	call.action = "payment.authorize";
	SAME("{}", paypal_body(op, &call));
	call.action = "payment.capture";
	SAME("{\"amount\":{\"currency_code\":\"EUR\",\"value\":\"12.30\"},"
	     "\"final_capture\":true}",
		paypal_body(op, &call));
	call.capture = "automatic";
	SAME("{}", paypal_body(op, &call));
	call.action = "refund.create";
	SAME("{\"amount\":{\"currency_code\":\"EUR\",\"value\":\"12.30\"},"
	     "\"custom_id\":\"9,payment.create-7-0-1\"}",
		paypal_body(op, &call));
	call.action = "payment.get";
	CHECK(paypal_body(op, &call) == NULL);
}

TEST_NO_DB(each_capture_has_its_fee_and_one_that_is_not_known_keeps_us_looking)
{
	struct provider_payment p = read_order(
		op, ORDER("COMPLETED",
			    PROMISED("CAPTURED") ",\"captures\":[" CAPTURED("COMPLETED",
				    "5.00") ",{\"id\":\"7C\",\"status\":\"COMPLETED\","
					    "\"amount\":{\"currency_code\":\"EUR\","
					    "\"value\":"
					    "\"7.30\"}}]}"));

	SAME("[{\"ref\":\"3C679366HH908993F\",\"amount\":500,\"fee\":76,"
	     "\"fee_currency\":\"EUR\"},{\"ref\":\"7C\",\"amount\":730}]",
		p.parts.s);
	CHECK(p.fee_ref == NULL);
	SAME("7C", p.charge);
	p = read_order(op,
		ORDER("COMPLETED",
			CAPTURES("{\"id\":\"7C\",\"status\":\"COMPLETED\",\"amount\":"
				 "{\"currency_code\":\"EUR\",\"value\":\"12.30\"},"
				 "\"seller_receivable_breakdown\":{\"paypal_fee\":"
				 "{\"currency_code\":\"USD\",\"value\":\"0.80\"},"
				 "\"receivable_amount\":{\"currency_code\":\"USD\","
				 "\"value\":\"12.70\"}}}")));
	SAME("[{\"ref\":\"7C\",\"amount\":1230,\"fee\":80,\"fee_currency\":"
	     "\"USD\",\"settled\":\"USD\"}]",
		p.parts.s);
}

#define AUTH(id, status, made)                                                         \
	"{\"id\":\"" id "\",\"status\":\"" status "\",\"create_time\":\"" made         \
	"\",\"expiration_time\":\"2026-12-20T10:00:00Z\"}"

TEST_NO_DB(the_newest_authorization_counts_and_is_honored_for_three_days)
{
	static const char text[] = ORDER(
		"COMPLETED", ",\"payments\":{\"authorizations\":[" AUTH("0A", "CREATED",
				     "2026-11-20T10:00:00Z") "," AUTH("0C", "CREATED",
				     "2026-11-25T10:00:00Z") "," AUTH("0B", "VOIDED",
				     "2026-11-26T10:00:00Z") "]}");
	struct provider_payment p = read_order(op, text);
	const struct json *order;

	SAME("authorized", p.status);
	SAME("2026-11-28T10:00:00Z", stamp_text(op, p.honor_until));
	CHECK(json_parse(op, text, sizeof text - 1, &order) == OK);
	SAME("0C", paypal_authorization(order));
}

TEST_NO_DB(a_refund_tells_its_capture_and_what_of_the_fee_came_back)
{
	static const char text[] =
		"{\"id\":\"1JU\",\"status\":\"COMPLETED\",\"amount\":{"
		"\"currency_code\":\"EUR\",\"value\":\"5.00\"},"
		"\"seller_payable_breakdown\":{\"paypal_fee\":{\"currency_code\":"
		"\"EUR\",\"value\":\"0.15\"}},\"links\":[{\"rel\":\"up\",\"href\":"
		"\"https://api-m.paypal.com/v2/payments/captures/7C\"}]}";
	const struct json *refund;
	struct provider_refund r;

	CHECK(json_parse(op, text, sizeof text - 1, &refund) == OK);
	CHECK(paypal_refund(op, refund, &r));
	SAME("7C", r.charge);
	SAME(15, r.fee);
	SAME("EUR", r.fee_currency);
}
