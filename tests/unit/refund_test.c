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

/* From each state, what each word of the provider makes of it; the same word twice
 * changes nothing, and a late one neither. */
static const struct word {
	const char *from, *pending, *requires_action, *succeeded, *failed, *canceled;
} words[] = {
	{ "requested", "pending", "requires_action", "succeeded", "failed",
		"canceled" },
	{ "pending", "pending", "requires_action", "succeeded", "failed", "canceled" },
	{ "requires_action", "pending", "requires_action", "succeeded", "failed",
		"canceled" },
	{ "succeeded", "succeeded", "succeeded", "succeeded", "failed", "succeeded" },
	{ "failed", "failed", "failed", "failed", "failed", "failed" },
	{ "canceled", "canceled", "canceled", "canceled", "canceled", "canceled" },
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
		hear(op, words[i].from, "requires_action", words[i].requires_action);
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

static const char *const states[] = { "proposed", "requested", "pending",
	"requires_action", "succeeded", "failed", "rejected", "canceled" };
static const char *const events[] = { "approve", "decline", "pending",
	"requires_action", "succeeded", "failed", "canceled", "reject", "settle" };

/* Written out here a second time, so that an edit of the graph is noticed. */
static const char *graph =
	"proposed approve requested, proposed decline canceled, "
	"requested pending pending, requested requires_action requires_action, "
	"requested succeeded succeeded, requested failed failed, "
	"requested canceled canceled, requested reject rejected, "
	"requested settle succeeded, pending requires_action requires_action, "
	"pending succeeded succeeded, pending failed failed, pending canceled "
	"canceled, "
	"requires_action pending pending, requires_action succeeded succeeded, "
	"requires_action failed failed, requires_action canceled canceled, "
	"succeeded failed failed";

TEST(a_refund_goes_along_its_graph_only)
{
	int taken = 0;

	GIVEN(A_REFUND);
	for (size_t s = 0; s < sizeof states / sizeof *states; s++) {
		for (size_t e = 0; e < sizeof events / sizeof *events; e++) {
			const char *ask = op_printf(op,
				"SELECT (state_move('refund', 1, 1024, "
				"'%s', '%s')).to_state",
				states[s], events[e]);
			const char *edge =
				op_printf(op, "%s %s ", states[s], events[e]);
			const char *at = strstr(graph, edge);

			while (at && at > graph && at[-1] != ' ')
				at = strstr(at + 1, edge);
			if (!at) {
				REFUSED("state_follows_its_graph",
					db_script(op, "move", ask));
				continue;
			}
			CHECK(strncmp(at + strlen(edge), ASK(ask), strlen(ASK(ask))) ==
				0);
			taken++;
		}
	}
	SAME(taken, strtoll(ASK("SELECT count(*) FROM state_edge WHERE machine = "
				"'refund'"),
			    NULL, 10));
}

/* The refund that was asked for with that key. */
static int64_t keyed(struct op *op, const char *key)
{
	return strtoll(
		ASK(op_printf(op, "SELECT id FROM refund WHERE key = '%s'", key)), NULL,
		10);
}

TEST(above_the_limit_it_waits_and_its_money_with_it)
{
	struct refund r = { 0 };

	GIVEN(A_PAID_ORDER "UPDATE refund_limit SET major = 30");
	CHECK(ask_for(op, 3000, NULL, "a") == OK);
	SAME("requested", ASK("SELECT state FROM refund"));
	CHECK(ask_for(op, 3001, NULL, "b") == OK);
	SAME("proposed", ASK("SELECT state FROM refund WHERE key = 'b'"));
	SAME("1 0", ASK("SELECT count(*) || ' ' || (SELECT count(*) FROM ledger_entry e"
			" JOIN refund r ON r.id = e.refund_id WHERE r.key = 'b')"
			" FROM incident WHERE kind = 'refund_awaits_approval'"));
	REFUSED("refund_within_captured", ask_for(op, 4000, NULL, "c"));
	REFUSED("refund_is_approved_by_another",
		refund_approve(op, keyed(op, "b"), &r));
	GIVEN("UPDATE refund SET asked_by = 'ana' WHERE key = 'b'");
	CHECK(refund_approve(op, keyed(op, "b"), &r) == OK);
	SAME("requested", r.state);
	SAME("0", ASK("SELECT count(*) FROM incident WHERE closed_at IS NULL"));
	REFUSED("refund_is_proposed", refund_decline(op, keyed(op, "b"), "no", &r));
	CHECK(ask_for(op, 3999, NULL, "d") == OK);
	CHECK(refund_decline(op, keyed(op, "d"), "no", &r) == OK);
	SAME("canceled", r.state);
	CHECK(ask_for(op, 3000, NULL, "e") == OK);
}

TEST(the_limit_is_in_the_major_units_of_the_currency)
{
	GIVEN("UPDATE refund_limit SET major = 7 WHERE role <> 'op_finance';"
	      "INSERT INTO refund_limit VALUES ('op_finance', 'JPY', 90000)");
	SAME("100000", ASK("SELECT refund_limit_of('EUR')"));
	SAME("90000", ASK("SELECT refund_limit_of('JPY')"));
	SAME("1000000", ASK("SELECT refund_limit_of('KWD')"));
}

TEST(a_proposal_of_the_system_needs_one_person)
{
	struct refund r = { 0 };

	GIVEN(A_PAID_ORDER "SELECT refund_propose(1024, 'p', 4000, 'too much');"
			   "SELECT refund_propose(1024, 'p', 4000, 'too much')");
	SAME("1 proposed", ASK("SELECT count(*) || ' ' || min(state) FROM refund"));
	CHECK(refund_approve(op, keyed(op, "p"), &r) == OK);
	SAME("requested", r.state);
}

TEST(no_to_the_refund_of_a_canceled_order_leaves_it_to_a_person)
{
	struct refund r = { 0 };

	GIVEN(A_PAID_ORDER "SELECT refund_propose(1024, 'p', 4000, 'once more');"
			   "UPDATE orders SET state = 'canceled' WHERE id = 1024");
	CHECK(refund_decline(op, keyed(op, "p"), "no", &r) == OK);
	SAME("canceled", r.state);
	SAME("refund_awaits_approval", ASK("SELECT string_agg(kind, ' ') FROM incident "
					   "WHERE closed_at IS NULL"));
}

TEST(a_failure_weeks_later_undoes_exactly_what_was_booked)
{
	struct refund r = { 0 };
	const char *balances = "SELECT string_agg(account || ' ' || sum, ', ' ORDER BY "
			       "account) FROM (SELECT account, sum(amount) FROM "
			       "ledger_line GROUP BY 1) x"
			       " WHERE sum <> 0";
	const char *before;

	GIVEN(A_PAID_ORDER "SELECT * FROM api.shipment_create(1024, 's',"
			   " '[{\"sku\":\"DOG\",\"qty\":2}]', NULL, NULL, NULL);"
			   "SELECT * FROM api.shipment_ship((SELECT min(id) FROM "
			   "shipment), NULL, NULL)");
	before = ASK(balances);
	CHECK(ask_for(op, 0, "DOG:2", "a") == OK);
	GIVEN("SELECT refund_apply((SELECT id FROM refund), jsonb_populate_record("
	      "NULL::refund_facts, '{\"ref\":\"re_1\",\"status\":\"succeeded\","
	      "\"amount\":4000,\"currency\":\"EUR\"}'));"
	      "SELECT refund_apply((SELECT id FROM refund), jsonb_populate_record("
	      "NULL::refund_facts, '{\"ref\":\"re_1\",\"status\":\"failed\","
	      "\"amount\":4000,\"currency\":\"EUR\"}'))");
	SAME(before, ASK(balances));
	CHECK(refund_retry(op, keyed(op, "a"), "again", &r) == OK);
	SAME("requested", r.state);
	SAME("4000", ASK("SELECT sum(x.amount) FROM refund_line x JOIN refund r"
			 " ON r.id = x.refund_id WHERE r.state = 'requested'"));
	CHECK(refund_retry(op, keyed(op, "a"), "again", &r) == OK);
	CHECK(r.replayed);
	SAME("0", ASK("SELECT count(*) FROM incident WHERE closed_at IS NULL"));
}

TEST(what_the_provider_cannot_pay_is_paid_by_bank)
{
	struct refund r = { 0 };
	struct refund_paid paid = { 0, "SEPA 7", NULL };

	GIVEN(A_REFUND "SELECT refund_reject((SELECT id FROM refund), 'closed')");
	paid.refund = keyed(op, "k");
	REFUSED("refund_is_paid_outside", refund_settle(op, &paid, "x", &r));
	paid.via = "bank";
	CHECK(refund_settle(op, &paid, "x", &r) == OK);
	SAME("succeeded", r.state);
	CHECK(refund_settle(op, &paid, "x", &r) == OK);
	CHECK(r.replayed);
	SAME("-3000 0",
		ASK("SELECT sum(amount) FILTER (WHERE account = 'bank') || ' ' ||"
		    " sum(amount) FILTER (WHERE account = 'refund:payable')"
		    " FROM ledger_line"));
	SAME("2", ASK("SELECT count(*) FROM refund"));
}

TEST(shipping_goes_back_beside_the_lines_or_alone)
{
	struct refund_wish w = { .order_id = 1024, .key = "a", .reason = "t" };
	struct refund r = { 0 };

	GIVEN(A_PAID_ORDER);
	w.shipping = "4.90EUR";
	CHECK(refund_create(op, &w, &r) == OK);
	SAME(490, r.amount.minor);
	w.shipping = "5.11EUR";
	w.key = "b";
	REFUSED("refund_within_shipping", refund_create(op, &w, &r));
	w.shipping = "1.00USD";
	REFUSED("refund_in_the_currency_paid", refund_create(op, &w, &r));
	w.shipping = "0";
	REFUSED("refund_amount_is_positive", refund_create(op, &w, &r));
	w.shipping = "all";
	w.lines = (struct texts){ (const char *[]){ "DOG:1" }, 1 };
	CHECK(refund_create(op, &w, &r) == OK);
	SAME(2510, r.amount.minor);
	SAME("1000 2000",
		ASK("SELECT string_agg(s::text, ' ' ORDER BY n) FROM (SELECT n,"
		    " sum(amount) AS s FROM refund_line GROUP BY n) x"));
}
