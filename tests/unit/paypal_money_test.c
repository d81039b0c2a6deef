/* PayPal's money in our books: captures one by one, their fees, refunds over several of
 * them, authorizations that are renewed; and every order in which events may come. */
#include "domain/dispute.h"
#include "domain/refund.h"

#include "db/db.h"
#include "given_order.h"
#include "test.h"

#include <string.h>

#define AT_PAYPAL                                                                      \
	AN_ORDER "UPDATE payment SET provider = 'paypal', provider_ref = '5O', state " \
		 "= "                                                                  \
		 "'open', capture = 'manual';"
#define PART(ref, amount, fee)                                                         \
	"{\"ref\":\"" ref "\",\"amount\":" amount ",\"fee\":" fee                      \
	",\"fee_currency\":\"EUR\"}"
#define TWO_PARTS                                                                      \
	FACTS("5O", "captured",                                                        \
		",\"captured\":10000,\"charge\":\"3C\",\"fee\":159,\"fee_currency\":"  \
		"\"EUR\",\"fee_ref\":\"3C\",\"parts\":[" PART(                         \
			"9C", "6000", "218") "," PART("3C", "4000", "159") "]")
#define PAID_IN_TWO AT_PAYPAL PAYMENT_SAYS(TWO_PARTS)

static const char *balances(struct op *op)
{
	return ASK(
		"SELECT string_agg(account || ' ' || sum, ', ' ORDER BY account) FROM"
		" (SELECT account, sum(amount) AS sum FROM ledger_line GROUP BY 1"
		" HAVING sum(amount) <> 0) s");
}

TEST(two_captures_that_are_told_at_once_are_two_with_a_fee_each)
{
	GIVEN(PAID_IN_TWO PAYMENT_SAYS(TWO_PARTS));
	SAME("3C 4000, 9C 6000",
		ASK("SELECT string_agg(ref || ' ' || amount, ', ' ORDER BY ref) FROM "
		    "payment_part"));
	SAME("fee:3C fee:9C", ASK("SELECT string_agg(key, ' ' ORDER BY key) FROM "
				  "ledger_entry WHERE kind = 'fee'"));
	SAME("customer:deposits -10000, fees:psp 377, psp:clearing 9623", balances(op));
	SAME("paid captured", ASK("SELECT o.state || ' ' || p.state FROM orders o, "
				  "payment p"));
	SAME("0", ASK("SELECT count(*) FROM incident"));
}

TEST(a_fee_in_another_currency_is_not_booked_and_a_person_looks)
{
	GIVEN(AT_PAYPAL);
	for (int i = 0; i < 2; i++)
		GIVEN(PAYMENT_SAYS(FACTS("5O", "captured",
			",\"captured\":10000,\"charge\":\"3C\",\"fee\":330,"
			"\"fee_currency\":\"USD\",\"fee_ref\":\"3C\",\"parts\":[{"
			"\"ref\":"
			"\"3C\",\"amount\":10000,\"fee\":330,\"fee_currency\":\"USD\"}"
			"]")));
	SAME("customer:deposits -10000, psp:clearing 10000", balances(op));
	SAME("currency_differs 3C",
		ASK("SELECT string_agg(kind || ' ' || key, ' ') FROM incident"));
}

static enum err ask_for(
	struct op *op, int64_t minor, const char *key, struct refund *out)
{
	return refund_create(op,
		&(struct refund_wish){ .order_id = 1024,
			.key = key,
			.reason = "test",
			.amount = { minor, "EUR" } },
		out);
}

static const char *refunds(struct op *op)
{
	return ASK("SELECT string_agg(format('%s %s %s', r.state, r.amount, k.target),"
		   " ', ' ORDER BY r.id) FROM refund r LEFT JOIN provider_op k"
		   " ON k.refund_id = r.id");
}

static void says(struct op *op, const char *target, const char *ref, const char *status)
{
	GIVEN(op_printf(op,
		"SELECT webhook_refund('paypal', jsonb_build_object('ref', '%s', "
		"'payment_ref', '5O', 'status', '%s', 'currency', 'EUR', 'amount', "
		"r.amount, 'refund_id', r.id, 'op_key', k.idem_key, 'charge', k.target,"
		" 'fee', 10, 'fee_currency', 'EUR'))"
		" FROM refund r JOIN provider_op k ON k.refund_id = r.id"
		" WHERE k.target = '%s'",
		ref, status, target));
}

TEST(a_refund_that_no_capture_has_enough_for_goes_to_several)
{
	struct refund r = { 0 };

	GIVEN(PAID_IN_TWO "ALTER SEQUENCE refund_id_seq RESTART WITH 1024;");
	CHECK(ask_for(op, 3000, "small", &r) == OK);
	SAME("requested 3000 3C", refunds(op)); /* the least that has enough */
	CHECK(ask_for(op, 6500, "large", &r) == OK);
	SAME(6000, r.amount.minor);
	SAME("requested 3000 3C, requested 6000 9C, requested 500 3C", refunds(op));
	SAME("2048", ASK("SELECT part_of FROM refund WHERE amount = 500"));
	SAME("6500", ASK("SELECT sum(l.amount) FROM refund_line l WHERE refund_id > "
			 "1024"));
	CHECK(ask_for(op, 6500, "large", &r) == OK);
	CHECK(r.replayed);
	REFUSED("refund_key_used_once", ask_for(op, 6000, "large", &r));
	REFUSED("refund_within_captured", ask_for(op, 501, "more", &r));
	SAME("2", ASK("SELECT count(DISTINCT idem_key) FROM provider_op WHERE "
		      "refund_id > "
		      "1024"));
}

TEST(the_late_failure_of_one_part_undoes_that_part_and_its_fee)
{
	struct refund r = { 0 };

	GIVEN(PAID_IN_TWO);
	CHECK(ask_for(op, 9000, "all", &r) == OK);
	says(op, "9C", "1R", "succeeded");
	says(op, "3C", "2R", "pending");
	says(op, "3C", "2R", "succeeded");
	SAME("customer:deposits -1000, fees:psp 357, psp:clearing 643", balances(op));
	says(op, "3C", "2R", "failed");
	says(op, "3C", "2R", "failed");
	SAME("succeeded 6000 9C, failed 3000 3C", refunds(op));
	SAME("customer:deposits -4000, fees:psp 367, psp:clearing 3633", balances(op));
	SAME("6000", ASK("SELECT payment_refunded(1024)"));
	SAME("refund_failed", ASK("SELECT string_agg(kind, ' ') FROM incident"));
	CHECK(ask_for(op, 4000, "again", &r) == OK); /* to the capture that has it */
	SAME("3C", ASK("SELECT target FROM provider_op ORDER BY id DESC LIMIT 1"));
}

#define PROMISED(honor)                                                                \
	AT_PAYPAL PAYMENT_SAYS(                                                        \
		AUTHORIZED_AT) "UPDATE payment SET honor_until = now() + interval "    \
			       "'" honor                                               \
			       "', capture_before = now() + interval '20 days';"
#define AUTHORIZED_AT FACTS("5O", "authorized", "")

static const char *next(struct op *op)
{
	return ASK("SELECT action || ' ' || (amount).minor FROM api.payment_load(1024, "
		   "false, 10)");
}

static void concluded(struct op *op, const char *verdict)
{
	GIVEN("SELECT * FROM api.op_sent((SELECT max(id) FROM provider_op), '{}')");
	GIVEN(op_printf(op,
		"SELECT * FROM api.payment_record(1024, (SELECT max(id) FROM "
		"provider_op), '%s', 422, 'r', 'WHY', 0, NULL)",
		verdict));
}

TEST(money_that_is_no_longer_sure_is_asked_for_again_once_before_it_is_captured)
{
	static const char *const verdicts[] = { "done", "refused" };

	for (int i = 0; i < 2; i++) {
		test_attempt(op);
		GIVEN(PROMISED("-1 hour") "SELECT payment_capture(1024, 4000, false)");
		SAME("payment.reauthorize 10000", next(op));
		SAME("payment.reauthorize 10000", next(op));
		concluded(op, "unknown");
		SAME("payment.reauthorize 10000", next(op));
		concluded(op, verdicts[i]);
		SAME("payment.capture 4000", next(op));
		SAME("1", ASK("SELECT count(*) FROM provider_op WHERE kind = "
			      "'payment.reauthorize'"));
		SAME("authorized", ASK("SELECT state FROM payment"));
		GIVEN("ROLLBACK TO attempt; RELEASE attempt");
	}
}

TEST(money_that_is_surely_there_is_captured_at_once)
{
	GIVEN(PROMISED("1 hour") "SELECT payment_capture(1024, 4000, false)");
	SAME("payment.capture 4000", next(op));
	SAME("authorization_unsure", ASK("SELECT string_agg(kind, ' ') FROM incident"));
	SAME("payment.capture 4000", next(op));
	SAME("1", ASK("SELECT count(*) FROM incident"));
}

TEST(somebody_looks_when_an_authorization_is_honored_no_more)
{
	GIVEN(PROMISED(
		"3 days") "DELETE FROM job; SELECT payment_deadline(p) FROM payment p");
	SAME("2 days",
		ASK("SELECT justify_hours(due_at - now())::text FROM job_any WHERE "
		    "kind = 'payment.sync'"));
	SAME((char *)NULL, ASK("SELECT string_agg(kind, ' ') FROM incident"));
}

/* Words of different times: an old one comes after a new one all the same. */
static const char *const words[] = {
	"webhook_payment('paypal', to_jsonb(" FACTS("5O", "approved", "") "))",
	"webhook_payment('paypal', to_jsonb(" FACTS("5O", "captured",
		",\"captured\":10000,\"charge\":\"3C\",\"fee\":329,\"fee_currency\":"
		"\"EUR\",\"fee_ref\":\"3C\",\"parts\":[" PART(
			"3C", "10000", "329") "]") "))",
	"webhook_refund('paypal', '{\"ref\":\"1R\",\"payment_ref\":\"5O\",\"status\":"
	"\"pending\",\"currency\":\"EUR\",\"amount\":1000,\"charge\":\"3C\"}')",
	"webhook_refund('paypal', '{\"ref\":\"1R\",\"payment_ref\":\"5O\",\"status\":"
	"\"succeeded\",\"currency\":\"EUR\",\"amount\":1000,\"charge\":\"3C\",\"fee\":"
	"30,\"fee_currency\":\"EUR\"}')",
	"webhook_dispute('paypal', '{\"ref\":\"PP-D-1\",\"charge\":\"3C\",\"status\":"
	"\"needs_response\",\"currency\":\"EUR\",\"amount\":9000,\"refundable\":false,"
	"\"submissions\":0,\"txns\":[{\"txn\":\"PP-D-1:1\",\"currency\":\"EUR\","
	"\"amount\":-9000,\"fee\":2000}]}')",
};

enum { WORDS = sizeof words / sizeof *words };

/* What they leave behind, without the numbers that count up. */
static const char *rows(struct op *op)
{
	return ASK(
		"SELECT concat_ws(' | ', (SELECT o.state FROM orders o),"
		" (SELECT concat_ws(' ', p.state, p.captured, p.charge_ref, p.fee_ref,"
		" p.applied) FROM payment p),"
		" (SELECT string_agg(concat_ws(' ', r.state, r.amount, r.provider_ref,"
		" r.capture_ref), ', ') FROM refund r),"
		" (SELECT string_agg(concat_ws(' ', d.state, d.amount, d.lost), ', ')"
		" FROM dispute d), (SELECT string_agg(ref || ' ' || amount, ', ')"
		" FROM payment_part),"
		" (SELECT string_agg(concat_ws(' ', e.kind, l.account, l.amount), ', '"
		" ORDER BY e.kind, l.account, l.amount) FROM ledger_entry e JOIN"
		" ledger_line l ON l.entry_id = e.id),"
		" (SELECT string_agg(i.kind, ' ' ORDER BY i.kind) FROM incident i))");
}

/* One order of the words; what found nothing of ours yet comes again, then all do. */
static const char *told(struct op *op, const int *order)
{
	const char *sql = "";

	for (int round = 0; round < 3; round++)
		for (int i = 0; i < WORDS; i++)
			sql = op_printf(op, "%sSELECT %s;", sql, words[order[i]]);
	test_attempt(op);
	GIVEN(sql);
	sql = rows(op);
	GIVEN("ROLLBACK TO attempt; RELEASE attempt");
	return sql;
}

/* The next order of all, or false after the last. */
static bool permute(int *v)
{
	int i = WORDS - 2, j = WORDS - 1, swap;

	while (i >= 0 && v[i] > v[i + 1])
		i--;
	if (i < 0)
		return false;
	while (v[j] < v[i])
		j--;
	swap = v[i], v[i] = v[j], v[j] = swap;
	for (i++, j = WORDS - 1; i < j; i++, j--)
		swap = v[i], v[i] = v[j], v[j] = swap;
	return true;
}

TEST(every_order_of_five_events_and_their_twins_leaves_the_same_rows)
{
	int order[WORDS] = { 0, 1, 2, 3, 4 }, n = 0;
	const char *wanted;

	GIVEN(AT_PAYPAL);
	wanted = told(op, order);
	SAME("on_hold | captured 10000 3C 3C t | succeeded 1000 1R 3C | needs_response "
	     "9000 "
	     "0 | 3C 10000 | capture customer:deposits -10000, capture psp:clearing "
	     "10000, "
	     "dispute dispute:receivable 9000, dispute fees:dispute 2000, dispute "
	     "psp:clearing -11000, fee fees:psp -30, fee fees:psp 329, fee "
	     "psp:clearing "
	     "-329, fee psp:clearing 30, refund_accepted psp:clearing -1000, "
	     "refund_accepted refund:payable 1000, refund_requested customer:deposits "
	     "1000, "
	     "refund_requested refund:payable -1000 | dispute_opened",
		wanted);
	do
		SAME(wanted, told(op, order)), n++;
	while (permute(order));
	SAME(120, n);
}
