/* Payments that are authorized first: captured whole or in parts, voided, run out; and
 * every state of a payment against every event. */
#include "domain/payment.h"

#include "db/db.h"
#include "domain/order.h"
#include "given_order.h"
#include "test.h"

#include <string.h>

static const char *const states[] = { "new", "open", "processing", "authorized",
	"captured", "canceled", "abandoned" };
static const char *const events[] = { "open", "processing", "authorized", "part",
	"captured", "canceled", "abandon" };

enum {
	STATES = sizeof states / sizeof *states,
	EVENTS = sizeof events / sizeof *events
};

/* Written out here a second time: a row a state, a column an event. */
static const char *const graph[STATES][EVENTS] = {
	{ "open", "processing", "authorized", NULL, "captured", "canceled",
		"abandoned" },
	{ NULL, "processing", "authorized", NULL, "captured", "canceled", NULL },
	{ "open", NULL, "authorized", NULL, "captured", "canceled", NULL },
	{ NULL, NULL, NULL, "authorized", "captured", "canceled", NULL },
	{ NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ NULL, NULL, NULL, NULL, "captured", NULL, NULL },
	{ "open", "processing", "authorized", NULL, "captured", "canceled", NULL },
};

static void walk(struct op *op, int state, int event)
{
	const char *move = op_printf(op,
		"SELECT (state_move('payment', 1024, 1024, '%s', '%s')).to_state",
		states[state], events[event]);

	if (graph[state][event])
		SAME(graph[state][event], ASK(move));
	else
		REFUSED("state_follows_its_graph", db_script(op, "move", move));
}

TEST(every_state_of_a_payment_meets_every_event)
{
	GIVEN(AN_ORDER);
	for (int s = 0; s < STATES; s++)
		for (int e = 0; e < EVENTS; e++)
			walk(op, s, e);
}

/* What a provider may say, in the words of payment_facts. */
static const char *const words[] = {
	FACTS("pi_1", "open", ""),
	FACTS("pi_1", "approved", ""),
	FACTS("pi_1", "processing", ""),
	AUTHORIZED,
	AUTHORIZED_AND(",\"captured\":4000,\"charge\":\"ch_1\""),
	CAPTURED,
	FACTS("pi_1", "canceled", ""),
	FACTS("pi_1", "unknown", ""),
};

/* Whatever is said in whatever state: no error, no state but by an edge. */
TEST(no_word_of_a_provider_is_an_error_in_any_state)
{
	const char *was;

	GIVEN(AN_OPEN_PAYMENT);
	for (int s = 0; s < STATES; s++) {
		for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
			test_attempt(op);
			GIVEN(op_printf(op,
				"UPDATE payment SET state = '%s', live = %s,"
				" captured = CASE '%s' WHEN 'captured' THEN 10000 ELSE "
				"0 END;"
				"SELECT payment_apply(1024, %s)",
				states[s], s < 4 ? "true" : "false", states[s],
				words[w]));
			was = ASK("SELECT state FROM payment WHERE id = 1024");
			SAME("true",
				ASK(op_printf(op,
					"SELECT '%s' = '%s' OR EXISTS (SELECT FROM "
					"state_edge"
					" WHERE machine = 'payment' AND from_state = "
					"'%s'"
					" AND to_state = '%s')",
					states[s], was, states[s], was)));
			GIVEN("ROLLBACK TO attempt; RELEASE attempt");
		}
	}
}

static const char *outcome(struct op *op)
{
	return ASK("SELECT concat_ws(' ', o.state, p.state, p.captured, p.live,"
		   " (SELECT string_agg(DISTINCT stock_state, ',') FROM order_line),"
		   " (SELECT string_agg(key, ',' ORDER BY id) FROM ledger_entry"
		   " WHERE kind = 'capture'))"
		   " FROM orders o, payment p WHERE p.id = 1024");
}

static struct payment_action next(struct op *op)
{
	struct payment_action a = { 0 };

	CHECK(payment_load(op, 1024, true, &a) == OK);
	return a;
}

TEST(an_authorization_of_the_whole_total_sells_the_stock)
{
	GIVEN(AN_AUTHORIZED_ORDER);
	SAME("authorized authorized 0 t committed", outcome(op));
	SAME("1", ASK("SELECT count(*) FROM notification"));
	SAME("true", ASK("SELECT applied AND capture_before > now() FROM payment"));
}

TEST(another_amount_is_not_accepted_as_an_authorization)
{
	GIVEN(AN_OPEN_PAYMENT PAYMENT_SAYS(
		"jsonb_populate_record(" AUTHORIZED ", '{\"amount\": 9000}')"));
	SAME("pending authorized 0 f active", outcome(op));
	SAME("payment_mismatch", ASK("SELECT kind FROM incident"));
	SAME("payment.cancel", next(op).action);
}

TEST(a_capture_of_the_whole_pays_the_order_under_one_key)
{
	struct payment_moved m;
	struct payment_action a;

	GIVEN(AN_AUTHORIZED_ORDER);
	CHECK(payment_capture(op, 1024, (struct money){ 0 }, false, &m) == OK);
	SAME(10000, m.asked.minor);
	a = next(op);
	SAME("payment.capture", a.action);
	SAME(10000, a.amount.minor);
	CHECK(a.final);
	GIVEN(PAYMENT_SAYS(CAPTURED));
	SAME("paid captured 10000 f committed cap:stripe:ch_1", outcome(op));
	REFUSED("payment_is_authorized",
		payment_capture(op, 1024, (struct money){ 0 }, false, &m));
}

TEST(parts_are_captured_one_after_the_other_and_posted_one_by_one)
{
	const struct money part = { 4000, "EUR" }, rest = { 6001, "EUR" };
	struct payment_moved m;
	struct payment_action a;

	GIVEN(AN_AUTHORIZED_ORDER);
	CHECK(payment_capture(op, 1024, part, false, &m) == OK);
	REFUSED("payment_capture_within_authorized",
		payment_capture(op, 1024, rest, false, &m));
	REFUSED("payment_capture_in_its_currency",
		payment_capture(op, 1024, (struct money){ 1, "USD" }, false, &m));
	CHECK(payment_capture(op, 1024, (struct money){ 0 }, false, &m) == OK);
	a = next(op);
	SAME(4000, a.amount.minor);
	CHECK(!a.final);
	GIVEN(PAYMENT_SAYS(AUTHORIZED_AND(",\"captured\":4000,\"charge\":\"ch_1\""))
			PAYMENT_SAYS(
				AUTHORIZED_AND(",\"captured\":4000,\"charge\":\"ch_"
					       "1\"")) "SELECT payment_schedule(1024)");
	SAME("authorized authorized 4000 t committed cap:stripe:ch_1:4000",
		outcome(op));
	a = next(op);
	SAME(6000, a.amount.minor);
	CHECK(a.final);
	GIVEN(PAYMENT_SAYS(CAPTURED)
			PAYMENT_SAYS(AUTHORIZED_AND(",\"captured\":4000")));
	SAME("paid captured 10000 f committed "
	     "cap:stripe:ch_1:4000,cap:stripe:ch_1:10000",
		outcome(op));
	SAME("6000", ASK("SELECT amount FROM ledger_line l JOIN ledger_entry e ON e.id "
			 "= l.entry_id WHERE key = 'cap:stripe:ch_1:10000' AND amount "
			 "> 0"));
}

TEST(a_capture_whose_answer_was_lost_is_sent_again_then_looked_up_never_twice)
{
	struct payment_moved m;
	struct payment_action a;
	const char *body = "amount_to_capture=10000", *key;

	GIVEN(AN_AUTHORIZED_ORDER);
	CHECK(payment_capture(op, 1024, (struct money){ 0 }, false, &m) == OK);
	a = next(op);
	key = a.key;
	CHECK(payment_sent(op, a.op_id, &body) == OK);
	CHECK(body != NULL);
	GIVEN(op_printf(op,
		"SELECT * FROM api.payment_record(1024, %lld, 'unknown', 0, "
		"NULL, 'timeout', 0, NULL)",
		(long long)a.op_id));
	a = next(op);
	SAME("payment.capture", a.action);
	SAME(key, a.key);
	GIVEN("UPDATE provider_op SET first_sent_at = now() - interval '24 h',"
	      " last_sent_at = now() - interval '24 h';"
	      "UPDATE payment SET checked_at = now() - interval '25 h'");
	SAME("payment.get", next(op).action);
	GIVEN("UPDATE payment SET checked_at = now()");
	a = next(op);
	SAME("payment.capture", a.action);
	CHECK(strcmp(key, a.key) != 0);
}

TEST(a_refused_capture_stops_those_behind_it_and_asks_a_person)
{
	struct payment_moved m;
	struct payment_action a;

	GIVEN(AN_AUTHORIZED_ORDER);
	CHECK(payment_capture(op, 1024, (struct money){ 4000, "EUR" }, false, &m) ==
		OK);
	CHECK(payment_capture(op, 1024, (struct money){ 0 }, false, &m) == OK);
	a = next(op);
	GIVEN(op_printf(op,
		"SELECT * FROM api.payment_record(1024, %lld, 'refused', 400, "
		"NULL, 'no', 0, NULL)",
		(long long)a.op_id));
	SAME("capture_refused", ASK("SELECT kind FROM incident"));
	SAME("payment.get", next(op).action);
	SAME("0", ASK("SELECT count(*) FROM provider_op WHERE kind = 'payment.capture'"
		      " AND state IN ('new', 'sent', 'unknown')"));
	SAME("authorized authorized 0 t committed", outcome(op));
}

TEST(a_void_asks_the_provider_then_frees_the_stock)
{
	struct payment_moved m;
	const char *body = "x";
	struct payment_action a;

	GIVEN(AN_AUTHORIZED_ORDER);
	CHECK(payment_capture(op, 1024, (struct money){ 0 }, false, &m) == OK);
	a = next(op);
	CHECK(payment_void(op, 1024, &m) == OK);
	SAME("canceling", m.order_state);
	CHECK(payment_sent(op, a.op_id, &body) == OK);
	CHECK(body == NULL);
	SAME("payment.cancel", next(op).action);
	GIVEN(PAYMENT_SAYS(FACTS("pi_1", "canceled", "")));
	SAME("canceled canceled 0 f released", outcome(op));
	SAME("0 0", ASK("SELECT string_agg(reserved::text, ' ') FROM stock"));
}

TEST(captured_while_it_was_voided_the_money_goes_back)
{
	struct payment_moved m;

	GIVEN(AN_AUTHORIZED_ORDER);
	CHECK(payment_void(op, 1024, &m) == OK);
	GIVEN(PAYMENT_SAYS(CAPTURED));
	SAME("canceled captured 10000 f released cap:stripe:ch_1", outcome(op));
	SAME("10000", ASK("SELECT amount FROM refund"));
}

TEST(an_authorization_that_runs_out_cancels_the_order)
{
	GIVEN(AN_AUTHORIZED_ORDER PAYMENT_SAYS(FACTS("pi_1", "canceled", "")));
	SAME("canceled canceled 0 f released", outcome(op));
	SAME("lapsed", ASK("SELECT event FROM order_event WHERE machine = 'order'"
			   " ORDER BY id DESC LIMIT 1"));
}

TEST(what_was_captured_of_one_that_ran_out_stays_and_a_person_is_asked)
{
	GIVEN(AN_AUTHORIZED_ORDER PAYMENT_SAYS(
		AUTHORIZED_AND(",\"captured\":4000,\"charge\":\"ch_1\""))
			PAYMENT_SAYS(FACTS("pi_1", "canceled", ",\"captured\":4000")));
	SAME("authorized captured 4000 f committed cap:stripe:ch_1:4000", outcome(op));
	SAME("captured_in_part", ASK("SELECT kind FROM incident"));
	GIVEN("SELECT * FROM api.order_cancel(1024, 'the rest is gone')");
	SAME("canceled captured 4000 f released cap:stripe:ch_1:4000", outcome(op));
	SAME("4000", ASK("SELECT sum(amount) FROM refund"));
}

TEST(a_day_and_two_hours_before_it_runs_out_a_person_is_told_once_each)
{
	GIVEN(AN_AUTHORIZED_ORDER "SELECT payment_schedule(1024);");
	SAME("true", ASK("SELECT run_at = p.capture_before - interval '24 hours'"
			 " FROM job_later, payment p WHERE kind = 'payment.sync'"
			 " ORDER BY job_later.id DESC LIMIT 1"));
	SAME("payment.get", next(op).action);
	SAME("0", ASK("SELECT count(*) FROM incident"));
	GIVEN("UPDATE payment SET capture_before = now() + interval '23 hours'");
	next(op);
	next(op);
	SAME("24", ASK("SELECT string_agg(detail->>'hours', ' ') FROM incident"));
	GIVEN("SELECT incident_close(id, 'seen') FROM incident");
	next(op);
	GIVEN("UPDATE payment SET capture_before = now() + interval '1 hour'");
	next(op);
	next(op);
	SAME("24 2", ASK("SELECT string_agg(detail->>'hours', ' ' ORDER BY id) FROM "
			 "incident"));
}

TEST(what_the_customer_approved_is_captured_by_us)
{
	struct payment_action a;

	GIVEN(AN_OPEN_PAYMENT PAYMENT_SAYS(
		FACTS("pi_1", "approved", "")) "SELECT payment_schedule(1024);");
	SAME("pending open 0 t active", outcome(op));
	a = next(op);
	SAME("payment.capture", a.action);
	SAME(10000, a.amount.minor);
	GIVEN(op_printf(op,
		"SELECT * FROM api.payment_record(1024, %lld, 'refused', 422, "
		"NULL, 'INSTRUMENT_DECLINED', 0, NULL)",
		(long long)a.op_id));
	SAME("false 1", ASK("SELECT approved || ' ' || declines FROM payment"));
	SAME("payment.get", next(op).action);
	GIVEN(PAYMENT_SAYS(FACTS("pi_1", "approved", "")));
	SAME("payment.capture", next(op).action);
	GIVEN(PAYMENT_SAYS(CAPTURED));
	SAME("paid captured 10000 f committed cap:stripe:ch_1", outcome(op));
}

TEST(an_order_tells_of_its_payment)
{
	GIVEN(AN_AUTHORIZED_ORDER PAYMENT_SAYS(CAPTURED));
	SAME("payment 1024: new -> open, payment 1024: open -> authorized, "
	     "payment 1024: authorized -> captured",
		ASK("SELECT string_agg(what, ', ' ORDER BY at) FROM "
		    "api.order_timeline(1024) WHERE source = 'payment' AND what LIKE "
		    "'%->%'"));
}
