/* Visitors' events: strict at the door, kept once, counted in their order. */
#include "domain/event.h"
#include "domain/report.h"
#include "domain/rollup.h"
#include "test.h"

#include <string.h>

/* What events_read() makes of a text, or what it finds wrong with it. */
static const char *read_text(struct op *op, const char *text, const char **wrong)
{
	struct json_reader r = { .op = op };
	const struct json *node;
	const char *out;

	CHECK(json_parse(op, text, strlen(text), &node) == OK);
	out = events_read(&r, node, "");
	*wrong = r.n ? op_printf(op, "%s %s", r.faults[0].pointer, r.faults[0].rule)
		     : "";
	return out;
}

static const char *wrong_with(struct op *op, const char *members)
{
	const char *wrong;

	read_text(op, op_printf(op, "[{%s}]", members), &wrong);
	return wrong;
}

#define GOOD "\"id\":\"1\",\"session\":\"s\",\"at\":\"2026-03-01T10:00:00Z\","

TEST_NO_DB(an_event_is_read_strictly)
{
	SAME("", wrong_with(op, GOOD "\"type\":\"view\",\"sku\":\"A\""));
	SAME("/0/type value_is_known", wrong_with(op, GOOD "\"type\":\"vue\""));
	SAME("/0/fax member_is_known",
		wrong_with(op, GOOD "\"type\":\"view\",\"fax\":1"));
	SAME("/0/sku member_is_given", wrong_with(op, GOOD "\"type\":\"add_to_cart\""));
	SAME("/0/query member_is_given", wrong_with(op, GOOD "\"type\":\"search\""));
	SAME("/0/sku text_is_bounded",
		wrong_with(op, GOOD "\"type\":\"view\",\"sku\":\"\""));
	SAME("/0/id event_name_is_plain",
		wrong_with(op, "\"id\":\"a b\",\"session\":\"s\",\"type\":\"view\","
			       "\"at\":\"2026-03-01T10:00:00Z\""));
	SAME("/0/at time_is_readable",
		wrong_with(op, "\"id\":\"a\",\"session\":\"s\",\"type\":\"view\","
			       "\"at\":\"30d\""));
	SAME("/0/session member_is_given",
		wrong_with(op, "\"id\":\"a\",\"type\":\"view\","
			       "\"at\":\"2026-03-01T10:00:00Z\""));
}

TEST_NO_DB(a_batch_has_1_to_500_events)
{
	struct text t = { 0 };
	const char *wrong;
	int i;

	read_text(op, "[]", &wrong);
	SAME(" event_batch_is_bounded", wrong);
	read_text(op, "{}", &wrong);
	SAME(" event_batch_is_bounded", wrong);
	text_add(op, &t, "[{" GOOD "\"type\":\"view\"}");
	for (i = 1; i <= EVENTS_MAX; i++)
		text_add(op, &t, ",{" GOOD "\"type\":\"view\"}");
	text_add(op, &t, "]");
	read_text(op, t.s, &wrong);
	SAME(" event_batch_is_bounded", wrong);
}

/* An event of this session, so many minutes after noon of yesterday. */
static void happens(struct op *op, const char *session, const char *type, int minute)
{
	struct event_result result;

	CHECK(event_ingest(op, 7,
		      ASK(op_printf(op,
			      "SELECT json_build_array(json_build_object('id', "
			      "'%s-%s', "
			      "'type', '%s', 'session', '%s', 'sku', 'A', 'at', "
			      "date_trunc('day', now(), 'UTC') - interval '12 hours' + "
			      "interval '%d minutes'))",
			      session, type, type, session, minute)),
		      &result) == OK);
	SAME(1, result.accepted + result.repeated);
}

/* No fold sees what has not been committed: so events say that they are older. */
static void settle(struct op *op)
{
	int64_t days;

	GIVEN("UPDATE behaviour_event SET xid = '10'; UPDATE rollup_watermark SET "
	      "cluster = rollup_cluster(), position = '3' WHERE name = 'funnel';");
	CHECK(funnel_fold(op, &days) == OK);
	SAME(1, days);
}

#define FUNNEL                                                                         \
	"SELECT string_agg(concat_ws(' ', step, sessions, events), ', ' ORDER BY n) "  \
	"FROM rollup_funnel_day"

TEST(a_session_takes_the_steps_in_their_order)
{
	struct report_range r = { { 0 }, clock_now(), NULL, "UTC" };
	const struct funnel_step *s;
	struct rows rows;

	happens(op, "buys", "view", 1);
	happens(op, "buys", "add_to_cart", 2);
	happens(op, "buys", "begin_checkout", 3);
	happens(op, "buys", "purchase", 4);
	happens(op, "looks", "view", 5);
	happens(op, "looks", "search", 6);
	happens(op, "jumps", "view", 7);
	happens(op, "jumps", "purchase", 8);   /* without a checkout */
	happens(op, "back", "add_to_cart", 1); /* before it looked */
	happens(op, "back", "view", 9);
	settle(op);
	SAME("search 1 1, view 4 4, add_to_cart 1 2, begin_checkout 1 1, purchase 1 2",
		ASK(FUNNEL));
	r.since.us = r.until.us - 3LL * 86400 * 1000000;
	CHECK(report_funnel(op, &r, &rows) == OK);
	SAME(5, rows.n);
	s = row_at(&funnel_step_shape, rows, 1);
	SAME("add_to_cart", s->step);
	SAME("0.25", field_text(op, shape_find(&funnel_step_shape, "of_views"), s));
}

TEST(an_event_that_is_sent_again_is_kept_once)
{
	happens(op, "a", "view", 1);
	happens(op, "a", "view", 1);
	SAME("1", ASK("SELECT count(*) FROM behaviour_event"));
	settle(op);
	happens(op, "b", "view", 1);
	settle(op);
	SAME("search 0 0, view 2 2, add_to_cart 0 0, begin_checkout 0 0, purchase 0 0",
		ASK(FUNNEL));
}

TEST(what_an_open_transaction_brings_is_counted_later)
{
	struct rows rows;
	int64_t days;

	happens(op, "a", "view", 1);
	GIVEN("UPDATE rollup_watermark SET cluster = rollup_cluster(), position = "
	      "rollup_horizon() WHERE name = 'funnel';");
	CHECK(funnel_fold(op, &days) == OK);
	SAME(0, days); /* its own transaction still runs */
	SAME("true",
		ASK("SELECT w.position <= (SELECT min(xid) FROM behaviour_event) FROM "
		    "rollup_watermark w WHERE name = 'funnel'"));
	settle(op);
	CHECK(rollup_verify(op, (struct stamp){ 0 }, &rows) == OK);
	SAME(0, rows.n);
	GIVEN("UPDATE rollup_funnel_day SET sessions = 9 WHERE step = 'view'");
	CHECK(rollup_verify(op, (struct stamp){ 0 }, &rows) == OK);
	SAME(1, rows.n);
}

TEST(an_event_of_long_ago_or_of_tomorrow_is_refused)
{
	struct event_result result;

	REFUSED("event_time_is_near",
		event_ingest(op, 7,
			"[{\"id\":\"1\",\"type\":\"view\",\"session\":\"s\",\"at\":"
			"\"2001-01-01T00:00:00Z\"}]",
			&result));
}

TEST(the_days_of_events_are_made_ahead_and_dropped_in_time)
{
	happens(op, "a", "view", 1);
	SAME("1", ASK("SELECT count(*) FROM pg_inherits WHERE inhparent = "
		      "'behaviour_event'::regclass"));
	GIVEN("SELECT event_partitions_make(ARRAY[current_date - 100]);");
	SAME("8 1", ASK("SELECT made || ' ' || dropped FROM event_partitions()"));
	SAME("0 0", ASK("SELECT made || ' ' || dropped FROM event_partitions()"));
	SAME("1", ASK("SELECT count(*) FROM behaviour_event"));
}
