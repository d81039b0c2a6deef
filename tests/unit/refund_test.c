/* Refunds: shares to the cent, never more than came in, every state against every word.
 */
#include "domain/refund.h"

#include "db/db.h"
#include "given_order.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

#define SAYS(status)                                                                   \
	"SELECT refund_apply((SELECT max(id) FROM refund), jsonb_populate_record("     \
	"NULL::refund_facts, '{\"ref\":\"re_1\",\"status\":\"" status "\","            \
	"\"amount\":3000,\"currency\":\"EUR\"}'));"
#define A_REFUND                                                                       \
	A_PAID_ORDER                                                                   \
	"SELECT * FROM api.refund_create(1024, 'k', 3000, 'EUR', NULL, 't');"

static enum err ask_for(struct op *op, int64_t minor, const char *line, const char *key)
{
	struct refund_wish w = { .order_id = 1024, .key = key, .reason = "test" };
	struct refund r = { 0 };
	const char *lines[] = { line };

	if (line)
		w.lines = (struct texts){ lines, 1 };
	if (minor)
		w.amount = (struct money){ minor, "EUR" };
	return refund_create(op, &w, &r);
}

TEST(no_more_goes_back_than_came_in)
{
	GIVEN(A_PAID_ORDER);
	CHECK(ask_for(op, 3000, NULL, "a") == OK);
	REFUSED("refund_within_captured", ask_for(op, 8000, NULL, "b"));
	CHECK(ask_for(op, 7000, NULL, "c") == OK);
	REFUSED("refund_within_captured", ask_for(op, 1, NULL, "d"));
	REFUSED("refund_amount_is_positive", ask_for(op, 0, NULL, "e"));
	SAME("0", ASK("SELECT sum(amount) FROM ledger_line WHERE account = "
		      "'customer:deposits'"));
}

TEST(the_refusal_says_how_much_is_left)
{
	GIVEN(A_PAID_ORDER);
	CHECK(ask_for(op, 3000, NULL, "a") == OK);
	test_attempt(op);
	CHECK(ask_for(op, 8000, NULL, "b") == E_REFUSED);
	SAME("only 70.00 EUR of 100.00 EUR can still be refunded", op->fault.text);
	fault_clear(op);
	GIVEN("ROLLBACK TO attempt");
}

TEST(an_amount_is_split_over_what_is_left_and_nothing_is_lost)
{
	GIVEN(A_PAID_ORDER);
	for (int i = 0; i < 30; i++)
		CHECK(ask_for(op, 333, NULL, op_printf(op, "k%d", i)) == OK);
	CHECK(ask_for(op, 0, NULL, "rest") == OK);
	SAME("10000", ASK("SELECT sum(amount) FROM refund"));
	SAME("1000 6000 3000",
		ASK("SELECT string_agg(s::text, ' ' ORDER BY n) FROM"
		    " (SELECT n, sum(amount) AS s FROM refund_line GROUP BY n) x"));
}

TEST(units_and_the_rest_give_everything_back)
{
	GIVEN(A_PAID_ORDER);
	CHECK(ask_for(op, 0, "DOG:2", "a") == OK);
	SAME("4000", ASK("SELECT amount FROM refund"));
	CHECK(ask_for(op, 0, "CAT:1", "b") == OK);
	REFUSED("refund_within_line", ask_for(op, 0, "CAT:1", "c"));
	REFUSED("refund_within_line", ask_for(op, 0, "DOG:2", "d"));
	REFUSED("line_is_sku_and_quantity", ask_for(op, 0, "DOG:0", "e"));
	REFUSED("line_is_sku_and_quantity", ask_for(op, 0, ":1", "e"));
	CHECK(ask_for(op, 0, NULL, "f") == OK);
	SAME("10000", ASK("SELECT sum(amount) FROM refund"));
	SAME("1000 2000", ASK("SELECT string_agg(amount::text, ' ' ORDER BY n)"
			      " FROM refund_line WHERE qty = 0"));
}

/* From each state, what each word of the provider makes of it; "" changes nothing. */
static const struct word {
	const char *from, *pending, *succeeded, *failed, *canceled;
} words[] = {
	{ "requested", "pending", "succeeded", "failed", "canceled" },
	{ "pending", "pending", "succeeded", "failed", "canceled" },
	{ "succeeded", "succeeded", "succeeded", "failed", "succeeded" },
	{ "failed", "failed", "failed", "failed", "failed" },
	{ "canceled", "canceled", "canceled", "canceled", "canceled" },
};

static void reach(struct op *op, const char *state)
{
	if (strcmp(state, "requested") == 0)
		return;
	GIVEN(op_printf(op,
		"SELECT refund_apply((SELECT max(id) FROM refund), "
		"jsonb_populate_record("
		"NULL::refund_facts, "
		"'{\"ref\":\"re_1\",\"status\":\"%s\",\"amount\":3000,"
		"\"currency\":\"EUR\"}'))",
		state));
}

static void hear(struct op *op, const char *from, const char *word, const char *wanted)
{
	bool back = !strcmp(wanted, "failed") || !strcmp(wanted, "canceled");

	test_attempt(op);
	reach(op, from);
	reach(op, word);
	reach(op, word);
	SAME(wanted, ASK("SELECT state FROM refund"));
	SAME(back ? "-10000" : "-7000", ASK("SELECT sum(amount) FROM ledger_line WHERE "
					    "account = 'customer:deposits'"));
	SAME("0", ASK("SELECT sum(amount) FROM ledger_line WHERE account = "
		      "'refund:payable'"));
	SAME(back ? "1" : "0", ASK("SELECT count(*) FROM incident"));
	GIVEN("ROLLBACK TO attempt; RELEASE attempt");
}

TEST(a_refund_goes_on_and_fails_but_never_back)
{
	GIVEN(A_REFUND);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		hear(op, words[i].from, "pending", words[i].pending);
		hear(op, words[i].from, "succeeded", words[i].succeeded);
		hear(op, words[i].from, "failed", words[i].failed);
		hear(op, words[i].from, "canceled", words[i].canceled);
	}
}

TEST(another_object_for_a_refund_is_for_a_person)
{
	GIVEN(A_REFUND SAYS("succeeded"));
	GIVEN("SELECT refund_apply((SELECT id FROM refund), jsonb_populate_record("
	      "NULL::refund_facts, "
	      "'{\"ref\":\"re_2\",\"status\":\"failed\",\"amount\":3000,"
	      "\"currency\":\"EUR\"}'))");
	SAME("succeeded", ASK("SELECT state FROM refund"));
	SAME("refund_object_unexpected", ASK("SELECT kind FROM incident"));
}

TEST(a_call_past_the_horizon_is_looked_up_and_never_sent)
{
	struct payment_action a = { 0 };
	const char *body = "x=y";

	GIVEN(A_REFUND);
	CHECK(refund_load(op, strtoll(ASK("SELECT id FROM refund"), NULL, 10), &a) ==
		OK);
	SAME("refund.create", a.action);
	CHECK(payment_sent(op, a.op_id, &body) == OK);
	GIVEN("UPDATE provider_op SET first_sent_at = now() - interval '6 d'"
	      " WHERE refund_id IS NOT NULL");
	CHECK(refund_load(op, a.refund_id, &a) == OK);
	SAME("refund.find", a.action);
	CHECK(payment_sent(op, a.op_id, &body) == OK);
	SAME((char *)NULL, body);
}

TEST(a_refusal_gives_the_money_back_to_the_books_in_the_same_transaction)
{
	struct payment_action a = { 0 };
	struct payment_result r = { "refused", "req_1", "charge_disputed", 400, 0,
		{ 0 } };

	GIVEN(A_REFUND);
	CHECK(refund_load(op, strtoll(ASK("SELECT id FROM refund"), NULL, 10), &a) ==
		OK);
	CHECK(payment_record(op, &a, &r) == OK);
	SAME("rejected refused", ASK("SELECT r.state || ' ' || k.state FROM refund r"
				     " JOIN provider_op k ON k.refund_id = r.id"));
	SAME("-10000", ASK("SELECT sum(amount) FROM ledger_line WHERE account = "
			   "'customer:deposits'"));
	CHECK(refund_load(op, a.refund_id, &a) == OK);
	SAME("none", a.action);
}

TEST(asking_again_with_the_same_key_answers_the_first)
{
	struct refund_wish w = { .order_id = 1024, .key = "k", .reason = "t" };
	struct refund r = { 0 };

	GIVEN(A_REFUND);
	w.amount = (struct money){ 3000, "EUR" };
	CHECK(refund_create(op, &w, &r) == OK);
	CHECK(r.replayed);
	SAME("1", ASK("SELECT count(*) FROM refund"));
	w.amount.minor = 3001;
	REFUSED("refund_key_used_once", refund_create(op, &w, &r));
	REFUSED("refund_exists", refund_get(op, 7, &r));
}
