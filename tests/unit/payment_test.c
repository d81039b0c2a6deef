/* Payments: what is asked next, and that what the provider says counts once, in any
 * order. */
#include "domain/payment.h"

#include "db/db.h"
#include "given_order.h"
#include "test.h"

#include <string.h>

static const char *const words[] = {
	FACTS("pi_1", "open", ""),
	FACTS("pi_1", "processing", ""),
	FACTS("pi_1", "open", ",\"error\":\"card_declined\",\"decline\":\"ch_0\""),
	FACTS("pi_1", "captured", ",\"captured\":10000,\"charge\":\"ch_1\""),
	CAPTURED,
};

enum { WORDS = sizeof words / sizeof *words };

static const char *outcome(struct op *op)
{
	return ASK(
		"SELECT concat_ws(' ', o.state, p.state, p.captured, p.applied, p.live,"
		" p.fee_ref, (SELECT string_agg(key, ',' ORDER BY key) FROM "
		"ledger_entry),"
		" (SELECT string_agg(stock_state, ',') FROM order_line),"
		" (SELECT count(*) FROM notification WHERE event = 'order_confirmed'))"
		" FROM orders o, payment p");
}

static void say(struct op *op, const int *order)
{
	test_attempt(op);
	for (int i = 0; i < WORDS; i++)
		GIVEN(op_printf(op, PAYMENT_SAYS("%s"), words[order[i]]));
	SAME("paid captured 10000 t f txn_1 cap:stripe:ch_1,fee:txn_1 "
	     "committed,committed 1",
		outcome(op));
	GIVEN("ROLLBACK TO attempt; RELEASE attempt");
}

/* Heap's algorithm: every order of the words. */
static void permute(struct op *op, int *order, int n)
{
	if (n == 1) {
		say(op, order);
		return;
	}
	for (int i = 0; i < n; i++) {
		int swap = n % 2 ? 0 : i, t;

		permute(op, order, n - 1);
		t = order[swap];
		order[swap] = order[n - 1];
		order[n - 1] = t;
	}
}

TEST(in_every_order_of_the_providers_words_the_order_is_paid_once)
{
	int order[WORDS] = { 0, 1, 2, 3, 4 };

	GIVEN(AN_OPEN_PAYMENT);
	permute(op, order, WORDS);
}

TEST(captured_is_for_good)
{
	GIVEN(A_PAID_ORDER);
	GIVEN(PAYMENT_SAYS(FACTS("pi_1", "canceled", ""))
			PAYMENT_SAYS(FACTS("pi_1", "open", "")) PAYMENT_SAYS(CAPTURED)
				PAYMENT_SAYS(FACTS("pi_1", "unknown", "")));
	SAME("paid captured 10000 t f txn_1 cap:stripe:ch_1,fee:txn_1 "
	     "committed,committed 1",
		outcome(op));
}

TEST(an_unknown_word_changes_nothing)
{
	GIVEN(AN_OPEN_PAYMENT);
	GIVEN(PAYMENT_SAYS(FACTS("pi_1", "unknown", "")));
	SAME("open", ASK("SELECT state FROM payment"));
}

TEST(another_amount_or_currency_never_pays_the_order)
{
	static const char *const wrong[] = {
		"'{\"ref\":\"pi_1\",\"status\":\"captured\",\"currency\":\"EUR\","
		"\"amount\":9999,"
		"\"captured\":9999,\"charge\":\"ch_1\"}'",
		"'{\"ref\":\"pi_1\",\"status\":\"captured\",\"currency\":\"USD\","
		"\"amount\":10000,"
		"\"captured\":10000,\"charge\":\"ch_1\"}'",
		"'{\"ref\":\"pi_1\",\"status\":\"captured\",\"currency\":\"EUR\","
		"\"amount\":10000,"
		"\"captured\":5000,\"charge\":\"ch_1\"}'",
		"'{\"ref\":\"pi_1\",\"status\":\"captured\",\"currency\":\"EUR\","
		"\"amount\":20000,"
		"\"captured\":20000,\"charge\":\"ch_1\"}'",
	};

	GIVEN(AN_OPEN_PAYMENT);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		test_attempt(op);
		GIVEN(op_printf(op,
			"SELECT payment_apply(1024, "
			"jsonb_populate_record(NULL::payment_facts,"
			" %s))",
			wrong[i]));
		SAME("pending f",
			ASK("SELECT o.state || ' ' || left(p.applied::text, 1)"
			    " FROM orders o, payment p"));
		SAME("payment_mismatch",
			ASK("SELECT kind FROM incident ORDER BY id LIMIT 1"));
		SAME("true", ASK("SELECT captured > 0 AND NOT applied FROM payment"));
		SAME("", ASK("SELECT coalesce(string_agg(concat_ws(' ', code, object, "
			     "detail), ', '), '') FROM api.fsck('{L4,O4,O5,P3}', NULL, "
			     "NULL)"));
		GIVEN("ROLLBACK TO attempt; RELEASE attempt");
	}
}

TEST(an_order_paid_twice_keeps_one_payment_and_returns_the_other)
{
	GIVEN(A_PAID_ORDER);
	GIVEN("INSERT INTO payment (id, order_id, currency, amount, state, live, "
	      "provider_ref)"
	      " VALUES (2048, 1024, 'EUR', 10000, 'open', false, 'pi_2');"
	      "SELECT payment_apply(2048, " FACTS("pi_2", "captured",
		      ",\"captured\":10000,\"charge\":\"ch_2\"") ")");
	SAME("1024",
		ASK("SELECT string_agg(id::text, ',') FROM payment WHERE applied"));
	SAME("2048 10000", ASK("SELECT payment_id || ' ' || amount FROM refund"));
	SAME("0", ASK("SELECT count(*) FROM incident"));
}

TEST(the_first_object_that_names_a_payment_is_its_own_and_another_is_not_wanted)
{
	struct payment_action a = { 0 };
	const char *extra;

	GIVEN(AN_OPEN_PAYMENT);
	GIVEN("SELECT * FROM api.payment_record(1024, NULL, 'done', 200, NULL, NULL, 0,"
	      " to_jsonb(" FACTS("pi_9", "open", "") "))");
	SAME("pi_1", ASK("SELECT provider_ref FROM payment WHERE id = 1024"));
	extra = ASK("SELECT id FROM payment WHERE provider_ref = 'pi_9' AND NOT live");
	SAME("second_payment_object", ASK("SELECT kind FROM incident"));
	CHECK(payment_load(op, strtoll(extra, NULL, 10), true, &a) == OK);
	SAME("payment.cancel", a.action);
	SAME("pi_9", a.ref);
	CHECK(payment_load(op, 1024, false, &a) == OK);
	SAME("none", a.action);
}

/* A row: how the call stands, whether the order still wants it, and what is asked next.
 */
static const struct next {
	const char *call, *order, *action;
} nexts[] = {
	{ "state = 'new'", "pending", "payment.create" },
	{ "state = 'sent', body = '', first_sent_at = now()", "pending",
		"payment.create" },
	{ "state = 'unknown', body = '', first_sent_at = now()", "pending",
		"payment.create" },
	{ "state = 'unknown', body = '', first_sent_at = now(), result = "
	  "'indeterminate'",
		"pending", "payment.find" },
	{ "state = 'unknown', body = '', first_sent_at = now() - interval '24 h'",
		"pending", "payment.find" },
	{ "state = 'new'", "expiring", "none" },
	{ "state = 'sent', body = '', first_sent_at = now()", "expiring",
		"payment.find" },
	{ "state = 'unknown', body = '', first_sent_at = now()", "canceling",
		"payment.find" },
};

TEST(what_is_asked_next_depends_on_what_may_have_happened)
{
	struct payment_action a = { 0 };

	GIVEN(AN_ORDER);
	CHECK(payment_load(op, 1024, false, &a) == OK);
	for (size_t i = 0; i < sizeof nexts / sizeof *nexts; i++) {
		test_attempt(op);
		GIVEN(op_printf(op,
			"UPDATE provider_op SET %s; UPDATE orders SET state = '%s';"
			"INSERT INTO order_event (order_id, event, from_state, "
			"to_state, actor)"
			" VALUES (1024, 'due', 'pending', '%s', 't')",
			nexts[i].call, nexts[i].order, nexts[i].order));
		CHECK(payment_load(op, 1024, true, &a) == OK);
		SAME(nexts[i].action, a.action);
		GIVEN("ROLLBACK TO attempt; RELEASE attempt");
	}
}

TEST(what_is_not_wanted_any_more_is_not_sent)
{
	struct payment_action a = { 0 };
	const char *body = "a=b";

	GIVEN(AN_ORDER);
	CHECK(payment_load(op, 1024, false, &a) == OK);
	test_attempt(op);
	GIVEN("UPDATE orders SET state = 'expiring'");
	CHECK(payment_sent(op, a.op_id, &body) == OK);
	SAME((char *)NULL, body);
	GIVEN("ROLLBACK TO attempt; RELEASE attempt");
	body = "a=b";
	CHECK(payment_sent(op, a.op_id, &body) == OK);
	SAME("a=b", body);
	body = "other=bytes";
	CHECK(payment_sent(op, a.op_id, &body) == OK);
	SAME("a=b", body);
	SAME("unknown 2", ASK("SELECT state || ' ' || attempts FROM provider_op"));
	GIVEN("UPDATE provider_op SET first_sent_at = now() - interval '24 h'");
	CHECK(payment_sent(op, a.op_id, &body) == OK);
	SAME((char *)NULL, body);
}

TEST(not_executed_leaves_the_call_as_it_was)
{
	GIVEN(AN_ORDER
		"SELECT * FROM api.payment_load(1024, false, 10);"
		"SELECT * FROM api.op_sent((SELECT id FROM provider_op), 'a=b');"
		"SELECT * FROM api.payment_record(1024, (SELECT id FROM provider_op),"
		" 'not_executed', 429, NULL, 'rate_limit', 30, NULL)");
	SAME("new true",
		ASK("SELECT state || ' ' || (first_sent_at IS NULL) FROM provider_op"));
	CHECK(atof(ASK("SELECT extract(epoch FROM run_at - now()) FROM job_later"
		       " WHERE kind = 'payment.sync'")) >= 30);
	GIVEN("SELECT * FROM api.op_sent((SELECT id FROM provider_op), 'a=b');"
	      "SELECT * FROM api.payment_record(1024, (SELECT id FROM provider_op),"
	      " 'unknown', 0, NULL, 'timeout', 0, NULL);"
	      "SELECT * FROM api.op_sent((SELECT id FROM provider_op), 'a=b');"
	      "SELECT * FROM api.payment_record(1024, (SELECT id FROM provider_op),"
	      " 'not_executed', 429, NULL, 'rate_limit', 0, NULL)");
	SAME("unknown false",
		ASK("SELECT state || ' ' || (first_sent_at IS NULL) FROM provider_op"));
}

TEST(an_order_that_costs_nothing_is_paid_without_asking_anybody)
{
	struct payment_action a = { 0 };

	GIVEN(AN_ORDER "UPDATE orders SET subtotal = 0, shipping = 0, total = 0;"
		       "UPDATE payment SET amount = 0");
	CHECK(payment_load(op, 1024, false, &a) == OK);
	SAME("none", a.action);
	SAME("paid", ASK("SELECT state FROM orders"));
	SAME("0", ASK("SELECT count(*) FROM ledger_entry"));
}

TEST(unknown_payments_are_named)
{
	struct payment_full p;
	struct payment_action a;

	REFUSED("payment_exists", payment_get(op, 5, &p));
	REFUSED("payment_exists", payment_load(op, 5, false, &a));
}
