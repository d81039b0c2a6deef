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
