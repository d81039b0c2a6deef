/* The breaker of a provider: closed, open, half-open. */
#include "domain/breaker.h"
#include "test.h"

#include <stdlib.h>

static const char *tell(struct op *op, int64_t failed)
{
	const struct breaker_note n = {
		.failed = failed, .error = "no answer", .most = 5, .pause_s = 10
	};
	const char *state;
	bool changed;

	CHECK(breaker_tell(op, "stripe", &n, &state, &changed) == OK);
	return state;
}

static struct breaker_word ask(struct op *op)
{
	struct breaker_word w;

	CHECK(breaker_ask(op, "stripe", 30, &w) == OK);
	return w;
}

/* Its time has come. */
static void wait_for_probe(struct op *op)
{
	GIVEN("UPDATE breaker SET probe_at = now()");
}

TEST(failures_in_a_row_open_it_whoever_saw_them)
{
	SAME("closed", tell(op, 2));
	CHECK(ask(op).go);
	SAME(2, ask(op).failures);
	SAME("closed", tell(op, 2));
	SAME("open", tell(op, 1));
	CHECK(!ask(op).go);
	CHECK(ask(op).wait_s > 9 && ask(op).wait_s <= 10);
}

TEST(an_answer_in_between_begins_the_count_anew)
{
	tell(op, 4);
	SAME("closed", tell(op, 0));
	SAME(0, ask(op).failures);
	SAME("closed", tell(op, 4));
}

TEST(one_call_tries_again_and_its_answer_closes_it)
{
	tell(op, 5);
	wait_for_probe(op);
	CHECK(ask(op).probe);
	CHECK(!ask(op).go);
	SAME("closed", tell(op, 0));
	CHECK(ask(op).go);
	CHECK(!ask(op).probe);
}

TEST(each_probe_that_fails_doubles_the_wait_up_to_a_minute)
{
	static const int waits[] = { 10, 20, 40, 60, 60 };
	struct breaker_word w;

	tell(op, 5);
	for (int i = 0; i < 5; i++) {
		w = ask(op);
		CHECK(w.wait_s > waits[i] - 1 && w.wait_s <= waits[i]);
		wait_for_probe(op);
		CHECK(ask(op).probe);
		SAME("open", tell(op, 1));
	}
}

TEST(a_probe_that_was_lost_is_followed_by_another)
{
	tell(op, 5);
	wait_for_probe(op);
	CHECK(ask(op).probe);
	CHECK(!ask(op).probe);
	wait_for_probe(op);
	CHECK(ask(op).probe);
}

TEST(a_probe_that_was_not_needed_leaves_the_next_one_to_try)
{
	tell(op, 5);
	wait_for_probe(op);
	CHECK(ask(op).probe);
	SAME("open", tell(op, -1));
	CHECK(ask(op).probe);
}

TEST(late_failures_of_calls_under_way_change_nothing_while_it_is_open)
{
	struct breaker_word w;

	tell(op, 5);
	w = ask(op);
	SAME("open", tell(op, 3));
	CHECK(ask(op).wait_s <= w.wait_s);
}

#define INCIDENTS                                                                      \
	"SELECT count(*) FILTER (WHERE closed_at IS NULL) || ' of ' || count(*) FROM " \
	"incident WHERE kind = 'provider_away'"

TEST(a_person_hears_of_it_once_and_when_it_is_over)
{
	tell(op, 5);
	wait_for_probe(op);
	ask(op);
	tell(op, 1);
	SAME("1 of 1", ASK(INCIDENTS));
	wait_for_probe(op);
	ask(op);
	tell(op, 0);
	SAME("0 of 1", ASK(INCIDENTS));
}

TEST(by_hand_it_is_open_until_its_time_or_a_reset)
{
	struct rows rows;

	CHECK(breaker_trip(op, "stripe", 0, "repairs") == OK);
	SAME("open", tell(op, 0));
	CHECK(!ask(op).go);
	CHECK(ask(op).wait_s <= 300);
	CHECK(breaker_list(op, "stripe", &rows) == OK);
	SAME("repairs", ((struct breaker *)rows.items)->reason);
	CHECK(breaker_reset(op, "stripe") == OK);
	CHECK(ask(op).go);
	CHECK(breaker_trip(op, "stripe", 60, "repairs") == OK);
	wait_for_probe(op);
	CHECK(ask(op).probe);
	SAME("closed", tell(op, 0));
	SAME(3, strtol(ASK("SELECT count(*) FROM audit_log WHERE object = "
			   "'breaker/stripe'"),
			NULL, 10));
	REFUSED("breaker_exists", breaker_trip(op, "stripes", 0, "typo"));
}

TEST(a_reset_lets_what_waited_go_at_once)
{
	GIVEN("INSERT INTO job_later (id, run_at, created_at, kind, rule, message) "
	      "VALUES"
	      "(1, now() + interval '1 h', now(), 'payment.sync', 'breaker_is_closed',"
	      " 'stripe is not asked now'),"
	      "(2, now() + interval '1 h', now(), 'payment.sync', 'breaker_is_closed',"
	      " 'paypal is not asked now'), (3, now() + interval '1 h', now(), 'k.k', "
	      "NULL, NULL)");
	tell(op, 5);
	CHECK(breaker_reset(op, "stripe") == OK);
	SAME("1", ASK("SELECT string_agg(id::text, ' ') FROM job_later WHERE run_at <= "
		      "now()"));
}
