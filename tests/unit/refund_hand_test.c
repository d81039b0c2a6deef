/* Refunds that people make outside of ours: in the provider's own pages, by a transfer;
 * and how much they may. */
#include "domain/refund.h"

#include "db/db.h"
#include "domain/return.h"
#include "given_order.h"
#include "test.h"

#include <stdlib.h>

#define ADOPTED(minor)                                                                 \
	"SELECT refund_adopt(1024, jsonb_populate_record(NULL::refund_facts,"          \
	" '{\"ref\": \"re_1\", \"payment_ref\": \"pi_1\", \"status\": "                \
	"\"succeeded\", \"currency\": \"EUR\", \"amount\": " minor "}'));"
#define ASKED(minor)                                                                   \
	"SELECT * FROM api.refund_create(1024, 'k', " minor ", 'EUR', NULL, 't');"     \
	"SELECT refund_apply((SELECT id FROM refund), jsonb_populate_record("          \
	"NULL::refund_facts, '{\"ref\": \"re_1\", \"status\": \"succeeded\", "         \
	"\"currency\": \"EUR\", \"amount\": " minor "}'));"
#define PARTLY_SHIPPED                                                                 \
	A_PAID_ORDER                                                                   \
	"SELECT * FROM api.shipment_create(1024, 's', '[{\"sku\":\"DOG\",\"qty\":2}]'" \
	", NULL, NULL, NULL);"                                                         \
	"SELECT * FROM api.shipment_ship((SELECT min(id) FROM shipment), NULL, NULL);"

/* Where order, lines, stock and books stand. */
static const char *outcome(struct op *op)
{
	return ASK("SELECT concat_ws('; ', (SELECT state FROM orders),"
		   " (SELECT string_agg(concat_ws(' ', n, shipped, dropped, "
		   "stock_state), ', ' ORDER BY n) FROM order_line),"
		   " (SELECT string_agg(on_hand || ' ' || reserved, ', ' ORDER BY "
		   "variant_id) FROM stock),"
		   " (SELECT string_agg(a, ', ') FROM (SELECT account || ' ' || "
		   "sum(amount) AS a FROM ledger_line GROUP BY account HAVING "
		   "sum(amount) <> 0 ORDER BY account) x),"
		   " (SELECT string_agg(concat_ws(' ', n, qty, amount, tax), ', ' "
		   "ORDER BY n) FROM refund_line),"
		   " (SELECT count(*) FROM api.fsck('{money,stock}', NULL, NULL)))");
}

/* Both ways to the same refund leave the same shop behind. */
static void same_both_ways(struct op *op, const char *asked, const char *adopted)
{
	const char *ours;

	test_attempt(op);
	GIVEN(asked);
	ours = outcome(op);
	GIVEN("ROLLBACK TO attempt");
	GIVEN(adopted);
	SAME(ours, outcome(op));
	GIVEN("ROLLBACK TO attempt");
}

TEST(a_refund_made_at_the_provider_leaves_what_ours_would)
{
	GIVEN(PARTLY_SHIPPED);
	same_both_ways(op, ASKED("2500"), ADOPTED("2500"));
	same_both_ways(op, ASKED("10000"), ADOPTED("10000"));
	GIVEN(ADOPTED("10000"));
	SAME("shipped", ASK("SELECT state FROM orders"));
	SAME("0", ASK("SELECT sum(reserved) FROM stock"));
}

TEST(nothing_left_yet_and_all_went_back_at_the_provider)
{
	GIVEN(A_PAID_ORDER);
	same_both_ways(op, ASKED("10000"), ADOPTED("10000"));
	GIVEN(ADOPTED("10000"));
	SAME("1", ASK("SELECT count(*) FROM refund"));
}

TEST(what_came_by_hand_goes_back_by_a_transfer)
{
	struct refund r = { 0 };
	struct refund_paid paid = { .reference = "" };

	GIVEN(AN_ORDER "SELECT * FROM api.payment_match(1024, 10000, 'EUR', 'S1');"
		       "SELECT * FROM api.refund_create(1024, 'k', 3000, 'EUR', NULL, "
		       "'t');");
	paid.refund = strtoll(ASK("SELECT id FROM refund"), NULL, 10);
	SAME("refund_awaits_transfer", ASK("SELECT kind FROM incident"));
	SAME("0", ASK("SELECT count(*) FROM provider_op WHERE kind = 'refund.create'"));
	REFUSED("refund_settled_with_a_reference", refund_settle(op, &paid, "x", &r));
	paid.reference = "SEPA 1";
	CHECK(refund_settle(op, &paid, "x", &r) == OK);
	SAME("succeeded", r.state);
	CHECK(!r.replayed);
	CHECK(refund_settle(op, &paid, "x", &r) == OK);
	CHECK(r.replayed);
	paid.reference = "SEPA 2";
	REFUSED("refund_is_paid_outside", refund_settle(op, &paid, "x", &r));
	SAME("closed", ASK("SELECT state FROM incident"));
	SAME("7000 0", ASK("SELECT sum(amount) FILTER (WHERE account = 'bank') || ' '"
			   " || sum(amount) FILTER (WHERE account = 'refund:payable')"
			   " FROM ledger_line"));
}

#define MATCH(minor) "SELECT * FROM api.payment_match(1024, " minor ", 'EUR', 'S1')"

/* A figure that was mistyped must not end the books: nothing of them is ever deleted.
 */
TEST(a_statement_line_is_one_amount_for_one_order_and_no_fantasy)
{
	GIVEN(AN_ORDER);
	REFUSED("ledger_amount_adds_up",
		db_script(op, "match", MATCH("9223372036854775807")));
	GIVEN(MATCH("10000"));
	SAME("true", ASK("SELECT replayed FROM api.payment_match(1024, 10000, 'EUR',"
			 " ' S1 ')"));
	REFUSED("payment_reference_used_once", db_script(op, "match", MATCH("9900")));
	SAME("1", ASK("SELECT count(*) FROM ledger_entry WHERE kind = 'capture'"));
}

static enum err ask_for(struct op *op, const char *minor)
{
	return db_script(op, "ask",
		op_printf(op,
			"SELECT * FROM api.refund_create(1024, 'r', %s, 'EUR', NULL, "
			"'t')",
			minor));
}

TEST(money_that_was_only_promised_is_no_money_to_give_back)
{
	GIVEN(A_PAID_ORDER);
	REFUSED("refund_amount_is_positive", ask_for(op, "0"));
	REFUSED("refund_amount_is_positive", ask_for(op, "-1"));
	GIVEN("UPDATE payment SET state = 'authorized', captured = 0");
	REFUSED("refund_needs_a_capture", ask_for(op, "NULL"));
}

static enum err limit(struct op *op, const char *role, int64_t major, const char *code)
{
	const struct refund_limit l = {
		.role = role, .currency = code, .major = major
	};
	struct rows rows;

	return refund_limit_set(op, &l, &rows);
}

TEST(a_limit_is_of_a_group_and_a_currency)
{
	GIVEN("UPDATE refund_limit SET major = 0");
	CHECK(limit(op, "op_admin", 9, NULL) == OK);
	CHECK(limit(op, "op_admin", 700, "JPY") == OK);
	SAME("900 700", ASK("SELECT refund_limit_of('EUR') || ' ' || "
			    "refund_limit_of('JPY')"));
	CHECK(limit(op, "op_admin", 0, "JPY") == OK);
	SAME("900 0", ASK("SELECT refund_limit_of('EUR') || ' ' || "
			  "refund_limit_of('JPY')"));
	SAME("3", ASK("SELECT count(*) FROM audit_log WHERE action = "
		      "'refund.limit.set'"));
	REFUSED("currency_is_known", limit(op, "op_admin", 1, "EURO"));
	REFUSED("refund_limit_role_is_known", limit(op, "op_nobody", 1, NULL));
	REFUSED("refund_limit_is_not_negative", limit(op, "op_admin", -1, NULL));
}

/* More than there is money: nobody's refunds may break by it. */
TEST(a_limit_beyond_all_money_is_no_limit)
{
	CHECK(limit(op, "op_admin", INT64_MAX, NULL) == OK);
	SAME("9223372036854775807", ASK("SELECT refund_limit_of('KWD')"));
}

TEST(a_return_that_is_not_wanted_ends_with_its_reason)
{
	const struct texts lines = { (const char *[]){ "DOG:1" }, 1 };
	const struct return_wish w = { 1024, "a", lines, "too big" };
	struct returned r = { 0 };

	GIVEN(PARTLY_SHIPPED);
	CHECK(return_create(op, &w, &r) == OK);
	CHECK(return_reject(op, r.id, "worn", &r) == OK);
	SAME("rejected", r.state);
	CHECK(r.closed_at.us != 0);
	SAME("worn", ASK("SELECT after->>'reason' FROM audit_log WHERE action = "
			 "'return.reject'"));
	REFUSED("state_follows_its_graph", return_approve(op, r.id, &r));
}
