/* A queue as a whole: paused, limited, rotated, scheduled. */
#include "domain/job.h"
#include "queue.h"

TEST(nothing_is_claimed_from_a_paused_queue)
{
	GIVEN("SELECT job_put('noop.run', 1)");
	CHECK(queue_pause(op, "noop", "rest") == OK);
	SAME(0, claim_as(op, ME, 10, true).n);
	SAME("paused", stats(op).state);
	CHECK(queue_resume(op, "noop") == OK);
	SAME(1, claim(op, 10).n);
	REFUSED("queue_exists", queue_pause(op, "nothing", "rest"));
}

TEST(a_limited_queue_never_runs_more_than_its_limit)
{
	struct batch b;

	GIVEN("UPDATE queue SET max_running = 3 WHERE name = 'noop';"
	      "SELECT job_put_many('noop.run', '{1,2,3,4,5}')");
	SAME(2, claim(op, 2).n);
	b = claim(op, 10);
	SAME(1, b.n);
	SAME(0, claim(op, 10).n);
	CHECK(lease_done(op, b.slot, b.lease, ME) == OK);
	SAME(1, claim(op, 10).n);
}

TEST(a_job_below_the_watermark_is_found_by_the_sweep)
{
	struct claim c = { .queue = "noop",
		.owner = ME,
		.most = 10,
		.lease_s = 60,
		.after = { INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX } };
	struct batch b;

	GIVEN("SELECT job_put('noop.run', 1)");
	CHECK(lease_claim(op, &c, &b) == OK);
	SAME(0, b.n);
	c.sweep = true;
	CHECK(lease_claim(op, &c, &b) == OK);
	SAME(1, b.n);
}

#define HEAD "SELECT head - base FROM queue_head WHERE queue = 'noop'"
#define LIVE "SELECT cardinality(live) FROM queue_head WHERE queue = 'noop'"

TEST(rotation_truncates_what_is_empty_and_moves_the_head)
{
	struct batch b;

	GIVEN("SELECT job_put('noop.run', 1)");
	b = claim(op, 10);
	CHECK(queue_rotate(op, "noop", true) == OK);
	SAME(1, number(op, HEAD));
	SAME(2, number(op, LIVE));
	CHECK(queue_rotate(op, "noop", false) == OK);
	SAME(2, number(op, LIVE)); /* its lease is still out */
	CHECK(lease_done(op, b.slot, b.lease, ME) == OK);
	CHECK(queue_rotate(op, "noop", false) == OK);
	SAME(1, number(op, LIVE));
	SAME(0, number(op, "SELECT pg_relation_size('job_' || (SELECT base FROM "
			   "queue_head "
			   "WHERE queue = 'noop'))"));
	SAME(1, number(op, HEAD));
}

TEST(a_sealed_slot_is_worked_off_first)
{
	GIVEN("SELECT job_put('noop.run', 1)");
	CHECK(queue_rotate(op, "noop", true) == OK);
	GIVEN("SELECT job_put('noop.run', 2)");
	SAME(1, claim(op, 10).jobs->subject);
	SAME(2, claim(op, 10).jobs->subject);
}

TEST(the_ring_stops_before_it_bites_its_tail)
{
	int i;

	for (i = 0; i < 6; i++) {
		GIVEN("SELECT job_put('noop.run', 1)");
		CHECK(queue_rotate(op, "noop", true) == OK);
	}
	SAME(4, number(op, LIVE));
	SAME(3, number(op, HEAD));
	SAME(6, stats(op).ready);
}

TEST(a_schedule_puts_one_job_and_makes_up_for_missed_times_once)
{
	GIVEN("DELETE FROM job_schedule;"
	      "INSERT INTO job_schedule (name, kind, every, next_at)"
	      "VALUES ('often', 'noop.run', '10 s', now() - interval '35 s')");
	CHECK(job_schedule(op) == OK);
	SAME(1, stats(op).ready);
	SAME("t", ASK("SELECT (next_at = now() + interval '5 s')::text::char(1) "
		      "FROM job_schedule"));
	CHECK(job_schedule(op) == OK);
	SAME(1, stats(op).ready);
	GIVEN("UPDATE job_schedule SET next_at = now()");
	CHECK(job_schedule(op) == OK);
	SAME(1, stats(op).ready); /* the first still waits */
}

TEST(a_queue_can_be_added_while_others_run)
{
	GIVEN("SELECT api.queue_create('extra'); SELECT job_put('extra.run', 1)");
	SAME(4, number(op,
			"SELECT count(*) FROM pg_inherits WHERE inhparent = "
			"'job'::regclass"
			" AND inhrelid::regclass::text IN (SELECT 'job_' || s FROM "
			"queue_head,"
			" generate_series(base, base + 3) s WHERE queue = 'extra')"));
}

static void put(struct op *op, int64_t subject, int64_t priority)
{
	const char *text = op_printf(op, "%lld", (long long)subject);
	const struct job_order o = {
		.kind = "noop.run", .subjects = { &text, 1 }, .priority = priority
	};

	CHECK(job_enqueue(op, &o) == OK);
}

TEST(what_is_urgent_goes_first_and_what_can_wait_last)
{
	static const int64_t levels[] = { 2, 0, -1, 1, -2, 0 };
	static const int64_t order[] = { 4, 2, 1, 5, 3, 0 };
	int64_t i;

	for (i = 0; i < 6; i++)
		put(op, i, levels[i]);
	SAME("{-2,-1,0,1,2}",
		ASK("SELECT levels::text FROM queue_head WHERE queue = 'noop'"));
	for (i = 0; i < 6; i++)
		SAME(order[i], claim(op, 1).jobs->subject);
}

TEST(a_queue_without_priorities_has_one_level_to_look_at)
{
	put(op, 1, 0);
	SAME("{0}", ASK("SELECT levels::text FROM queue_head WHERE queue = 'noop'"));
	REFUSED("job_priority_is_a_level",
		job_enqueue(op, &(struct job_order){ "noop.run", .priority = 3 }));
}

TEST(each_level_has_a_watermark_of_its_own)
{
	struct claim c = { .queue = "noop", .owner = ME, .most = 10, .lease_s = 60 };
	struct batch usual, urgent;

	put(op, 1, 0);
	put(op, 2, -1);
	CHECK(lease_claim(op, &c, &urgent) == OK);
	SAME(2, urgent.jobs->subject);
	CHECK(urgent.place >= QUEUE_SLOTS);
	c.after[urgent.place] = urgent.last;
	CHECK(lease_claim(op, &c, &usual) == OK);
	SAME(1, usual.jobs->subject);
	CHECK(usual.place < QUEUE_SLOTS);
	GIVEN("SELECT job_put('noop.run', 3, NULL, NULL, NULL, -1)");
	c.after[urgent.place] = INT64_MAX;
	CHECK(lease_claim(op, &c, &urgent) == OK);
	SAME(0, urgent.n);
	c.sweep = true;
	CHECK(lease_claim(op, &c, &urgent) == OK);
	SAME(3, urgent.jobs->subject);
}

TEST(a_level_that_the_queue_did_not_hear_of_is_found_by_the_sweep)
{
	put(op, 1, -1);
	GIVEN("UPDATE queue_head SET levels = '{0}' WHERE queue = 'noop'");
	SAME(0, claim(op, 10).n);
	SAME(1, claim_as(op, ME, 10, true).n);
}

TEST(a_job_keeps_its_level_when_it_is_given_back_or_fails)
{
	static const struct fault told = { .code = E_BUSY, .rule = "told", .text = "" };
	struct stamp last = { 0 };
	struct batch b;
	int64_t n;
	bool dead;

	put(op, 1, -1);
	b = claim(op, 10);
	CHECK(lease_give_back(op, &b, ME) == OK);
	SAME(-1, number(op, "SELECT priority FROM job"));
	b = claim(op, 10);
	CHECK(lease_fail(op, &b, ME, b.jobs, 1, &told, &dead) == OK);
	GIVEN("UPDATE job_later SET run_at = now()");
	CHECK(job_promote(op, &last, &n) == OK);
	SAME(-1, number(op, "SELECT priority FROM job"));
}

TEST(a_job_in_another_queue_than_its_kinds_stays_there)
{
	static const struct fault told = { .code = E_BUSY, .rule = "told", .text = "" };
	struct stamp last = { 0 };
	struct batch b;
	int64_t n;
	bool dead;

	GIVEN("SELECT job_put('rollup.sales', 1, NULL, NULL, NULL, 0, 'noop')");
	b = claim(op, 10);
	SAME("rollup.sales", b.jobs->kind);
	CHECK(lease_fail(op, &b, ME, b.jobs, 1, &told, &dead) == OK);
	GIVEN("UPDATE job_later SET run_at = now()");
	CHECK(job_promote(op, &last, &n) == OK);
	b = claim(op, 10);
	SAME(1, b.n);
	CHECK(lease_give_back(op, &b, ME) == OK);
	b = claim(op, 10);
	CHECK(lease_fail(op, &b, ME, b.jobs, -1, &told, &dead) == OK);
	SAME("noop", ASK("SELECT queue FROM job_dead"));
}

TEST(what_comes_from_the_quarantine_says_nothing_about_the_line)
{
	struct rescued r;
	struct batch b;

	GIVEN("SELECT job_put('noop.run', 1)");
	claim(op, 1);
	GIVEN("SELECT job_put_many('noop.run', '{2,3}');"
	      "UPDATE job_lease SET expires_at = now() - interval '1 s'");
	CHECK(lease_rescue(op, &r) == OK);
	b = claim_as(op, ME, 10, true);
	SAME(1, b.jobs->subject);
	SAME(0, b.last);
	SAME(2, claim(op, 10).n);
}

TEST(limits_are_set_left_alone_and_taken_away)
{
	CHECK(queue_limit(op, "noop", 4, 2.5) == OK);
	CHECK(queue_limit(op, "noop", -1, -1) == OK);
	SAME(4, stats(op).max_running);
	CHECK(stats(op).rate == 2.5);
	CHECK(queue_limit(op, "noop", 0, -1) == OK);
	SAME(0, stats(op).max_running);
	CHECK(stats(op).rate == 2.5);
	REFUSED("queue_exists", queue_limit(op, "nothing", 1, 1));
	SAME(3, number(op, "SELECT count(*) FROM audit_log WHERE action = 'limit'"));
}

/* Per thread; -1: it has nothing to keep to. */
static double share(struct op *op, const char *owner)
{
	const struct queue_share *s;
	struct rows rows;

	CHECK(queue_shares(op, owner, &rows) == OK);
	CHECK(number(
		op, "SELECT (coalesce(sum(rate), 0) <= 12)::int FROM queue_share"));
	if (!rows.n)
		return -1;
	SAME(1, rows.n);
	s = rows.items;
	SAME("noop", s->name);
	return s->rate;
}

TEST(threads_share_a_rate_and_never_have_more)
{
	CHECK(share(op, "a") == -1);
	GIVEN("UPDATE queue SET rate = 12 WHERE name = 'noop';"
	      "INSERT INTO worker (owner, host, pid, queues, seen_at) VALUES"
	      "('a', 'h', 1, '{noop,noop,payment}', now()),"
	      "('other', 'h', 2, '{payment}', now()),"
	      "('gone', 'h', 3, '{noop}', now() - interval '1 min')");
	CHECK(share(op, "other") == -1);
	CHECK(share(op, "a") == 6);
	GIVEN("INSERT INTO worker (owner, host, pid, queues) VALUES"
	      "('b', 'h', 4, '{noop}')");
	CHECK(share(op, "b") == 0); /* until the first has taken note */
	CHECK(share(op, "a") == 4);
	CHECK(share(op, "b") == 4);
	GIVEN("DELETE FROM worker WHERE owner = 'a'");
	CHECK(share(op, "b") == 4); /* who was lost may not know it yet */
	GIVEN("UPDATE queue_share SET taken_at = now() - interval '15 s' "
	      "WHERE owner = 'a'");
	CHECK(share(op, "b") == 12);
	CHECK(worker_gone(op, "b") == OK);
	SAME(0, number(op, "SELECT count(*) FROM queue_share"));
}
