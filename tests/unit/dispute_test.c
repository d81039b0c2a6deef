/* Disputes: what the provider says counts once, in any order, and the money adds up. */
#include "domain/dispute.h"
#include "domain/refund.h"

#include "db/db.h"
#include "given_order.h"
#include "test.h"

#include <string.h>

static const char *const states[] = { "warning_needs_response", "warning_under_review",
	"warning_closed", "needs_response", "under_review", "won", "lost",
	"prevented" };

enum { STATES = sizeof states / sizeof *states, FIRST_CLOSED = 5 };

/* What the provider says of dp_1, as facts of the hook; txns: what it moved. */
#define DISPUTE(status, txns)                                                          \
	"{\"ref\":\"dp_1\",\"payment_ref\":\"pi_1\",\"charge\":\"ch_1\",\"status\":"   \
	"\"" status                                                                    \
	"\",\"reason\":\"fraudulent\",\"currency\":\"EUR\",\"amount\":10000,"          \
	"\"refundable\":false,\"submissions\":0,\"evidence_due_by\":"                  \
	"\"2099-01-01T00:00:00Z\",\"txns\":[" txns "]}"
#define TOOK "{\"txn\":\"txn_d1\",\"currency\":\"EUR\",\"amount\":-10000,\"fee\":1500}"
#define GAVE "{\"txn\":\"txn_d2\",\"currency\":\"EUR\",\"amount\":10000,\"fee\":-1500}"
#define APPLY(status, txns)                                                            \
	"SELECT dispute_apply('stripe', jsonb_populate_record(NULL::dispute_facts, "   \
	"'" DISPUTE(status, txns) "'));"

/* Paid; the first dispute has number 1024 whatever test ran before. */
#define PAID A_PAID_ORDER "ALTER SEQUENCE dispute_id_seq RESTART WITH 1024;"

static const char *balances(struct op *op)
{
	return ASK(
		"SELECT string_agg(account || ' ' || sum, ', ' ORDER BY account) FROM"
		" (SELECT l.account, sum(l.amount) AS sum FROM ledger_line l"
		" JOIN ledger_entry e ON e.id = l.entry_id"
		" WHERE e.kind LIKE 'dispute%' GROUP BY 1 HAVING sum(l.amount) <> 0) "
		"s");
}

/* Ranks as the graph has them, written down a second time. */
static int rank(int state)
{
	return state < FIRST_CLOSED ? state : FIRST_CLOSED;
}

static const char *apply(struct op *op, const char *state)
{
	return op_printf(op,
		"SELECT dispute_apply('stripe', jsonb_populate_record("
		"NULL::dispute_facts, '%s') );",
		op_printf(op,
			"{\"ref\":\"dp_1\",\"payment_ref\":\"pi_1\",\"status\":\"%s\","
			"\"currency\":\"EUR\",\"amount\":10000,\"refundable\":false,"
			"\"submissions\":0,\"txns\":[]}",
			state));
}

TEST(every_word_in_every_state_moves_it_forward_or_not_at_all)
{
	GIVEN(PAID APPLY("needs_response", TOOK));
	for (int from = 0; from < STATES; from++) {
		for (int word = 0; word < STATES; word++) {
			bool moves = rank(from) < rank(word) && from < FIRST_CLOSED;
			bool closed = from == 2 || from >= FIRST_CLOSED;

			test_attempt(op);
			GIVEN(op_printf(op,
				"UPDATE dispute SET state = '%s', closed_at = %s",
				states[from], closed ? "now()" : "NULL"));
			GIVEN(apply(op, states[word]));
			SAME(moves ? states[word] : states[from],
				ASK("SELECT state FROM dispute"));
			SAME(moves ? "true" : "false",
				ASK(op_printf(op,
					"SELECT state_may('dispute', '%s', '%s')::text",
					states[from], states[word])));
			GIVEN("ROLLBACK TO attempt; RELEASE attempt");
		}
	}
	GIVEN(apply(op, "strange"));
	SAME("needs_response", ASK("SELECT state FROM dispute"));
}

TEST(opening_holds_the_order_and_winning_lets_it_go)
{
	GIVEN(PAID APPLY("needs_response", TOOK));
	SAME("on_hold", ASK("SELECT state FROM orders"));
	SAME("dispute:receivable 10000, fees:dispute 1500, psp:clearing -11500",
		balances(op));
	SAME("dispute_opened", ASK("SELECT string_agg(kind, ' ') FROM incident"));
	SAME("true", ASK("SELECT payment_disputed(1024)::text"));
	GIVEN(APPLY("needs_response", TOOK) APPLY("under_review", TOOK)
			APPLY("won", TOOK "," GAVE) APPLY("won", TOOK "," GAVE));
	SAME("paid", ASK("SELECT state FROM orders"));
	SAME((char *)NULL, balances(op));
	SAME("false", ASK("SELECT payment_disputed(1024)::text"));
	SAME("0", ASK("SELECT payment_lost(1024)"));
	SAME("dispute_opened", ASK("SELECT string_agg(kind, ' ') FROM incident"));
}

TEST(a_lost_dispute_is_a_loss_and_keeps_the_order)
{
	GIVEN(PAID APPLY("lost", TOOK) APPLY("lost", TOOK) APPLY("won", TOOK));
	SAME("on_hold", ASK("SELECT state FROM orders"));
	SAME("fees:dispute 1500, loss:dispute 10000, psp:clearing -11500",
		balances(op));
	SAME("10000", ASK("SELECT payment_lost(1024)"));
	SAME("dispute_opened dispute_lost",
		ASK("SELECT string_agg(kind, ' ' ORDER BY id) FROM incident"));
	SAME("dlost:1024", ASK("SELECT string_agg(key, ' ') FROM ledger_entry WHERE "
			       "kind = 'dispute_lost'"));
	/* what comes back after all is no loss any more */
	GIVEN(APPLY("lost", TOOK "," GAVE));
	SAME((char *)NULL, balances(op));
	SAME("0", ASK("SELECT payment_lost(1024)"));
}

TEST(an_inquiry_moves_no_money_and_may_be_settled_by_a_refund)
{
	GIVEN(PAID "SELECT dispute_apply('stripe', jsonb_populate_record(NULL::"
		   "dispute_facts, '{\"ref\":\"dp_1\",\"payment_ref\":\"pi_1\","
		   "\"status\":\"warning_needs_response\",\"currency\":\"EUR\","
		   "\"amount\":10000,\"refundable\":true}'))");
	SAME("on_hold", ASK("SELECT state FROM orders"));
	SAME("false", ASK("SELECT payment_disputed(1024)::text"));
	SAME((char *)NULL, balances(op));
	GIVEN(APPLY("warning_closed", ""));
	SAME("paid", ASK("SELECT state FROM orders"));
	GIVEN(APPLY("needs_response", TOOK)); /* the bank thought better of it */
	SAME("on_hold", ASK("SELECT state FROM orders"));
	SAME("dispute_opened dispute_escalated",
		ASK("SELECT string_agg(kind, ' ' ORDER BY id) FROM incident"));
}

TEST(what_an_operator_holds_no_dispute_lets_go)
{
	GIVEN(PAID "SELECT order_move(1024, 'on_hold', 'hold', '{}');" APPLY(
		"needs_response", TOOK) APPLY("won", TOOK "," GAVE));
	SAME("on_hold", ASK("SELECT state FROM orders"));
}

/* The customer paid while the order was being canceled, and went to the bank at once.
 */
#define DISPUTED_WHILE_CANCELING                                                       \
	AN_OPEN_PAYMENT                                                                \
	"ALTER SEQUENCE dispute_id_seq RESTART WITH 1024;"                             \
	"SELECT order_move(1024, 'canceling', 'cancel', '{}');" APPLY(                 \
		"needs_response", TOOK) PAYMENT_SAYS(CAPTURED)

TEST(money_without_a_home_waits_until_nobody_disputes_it)
{
	GIVEN(DISPUTED_WHILE_CANCELING PAYMENT_SAYS(CAPTURED));
	SAME("canceled", ASK("SELECT state FROM orders"));
	SAME("0", ASK("SELECT count(*) FROM refund"));
	SAME("dispute_opened return_awaits_dispute",
		ASK("SELECT string_agg(kind, ' ' ORDER BY id) FROM incident"));
	test_attempt(op);
	GIVEN(APPLY("won", TOOK "," GAVE));
	SAME("surplus:1024 10000 requested",
		ASK("SELECT key || ' ' || amount || ' ' || state FROM refund"));
	SAME("closed", ASK("SELECT state FROM incident WHERE kind = "
			   "'return_awaits_dispute'"));
	GIVEN(APPLY("won", TOOK "," GAVE));
	SAME("1", ASK("SELECT count(*) FROM refund"));
	GIVEN("ROLLBACK TO attempt; RELEASE attempt");
	GIVEN(APPLY("lost", TOOK));
	SAME("0", ASK("SELECT count(*) FROM refund"));
	SAME("closed", ASK("SELECT state FROM incident WHERE kind = "
			   "'return_awaits_dispute'"));
}

TEST(what_a_dispute_took_is_not_approved_as_a_refund)
{
	struct refund r;

	GIVEN(PAID "SELECT refund_propose(1024, 'k', 10000, 'too late');" APPLY(
		"lost", TOOK));
	REFUSED("refund_within_captured",
		refund_approve(op, atoll(ASK("SELECT id FROM refund")), &r));
}

TEST(nobody_is_asked_about_what_is_not_ours)
{
	GIVEN(AN_ORDER);
	SAME((char *)NULL,
		ASK("SELECT dispute_apply('stripe', jsonb_populate_record("
		    "NULL::dispute_facts, '{\"ref\":\"dp_1\",\"payment_ref\":"
		    "\"pi_other\",\"charge\":\"ch_other\"}'))"));
	SAME("0", ASK("SELECT count(*) FROM dispute"));
}

TEST(a_person_is_reminded_before_the_evidence_is_due)
{
	GIVEN(PAID APPLY("needs_response", TOOK));
	GIVEN("SELECT api.dispute_record(1024, NULL, 'unknown', 0, NULL, NULL, 0, "
	      "NULL)");
	SAME("dispute_opened", ASK("SELECT string_agg(kind, ' ') FROM incident"));
	GIVEN("UPDATE dispute SET opened_at = now() - interval '10 days',"
	      " evidence_due_by = now() + interval '71 hours'");
	for (int i = 0; i < 2; i++)
		GIVEN("SELECT api.dispute_record(1024, NULL, 'unknown', 0, NULL, NULL,"
		      " 0, NULL)");
	SAME("dispute_opened dispute_evidence_due",
		ASK("SELECT string_agg(kind, ' ' ORDER BY id) FROM incident"));
	SAME("1", ASK("SELECT count(*) FROM job_any WHERE kind = 'dispute.sync' AND "
		      "due_at > now()"));
}

TEST(an_answer_is_checked_and_sent_once)
{
	const char *name = "customer_name=Ada = \"A\"", *bad = "Customer Name";
	struct dispute_answer a = { .dispute = 1024, .field = { &name, 1 } };
	struct dispute_action act = { 0 };
	struct dispute d = { 0 };
	struct rows rows;

	GIVEN(PAID APPLY("needs_response", TOOK));
	a.field.v = &bad;
	REFUSED("dispute_evidence_is_named", dispute_evidence(op, &a, &d));
	a.field = (struct texts){ 0 };
	REFUSED("dispute_evidence_is_given", dispute_evidence(op, &a, &d));
	a.field = (struct texts){ &name, 1 };
	a.submit = true;
	CHECK(dispute_evidence(op, &a, &d) == OK);
	SAME("{\"customer_name\": \"Ada = \\\"A\\\"\"}", d.evidence.s);
	REFUSED("dispute_is_answered_once", dispute_evidence(op, &a, &d));
	REFUSED("dispute_is_answered_once", dispute_accept(op, 1024, "no", &d));
	CHECK(dispute_load(op, 1024, &act) == OK);
	SAME("dispute.update", act.action);
	CHECK(act.submit && act.op_id);
	GIVEN("SELECT api.dispute_record(1024, (SELECT max(id) FROM provider_op), "
	      "'refused',"
	      " 400, 'req', 'evidence_locked', 0, NULL)");
	SAME("dispute_opened dispute_answer_refused",
		ASK("SELECT string_agg(kind, ' ' ORDER BY id) FROM incident"));
	REFUSED("dispute_acceptance_has_a_reason", dispute_accept(op, 1024, "", &d));
	CHECK(dispute_accept(op, 1024, "never shipped", &d) == OK);
	CHECK(dispute_load(op, 1024, &act) == OK);
	SAME("dispute.close", act.action);
	GIVEN(APPLY("lost", TOOK));
	CHECK(dispute_load(op, 1024, &act) == OK);
	SAME("none", act.action);
	REFUSED("dispute_awaits_an_answer", dispute_evidence(op, &a, &d));
	REFUSED("dispute_exists", dispute_get(op, 7, &d));
	CHECK(dispute_list(op,
		      &(struct dispute_query){ .state = "lost", .order = 1024 },
		      &rows) == OK);
	SAME(1, (int64_t)rows.n);
	CHECK(dispute_list(op, &(struct dispute_query){ .open = true }, &rows) == OK);
	SAME(0, (int64_t)rows.n);
}

TEST(a_call_is_made_anew_when_its_key_is_too_old)
{
	struct dispute_action first = { 0 }, second = { 0 };
	struct dispute d = { 0 };

	GIVEN(PAID APPLY("needs_response", TOOK));
	CHECK(dispute_accept(op, 1024, "lost the parcel", &d) == OK);
	CHECK(dispute_load(op, 1024, &first) == OK);
	GIVEN("SELECT * FROM api.op_sent((SELECT max(id) FROM provider_op), 'a=b')");
	CHECK(dispute_load(op, 1024, &second) == OK);
	SAME(first.key, second.key);
	GIVEN("UPDATE provider_op SET first_sent_at = now() - interval '24 hours'"
	      " WHERE kind = 'dispute.close'");
	CHECK(dispute_load(op, 1024, &second) == OK);
	SAME("dispute.close", second.action);
	CHECK(strcmp(first.key, second.key) != 0);
}
