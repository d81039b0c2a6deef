/* Attempts: a second one, one by hand, money without a home, and what the shop's
 * policies make of it. */
#include "domain/payment.h"

#include "base/config.h"
#include "db/db.h"
#include "domain/order.h"
#include "given_order.h"
#include "test.h"

#include <string.h>

#define SAYS_OF(id, facts) "SELECT payment_apply(" id ", " facts ");"
#define PAID(ref)                                                                      \
	FACTS(ref, "captured", ",\"captured\":10000,\"charge\":\"ch_" ref "\"")
#define EXPIRED                                                                        \
	"UPDATE orders SET expires_at = now();"                                        \
	"SELECT * FROM api.order_expire_begin(1024, 10);"                              \
	"SELECT order_voided(1024, 'grace_over');"

static const char *attempts(struct op *op)
{
	return ASK("SELECT string_agg(concat_ws(' ', provider, method, state, "
		   "live::text, applied::text), ', ' ORDER BY id) FROM payment");
}

static int64_t retry(struct op *op, const char *provider, const char *method)
{
	struct payment_attempt p = { 0 };

	CHECK(payment_retry(op, 1024, provider, method, &p) == OK);
	return p.payment_id;
}

static struct payment_action next(struct op *op, int64_t payment)
{
	struct payment_action a = { 0 };

	CHECK(payment_load(op, payment, true, &a) == OK);
	return a;
}

TEST(a_second_attempt_waits_until_the_first_is_canceled_at_the_provider)
{
	int64_t second;

	GIVEN(AN_OPEN_PAYMENT);
	second = retry(op, NULL, "pm_2");
	SAME("stripe open true false, stripe pm_2 new false false", attempts(op));
	SAME("none", next(op, second).action);
	SAME("payment.cancel", next(op, 1024).action);
	GIVEN(PAYMENT_SAYS(FACTS("pi_1", "canceled", "")));
	SAME("stripe canceled false false, stripe pm_2 new true false", attempts(op));
	SAME("payment.create", next(op, second).action);
	SAME("2", ASK("SELECT count(*) FROM job WHERE kind = 'payment.submit'"));
}

TEST(a_first_attempt_that_became_money_meanwhile_wins)
{
	GIVEN(AN_OPEN_PAYMENT);
	retry(op, NULL, "pm_2");
	GIVEN(PAYMENT_SAYS(PAID("pi_1")));
	SAME("stripe captured false true, stripe pm_2 abandoned false false",
		attempts(op));
	SAME("paid", ASK("SELECT state FROM orders"));
}

TEST(a_third_attempt_replaces_the_one_that_waits)
{
	GIVEN(AN_OPEN_PAYMENT);
	retry(op, NULL, "pm_2");
	retry(op, "manual", NULL);
	SAME("stripe open true false, stripe pm_2 abandoned false false, "
	     "manual new false false",
		attempts(op));
}

TEST(an_order_that_waits_no_more_takes_no_other_attempt)
{
	struct payment_attempt p;

	GIVEN(A_PAID_ORDER);
	REFUSED("payment_retry_is_awaited", payment_retry(op, 1024, NULL, NULL, &p));
	REFUSED("order_exists", payment_retry(op, 5, NULL, NULL, &p));
}

TEST(what_waits_is_given_up_with_the_order)
{
	GIVEN(AN_OPEN_PAYMENT);
	retry(op, NULL, "pm_2");
	GIVEN("UPDATE orders SET expires_at = now();"
	      "SELECT * FROM api.order_expire_begin(1024, 10);" PAYMENT_SAYS(
		      FACTS("pi_1", "canceled", "")));
	SAME("expired", ASK("SELECT state FROM orders"));
	SAME("stripe canceled false false, stripe pm_2 abandoned false false",
		attempts(op));
}

TEST(a_lost_attempt_of_an_order_that_waits_is_replaced_but_not_for_ever)
{
	GIVEN(AN_OPEN_PAYMENT PAYMENT_SAYS(FACTS("pi_1", "canceled", "")));
	SAME("stripe canceled false false, stripe new true false", attempts(op));
	for (int i = 0; i < 6; i++)
		GIVEN("SELECT payment_apply(id, " FACTS(
			"", "canceled", "") ") FROM payment WHERE live");
	SAME("5 0", ASK("SELECT count(*) || ' ' || count(*) FILTER (WHERE live) FROM "
			"payment"));
}

TEST(a_refused_saved_method_leaves_the_choice_to_the_customer)
{
	GIVEN(AN_ORDER "UPDATE payment SET method = 'pm_bad';"
		       "SELECT * FROM api.payment_load(1024, false, 10);"
		       "SELECT * FROM api.payment_record(1024, (SELECT id FROM "
		       "provider_op), 'refused', 400, NULL, 'resource_missing', 0, "
		       "NULL)");
	SAME("stripe pm_bad abandoned false false, stripe new true false",
		attempts(op));
}

static const char *match(struct op *op, int64_t minor, const char *reference)
{
	struct payment_matched m = { 0 };

	CHECK(payment_match(op, 1024, (struct money){ minor, "EUR" }, reference, &m) ==
		OK);
	return op_printf(op, "%s %s %lld %s%s", m.order_state, m.state,
		(long long)m.captured.minor, m.applied ? "applied" : "unmatched",
		m.replayed ? " replayed" : "");
}

TEST(money_by_hand_pays_the_order_once_for_its_reference)
{
	struct payment_matched m;

	GIVEN(AN_ORDER "UPDATE payment SET provider = 'manual'");
	SAME("paid captured 10000 applied", match(op, 10000, "SEPA 1"));
	SAME("paid captured 10000 applied replayed", match(op, 10000, " SEPA 1 "));
	SAME("cap:manual:SEPA 1 bank 10000, cap:manual:SEPA 1 customer:deposits -10000",
		ASK("SELECT string_agg(concat_ws(' ', key, account, amount), ', '"
		    " ORDER BY n) FROM ledger_entry e JOIN ledger_line l ON "
		    "l.entry_id = e.id"));
	SAME("1", ASK("SELECT count(*) FROM payment"));
	GIVEN("INSERT INTO orders (id, client_id, key, fingerprint, currency, subtotal,"
	      " total, expires_at) VALUES (2048, 0, 'k2', '\\x00', 'EUR', 5, 5, "
	      "now())");
	REFUSED("payment_reference_used_once",
		payment_match(op, 2048, (struct money){ 5, "EUR" }, "SEPA 1", &m));
	REFUSED("payment_reference_is_given",
		payment_match(op, 1024, (struct money){ 5, "EUR" }, " ", &m));
	REFUSED("payment_amount_is_positive",
		payment_match(op, 1024, (struct money){ 0, "EUR" }, "x", &m));
	SAME("", ASK("SELECT coalesce(string_agg(concat_ws(' ', code, object, detail), "
		     "', '), '')"
		     " FROM api.fsck('{money}', NULL, NULL)"));
}

TEST(too_little_by_hand_is_unmatched_and_the_order_still_waits)
{
	GIVEN(AN_ORDER "UPDATE payment SET provider = 'manual'");
	SAME("pending captured 9900 unmatched", match(op, 9900, "SEPA 1"));
	SAME("proposed 9900", ASK("SELECT state || ' ' || amount FROM refund"));
	SAME("paid captured 10000 applied", match(op, 10000, "SEPA 2"));
	SAME("manual captured false false, manual captured false true", attempts(op));
}

TEST(a_transfer_for_an_order_that_a_card_was_to_pay_ends_the_card)
{
	GIVEN(AN_OPEN_PAYMENT);
	SAME("paid captured 10000 applied", match(op, 10000, "SEPA 1"));
	SAME("payment.cancel", next(op, 1024).action);
	SAME("", ASK("SELECT coalesce(string_agg(concat_ws(' ', code, object, detail), "
		     "', '), '')"
		     " FROM api.fsck('{orders}', NULL, NULL)"));
}

TEST(case_24_of_two_payments_for_one_order_one_is_applied_and_one_refunded)
{
	GIVEN(A_PAID_ORDER);
	GIVEN("INSERT INTO payment (id, order_id, currency, amount, state, live, "
	      "provider_ref)"
	      " VALUES (2048, 1024, 'EUR', 10000, 'open', false, 'pi_2');" SAYS_OF(
		      "2048", PAID("pi_2")));
	SAME("stripe captured false true, stripe captured false false", attempts(op));
	SAME("2048 10000 requested",
		ASK("SELECT payment_id || ' ' || amount || ' ' || state FROM refund"));
	SAME("10000", ASK("SELECT -sum(amount) FROM ledger_line"
			  " WHERE account = 'customer:deposits'"));
}

TEST(a_shop_that_wants_to_be_asked_about_surplus_is_asked)
{
	GIVEN(A_PAID_ORDER);
	GIVEN("INSERT INTO payment (id, order_id, currency, amount, state, live, "
	      "provider_ref, surplus)"
	      " VALUES (2048, 1024, 'EUR', 10000, 'open', false, 'pi_2', "
	      "'propose');" SAYS_OF("2048", PAID("pi_2")));
	SAME("2048 10000 proposed",
		ASK("SELECT payment_id || ' ' || amount || ' ' || state FROM refund"));
}

TEST(late_money_takes_the_stock_of_another_open_warehouse)
{
	GIVEN(AN_OPEN_PAYMENT EXPIRED
		"INSERT INTO warehouse (id, code, priority) OVERRIDING SYSTEM VALUE "
		"VALUES (2, 'HAM', 5), (3, 'MUC', 1);"
		"UPDATE warehouse SET open = false WHERE id = 3;"
		"INSERT INTO stock (variant_id, warehouse_id, on_hand) VALUES (1, 2, "
		"3), (1, 3, 9);"
		"UPDATE stock SET on_hand = 2 WHERE variant_id = 1 AND warehouse_id = "
		"1;" PAYMENT_SAYS(PAID("pi_1")));
	SAME("paid", ASK("SELECT state FROM orders"));
	SAME("1:2 2:1", ASK("SELECT string_agg(variant_id || ':' || warehouse_id, ' ' "
			    "ORDER BY n) FROM order_line"));
	SAME("1:1=0 1:2=3 1:3=0 2:1=1",
		ASK("SELECT string_agg(format('%s:%s=%s', variant_id, warehouse_id, "
		    "reserved), ' ' ORDER BY variant_id, warehouse_id) FROM stock"));
}

TEST(a_shop_may_send_late_money_back_though_the_stock_is_there)
{
	GIVEN(AN_OPEN_PAYMENT EXPIRED
		"UPDATE payment SET late = 'refund';" PAYMENT_SAYS(PAID("pi_1")));
	SAME("expired", ASK("SELECT state FROM orders"));
	SAME("10000", ASK("SELECT amount FROM refund WHERE state = 'requested'"));
}

TEST(what_the_shop_decided_counts_for_payments_that_are_not_begun)
{
	struct config shop = *op->config;
	struct payment_action a = { 0 };

	shop.payment.capture = "manual";
	shop.payment.late = "refund";
	op->config = &shop;
	GIVEN(AN_ORDER);
	CHECK(payment_load(op, 1024, false, &a) == OK);
	SAME("manual", a.capture);
	SAME("manual refund refund",
		ASK("SELECT concat_ws(' ', capture, late, surplus) FROM payment"));
	shop.payment.capture = "automatic";
	CHECK(payment_load(op, 1024, false, &a) == OK);
	SAME("manual", a.capture);
}

TEST(payments_are_filtered_by_provider_and_by_what_pays_no_order)
{
	struct payment_query q = { .unmatched = true };
	struct rows rows;

	GIVEN(AN_ORDER "UPDATE payment SET provider = 'manual'");
	match(op, 9900, "SEPA 1");
	CHECK(payment_list(op, &q, &rows) == OK);
	SAME(1, (int64_t)rows.n);
	q = (struct payment_query){ .provider = "stripe" };
	CHECK(payment_list(op, &q, &rows) == OK);
	SAME(0, (int64_t)rows.n);
}
