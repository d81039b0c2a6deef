/* The queue, one call at a time: put, claim, settle, fail, rescue. */
#include "domain/job.h"
#include "queue.h"

static void lose_all_leases(struct op *op, int64_t jobs, int64_t dead)
{
	struct rescued r;

	GIVEN("UPDATE job_lease SET expires_at = now() - interval '1 s'");
	CHECK(lease_rescue(op, &r) == OK);
	SAME(jobs, r.jobs);
	SAME(dead, r.dead);
}

TEST(a_job_is_claimed_once_and_gone_when_done)
{
	struct batch b;

	GIVEN("SELECT set_config('shop.trace_id', 'feed', true);"
	      "SELECT job_put('noop.run', 7, NULL, '{\"a\": 1}')");
	b = claim(op, 10);
	SAME(1, b.n);
	SAME("noop.run", b.jobs->kind);
	SAME(7, b.jobs->subject);
	SAME(1, b.jobs->attempt);
	SAME("feed", b.jobs->trace);
	SAME("{\"a\": 1}", b.jobs->payload);
	SAME(0, claim_as(op, "other", 10, true).n);
	SAME(1, stats(op).running);
	CHECK(lease_done(op, b.slot, b.lease, ME) == OK);
	SAME(0, number(op, "SELECT count(*) FROM job_any"));
}

TEST(finishing_and_claiming_is_one_call)
{
	struct claim c = { .queue = "noop", .owner = ME, .most = 2, .lease_s = 60 };
	struct batch b;

	GIVEN("SELECT job_put_many('noop.run', '{1,2,3}')");
	CHECK(lease_claim(op, &c, &b) == OK);
	c.done_slot = b.slot;
	c.done_lease = b.lease;
	CHECK(lease_claim(op, &c, &b) == OK);
	SAME(1, b.n);
	SAME(1, number(op, "SELECT count(*) FROM job_lease"));
}

TEST(a_kind_without_a_queue_is_refused)
{
	struct job_order o = { .kind = "nothing.run" };

	REFUSED("job_has_a_queue", job_enqueue(op, &o));
	o.queue = "noop";
	CHECK(job_enqueue(op, &o) == OK);
	SAME(1, stats(op).ready);
}

TEST(a_key_is_taken_while_its_job_waits_and_free_when_it_is_claimed)
{
	GIVEN("SELECT job_put('noop.run', 1, NULL, NULL, 'k')");
	CHECK(!ASK("SELECT job_put('noop.run', 2, NULL, NULL, 'k')::text"));
	CHECK(ASK("SELECT job_put('noop.sum', 2, NULL, NULL, 'k')::text") != NULL);
	SAME(2, claim(op, 10).n);
	SAME(0, number(op, "SELECT count(*) FROM job_unique"));
	CHECK(ASK("SELECT job_put('noop.run', 2, NULL, NULL, 'k')::text") != NULL);
}

TEST(a_job_for_later_waits_and_is_promoted_when_due)
{
	struct stamp last = { 0 };
	int64_t n;

	GIVEN("SELECT job_put('noop.run', 1, now() + interval '1 hour')");
	SAME(0, claim(op, 10).n);
	CHECK(job_promote(op, &last, &n) == OK);
	SAME(0, n);
	GIVEN("UPDATE job_later SET run_at = now() - interval '1 s'");
	CHECK(job_promote(op, &last, &n) == OK);
	SAME(1, n);
	CHECK(last.us != 0);
	SAME(1, claim(op, 10).n);
}

static const struct fault told = { .code = E_BUSY, .rule = "told", .text = "so" };

TEST(a_failed_try_comes_again_later_with_its_reason)
{
	struct stamp last = { 0 };
	struct batch b;
	bool dead = true;
	int64_t n;

	GIVEN("SELECT job_put_many('noop.run', '{1,2}')");
	b = claim(op, 10);
	CHECK(lease_fail(op, &b, ME, b.jobs, 30, &told, &dead) == OK);
	CHECK(!dead);
	SAME("told", ASK("SELECT rule FROM job_later WHERE run_at > now()"));
	SAME(1, stats(op).running);
	SAME(1, stats(op).retrying);
	CHECK(lease_done(op, b.slot, b.lease, ME) == OK);
	GIVEN("UPDATE job_later SET run_at = now()");
	CHECK(job_promote(op, &last, &n) == OK);
	SAME(2, claim(op, 10).jobs->attempt);
}

/* Its worker drops the lease next: a server that forgot the failure would have lost it.
 */
TEST(a_failed_try_is_on_disk_before_its_worker_hears_so)
{
	struct batch b;
	bool dead;

	GIVEN("SELECT job_put('noop.run', 1)");
	b = claim(op, 10);
	GIVEN("SET LOCAL synchronous_commit = on");
	CHECK(lease_fail(op, &b, ME, b.jobs, 30, &told, &dead) == OK);
	SAME("on", ASK("SELECT current_setting('synchronous_commit')"));
}

TEST(a_job_that_failed_for_good_is_a_dead_letter_until_it_is_run_again)
{
	const struct job_query q = { .kind = "noop.run" };
	const struct job_bulk again = { .verb = "retry", .kind = "noop.run" };
	struct batch b;
	struct rows rows;
	bool dead = false;

	GIVEN("SELECT job_put('noop.run', 5)");
	b = claim(op, 10);
	CHECK(lease_fail(op, &b, ME, b.jobs, -1, &told, &dead) == OK);
	CHECK(dead);
	CHECK(lease_done(op, b.slot, b.lease, ME) == OK);
	CHECK(dlq_find(op, &q, &rows) == OK);
	SAME(1, rows.n);
	SAME("so", ((struct dead_letter *)rows.items)->message);
	CHECK(job_bulk(op, &again, 0, 10, &rows) == OK);
	SAME(1, rows.n);
	b = claim(op, 10);
	SAME(5, b.jobs->subject);
	SAME(1, b.jobs->attempt);
}

TEST(the_queue_may_cap_the_tries)
{
	struct batch b;
	bool dead = false;

	GIVEN("UPDATE queue SET max_attempts = 1 WHERE name = 'noop';"
	      "SELECT job_put('noop.run', 5)");
	b = claim(op, 10);
	CHECK(lease_fail(op, &b, ME, b.jobs, 30, &told, &dead) == OK);
	CHECK(dead);
}

TEST(only_the_holder_of_a_lease_settles_it)
{
	struct batch b;
	bool dead;

	GIVEN("SELECT job_put_many('noop.run', '{1,2}')");
	b = claim(op, 10);
	REFUSED("lease_is_held", lease_done(op, b.slot, b.lease, "other"));
	REFUSED("lease_is_held", lease_renew(op, &b, "other", 60));
	REFUSED("lease_is_held", lease_give_back(op, &b, "other"));
	REFUSED("lease_is_held", lease_fail(op, &b, "other", b.jobs, 1, &told, &dead));
	lose_all_leases(op, 2, 0);
	REFUSED("lease_is_held", lease_done(op, b.slot, b.lease, ME));
	SAME(2, number(op, "SELECT count(*) FROM job_any WHERE state = 'quarantined'"));
}

TEST(a_job_is_settled_only_once)
{
	struct batch b;
	bool dead;

	GIVEN("SELECT job_put_many('noop.run', '{1,2}')");
	b = claim(op, 10);
	CHECK(lease_fail(op, &b, ME, b.jobs, -1, &told, &dead) == OK);
	REFUSED("lease_is_held", lease_fail(op, &b, ME, b.jobs, -1, &told, &dead));
}

TEST(what_is_given_back_was_never_tried)
{
	struct batch b;

	GIVEN("SELECT job_put_many('noop.run', '{1,2,3}')");
	b = claim(op, 10);
	b.acked[0] = '1';
	CHECK(lease_give_back(op, &b, ME) == OK);
	SAME(2, stats(op).ready);
	b = claim(op, 10);
	SAME(2, b.n);
	SAME(1, b.jobs->attempt);
	SAME(0, b.jobs->crashes);
}

TEST(what_was_settled_is_not_rescued)
{
	struct batch b;

	GIVEN("SELECT job_put_many('noop.run', '{1,2,3}')");
	b = claim(op, 10);
	b.acked[0] = b.acked[2] = '1';
	CHECK(lease_renew(op, &b, ME, 60) == OK);
	SAME(1, stats(op).running);
	lose_all_leases(op, 1, 0);
	SAME("2", ASK("SELECT subject::text FROM job"));
}

TEST(the_quarantine_is_claimed_one_job_at_a_time_by_a_sweep)
{
	struct batch b;

	GIVEN("SELECT job_put_many('noop.run', '{1,2,3}')");
	claim(op, 10);
	lose_all_leases(op, 3, 0);
	GIVEN("SELECT job_put('noop.run', 4)");
	SAME(4, claim(op, 10).jobs->subject);
	b = claim_as(op, ME, 10, true);
	SAME(1, b.n);
	SAME(1, b.jobs->crashes);
	SAME(1, b.jobs->attempt);
}

TEST(a_job_whose_worker_is_lost_three_times_is_dead)
{
	GIVEN("SELECT job_put('noop.run', 1)");
	claim(op, 10);
	lose_all_leases(op, 1, 0);
	claim_as(op, ME, 10, true);
	lose_all_leases(op, 1, 0);
	claim_as(op, ME, 10, true);
	lose_all_leases(op, 1, 1);
	SAME("job_spares_its_worker", ASK("SELECT rule FROM job_dead"));
	SAME(0, claim_as(op, ME, 10, true).n);
}

TEST(an_owner_that_lost_an_answer_recovers_what_it_never_heard_of)
{
	struct batch done, unheard;

	GIVEN("SELECT job_put_many('noop.run', '{1,2}')");
	done = claim(op, 1);
	unheard = claim(op, 1);
	SAME(1, unheard.n);
	CHECK(lease_recover(op, ME, done.lease) == OK);
	SAME(1, stats(op).ready);
	SAME(0, stats(op).running);
	SAME(0, claim(op, 10).jobs->crashes);
}

TEST(an_operator_finds_a_job_in_any_state)
{
	const struct job_query all = { .queue = "noop" }, mine = { .subject = 9 };
	struct job_bulk again = { .verb = "retry" };
	struct job_row job;
	struct rows rows;
	const char *id;

	GIVEN("SELECT job_put('noop.run', 9);"
	      "SELECT job_put('noop.run', 1, now() + interval '1 h')");
	claim(op, 1);
	GIVEN("SELECT job_put('noop.run', 2)");
	CHECK(job_find(op, &all, &rows) == OK);
	SAME(3, rows.n);
	CHECK(job_find(op, &mine, &rows) == OK);
	SAME(1, rows.n);
	SAME("running", ((struct job_row *)rows.items)->state);
	CHECK(job_show(op, number(op, "SELECT id FROM job_later"), &job) == OK);
	SAME("later", job.state);
	id = op_printf(op, "%lld", (long long)job.id);
	again.ids = (struct texts){ &id, 1 };
	CHECK(job_bulk(op, &again, 0, 10, &rows) == OK);
	SAME("later", ((struct job_hit *)rows.items)->state);
	CHECK(job_show(op, job.id, &job) == OK);
	SAME("ready", job.state);
	REFUSED("job_verb_fits_its_state", job_bulk(op, &again, 0, 10, &rows));
	REFUSED("job_exists", job_show(op, 1LL << 60, &job));
}
