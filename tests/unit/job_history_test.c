/* What is kept of finished jobs, in queues that keep it. */
#include "domain/job.h"
#include "queue.h"

#define KEPT                                                                           \
	"SELECT coalesce(string_agg(subject::text, ' ' ORDER BY id), '') FROM "        \
	"job_done"

static const struct fault told = { .code = E_BUSY, .rule = "told", .text = "so" };

TEST(a_queue_without_a_history_keeps_nothing)
{
	struct batch b;

	GIVEN("SELECT job_put('noop.run', 1)");
	b = claim(op, 10);
	CHECK(lease_done(op, b.slot, b.lease, ME) == OK);
	SAME("", ASK(KEPT));
	CHECK(!strstr(ASK("SELECT prosrc FROM pg_proc WHERE proname = 'job_drop_' ||"
			  " (SELECT base FROM queue_head WHERE queue = 'noop')"),
		"job_done"));
}

TEST(a_finished_job_is_found_with_what_it_was)
{
	struct job_query q = { .state = "done", .queue = "noop" };
	struct job_row job;
	struct rows rows;
	struct batch b;

	CHECK(queue_history(op, "noop", 3) == OK);
	SAME(3, stats(op).history_days);
	GIVEN("SELECT job_put('noop.run', 7, NULL, '{\"a\": 1}')");
	b = claim(op, 10);
	CHECK(lease_done(op, b.slot, b.lease, ME) == OK);
	CHECK(job_find(op, &q, &rows) == OK);
	SAME(1, rows.n);
	CHECK(job_show(op, ((struct job_row *)rows.items)->id, &job) == OK);
	SAME("done", job.state);
	SAME(1, job.attempt);
	SAME(ME, job.owner);
	SAME("{\"a\": 1}", job.payload.s);
	q.state = NULL;
	CHECK(job_find(op, &q, &rows) == OK);
	SAME(0, rows.n);
}

TEST(what_failed_or_went_elsewhere_is_not_finished)
{
	struct batch b;
	bool dead;

	CHECK(queue_history(op, "noop", 3) == OK);
	GIVEN("SELECT job_put_many('noop.run', '{1,2,3,4,5}')");
	b = claim(op, 10);
	CHECK(lease_fail(op, &b, ME, &b.jobs[0], 30, &told, &dead) == OK);
	b.acked[0] = '1';
	CHECK(lease_fail(op, &b, ME, &b.jobs[1], -1, &told, &dead) == OK);
	b.acked[1] = b.acked[2] = '1';
	CHECK(lease_renew(op, &b, ME, 60) == OK);
	b.acked[3] = '1';
	CHECK(lease_give_back(op, &b, ME) == OK);
	SAME("3 4", ASK(KEPT));
}

TEST(of_a_lost_lease_only_what_was_settled_is_finished)
{
	struct rescued r;
	struct batch b;

	CHECK(queue_history(op, "noop", 3) == OK);
	GIVEN("SELECT job_put_many('noop.run', '{1,2,3}')");
	b = claim(op, 10);
	b.acked[1] = '1';
	CHECK(lease_renew(op, &b, ME, 60) == OK);
	GIVEN("UPDATE job_lease SET expires_at = now() - interval '1 s'");
	CHECK(lease_rescue(op, &r) == OK);
	SAME(2, r.jobs);
	SAME("2", ASK(KEPT));
}

TEST(of_an_answer_that_was_lost_nothing_is_finished)
{
	struct batch done;

	CHECK(queue_history(op, "noop", 3) == OK);
	GIVEN("SELECT job_put_many('noop.run', '{1,2}')");
	done = claim(op, 1);
	claim(op, 1);
	CHECK(lease_recover(op, ME, done.lease) == OK);
	SAME("1", ASK(KEPT));
}

#define PARTS "SELECT count(*) FROM pg_inherits WHERE inhparent = 'job_done'::regclass"

/* Partitions are made when nobody is in the way; the session of a test before this one
 * may still be leaving.  Who has the lock finds it free. */
#define ALONE "LOCK TABLE job_done, job_done_rest IN ACCESS EXCLUSIVE MODE"

TEST(partitions_are_made_ahead_and_dropped_when_nobody_keeps_them)
{
	GIVEN(ALONE);
	CHECK(queue_history(op, "noop", 3) == OK);
	SAME(9, number(op, PARTS)); /* today, a week, and the rest */
	GIVEN("INSERT INTO job_done SELECT now() - d * interval '1 day', n, 0, 0, 0, "
	      "q, 'k.k',"
	      " d, now(), now(), 'w' FROM (VALUES (1, 0, 'noop'), (2, 2, 'noop'),"
	      " (3, 5, 'noop'), (4, 1, 'payment'), (5, 2, 'payment')) v (n, d, q)");
	SAME(4, number(op, "SELECT count(*) FROM job_done_rest"));
	CHECK(queue_history(op, "payment", 1) == OK);
	SAME(0, number(op, "SELECT count(*) FROM job_done_rest"));
	SAME(12, number(op, PARTS));
	SAME(2, number(op, "SELECT done FROM api.job_history(100)"));
	SAME(11, number(op, PARTS));
	SAME("0 2 1", ASK(KEPT));
	SAME(0, number(op, "SELECT done FROM api.job_history(100)"));
}

TEST(without_the_days_partition_a_job_still_ends)
{
	struct batch b;

	GIVEN(ALONE);
	CHECK(queue_history(op, "noop", 3) == OK);
	GIVEN("DO $$ BEGIN EXECUTE (SELECT 'DROP TABLE ' || history_part((now() AT "
	      "TIME ZONE"
	      " 'UTC')::date)); END $$; SELECT job_put('noop.run', 1)");
	b = claim(op, 10);
	CHECK(lease_done(op, b.slot, b.lease, ME) == OK);
	SAME(1, number(op, "SELECT count(*) FROM job_done_rest"));
	SAME(1, number(op, "SELECT done FROM api.job_history(100)"));
	SAME(0, number(op, "SELECT count(*) FROM job_done_rest"));
	SAME("1", ASK(KEPT));
}

TEST(a_history_that_is_switched_off_goes)
{
	struct batch b;

	CHECK(queue_history(op, "noop", 3) == OK);
	CHECK(queue_history(op, "payment", 9) == OK);
	GIVEN("SELECT job_put_many('noop.run', '{1,2}')");
	b = claim(op, 1);
	CHECK(lease_done(op, b.slot, b.lease, ME) == OK);
	CHECK(queue_history(op, "noop", 0) == OK);
	b = claim(op, 1);
	CHECK(lease_done(op, b.slot, b.lease, ME) == OK);
	SAME("1", ASK(KEPT));
	GIVEN("UPDATE job_done SET finished_at = finished_at - interval '1 s'");
	SAME(1, number(op, "SELECT done FROM api.job_history(100)"));
	SAME("", ASK(KEPT));
}
