/* The sums of sales: right, and provably so. */
#include "given_sale.h"

TEST(a_sale_is_in_the_hour_and_on_the_day_it_was_paid)
{
	GIVEN(HERE SALE(1024, "2026-03-01T23:59:59Z", 10)
			SALE(2048, "2026-03-02T00:00:00Z", 10));
	SAME(2, fold(op));
	SAME("2026-03-01 23:00:00+00|1|3|5499 2026-03-02 00:00:00+00|1|3|5499",
		ASK("SELECT string_agg(concat_ws('|', hour, orders, units, gross), ' ' "
		    "ORDER BY hour) FROM rollup_sales_hour"));
	SAME("2026-03-01|1|3|5499|0 2026-03-02|1|3|5499|0",
		ASK("SELECT string_agg(concat_ws('|', day, orders, units, gross, "
		    "refunds), "
		    "' ' ORDER BY day) FROM rollup_sales_day"));
	SAME("A|2|3900 B|1|1000",
		ASK("SELECT string_agg(concat_ws('|', item, units, gross), ' ' "
		    "ORDER BY item) FROM rollup_item_hour WHERE kind = 'product' "
		    "AND hour = '2026-03-01T23:00Z'"));
}

TEST(nothing_is_folded_twice)
{
	GIVEN(HERE SALE(1024, "2026-03-01T12:00:00Z", 10));
	SAME(1, fold(op));
	SAME(0, fold(op));
	SAME("1", ASK("SELECT sum(orders) FROM rollup_sales_day"));
}

TEST(a_late_refund_counts_on_the_day_it_is_made)
{
	GIVEN(HERE SALE(1024, "2026-03-01T12:00:00Z", 10));
	SAME(1, fold(op));
	GIVEN("UPDATE rollup_watermark SET position = '11';" REFUND(
		1024, "rout:", 1000, "2026-05-07T08:00:00Z", 11));
	SAME(1, fold(op));
	SAME("2026-03-01|1|5499|0 2026-05-07|0|0|1000",
		ASK("SELECT string_agg(concat_ws('|', day, orders, gross, refunds), ' "
		    "' "
		    "ORDER BY day) FROM rollup_sales_day"));
	SAME(0, differences(op));
}

TEST(a_refund_that_fails_later_is_taken_back_on_that_day)
{
	GIVEN(HERE SALE(1024, "2026-03-01T12:00:00Z", 10)
			REFUND(1024, "rout:", 1000, "2026-03-02T08:00:00Z", 11) REFUND(
				1024, "rfail:", -1000, "2026-03-09T08:00:00Z", 12));
	SAME(3, fold(op));
	SAME("0 1000 -1000", ASK("SELECT string_agg(refunds::text, ' ' ORDER BY day) "
				 "FROM rollup_sales_day"));
}

TEST(money_that_paid_no_order_is_no_sale)
{
	GIVEN(HERE SALE(1024, "2026-03-01T12:00:00Z",
		10) "INSERT INTO payment (id, order_id, state, live, currency, amount, "
		    "captured)"
		    " VALUES (7, 1024, 'captured', false, 'EUR', 5499, 5499);" CAPTURE(
			    7, "2026-03-01T12:00:00Z", 10)
			    REFUND(7, "rout:", 1000, "2026-03-01T13:00:00Z", 10));
	SAME(3, fold(op));
	SAME("1|5499|0", ASK("SELECT concat_ws('|', orders, gross, refunds) "
			     "FROM rollup_sales_day"));
}

TEST(what_an_open_transaction_wrote_waits_for_it)
{
	struct rows rows;
	const struct rollup_state *s;

	GIVEN(HERE "UPDATE rollup_watermark SET position = rollup_horizon();" SALE(1024,
		"2026-03-01T12:00:00Z",
		10) "UPDATE ledger_entry SET xid = pg_current_xact_id();");
	SAME(0, fold(op));
	CHECK(rollup_status(op, &rows) == OK);
	s = row_at(&rollup_state_shape, rows, 0);
	SAME(1, s->waiting);
	SAME(1, s->held_by);
	CHECK(s->oldest.us > 0);
}

TEST(a_batch_goes_on_where_the_last_one_ended)
{
	int64_t folded;
	bool more;
	int i;

	GIVEN(HERE SALE(1024, "2026-03-01T12:00:00Z", 11) SALE(2048,
		"2026-03-01T12:00:00Z", 10) SALE(3072, "2026-03-01T12:00:00Z", 10));
	for (i = 0; i < 3; i++) {
		CHECK(rollup_fold(op, 1, &folded, &more) == OK);
		SAME(1, folded);
		SAME(i < 2, more);
		SAME(0, differences(op));
	}
	SAME(0, fold(op));
	SAME("3", ASK("SELECT sum(orders) FROM rollup_sales_day"));
}

TEST(a_wrong_sum_is_found_and_rebuilding_rights_it)
{
	struct rollup_size size;
	struct rows rows;
	const struct rollup_difference *d;

	GIVEN(HERE SALE(1024, "2026-03-01T12:00:00Z", 10)
			SALE(2048, "2026-04-01T12:00:00Z", 10));
	SAME(2, fold(op));
	SAME(0, differences(op));
	GIVEN("UPDATE rollup_sales_day SET gross = gross + 1 WHERE day = '2026-04-01';"
	      "DELETE FROM rollup_sales_hour WHERE hour = '2026-03-01T12:00Z';"
	      "INSERT INTO rollup_item_hour VALUES ('product', '2026-04-02Z', 'X', "
	      "'EUR', 0, 1, 0, 1)");
	SAME(3, differences(op));
	CHECK(rollup_verify(op, (struct stamp){ 1774994400000000 }, &rows) == OK);
	SAME(2, rows.n); /* from April 2026 on */
	d = row_at(&rollup_difference_shape, rows, 0);
	SAME("sales_day", d->rollup);
	SAME("1 orders, 3 units, 5500 gross, 0 refunds", d->stored);
	SAME("1 orders, 3 units, 5499 gross, 0 refunds", d->recomputed);
	CHECK(rollup_rebuild(op, (struct stamp){ 1774994400000000 }, &size) == OK);
	SAME(1, differences(op)); /* that of March */
	CHECK(rollup_rebuild(op, (struct stamp){ 0 }, &size) == OK);
	SAME(2, size.days);
	SAME(2, size.hours);
	SAME(8, size.items);
	SAME(0, differences(op));
}

TEST(a_database_that_moved_to_another_cluster_starts_over)
{
	int64_t folded;
	bool more;

	GIVEN(SALE(1024, "2026-03-01T12:00:00Z", 10) SALE(2048, "2026-03-01T12:00:00Z",
		999999999999) "UPDATE rollup_watermark SET cluster = 1, position = "
			      "'999999999999';"
			      "INSERT INTO rollup_sales_day VALUES ('2026-03-01', "
			      "'EUR', 9, 9, 9, 9)");
	CHECK(rollup_fold(op, 1, &folded, &more) == OK);
	SAME(1, folded);
	CHECK(more);
	SAME(0, differences(op));
	SAME(1, fold(op));
	SAME("2", ASK("SELECT orders FROM rollup_sales_day"));
	SAME(0, differences(op));
	SAME(0, fold(op));
	SAME("2", ASK("SELECT orders FROM rollup_sales_day"));
}

TEST(after_a_move_new_sales_are_folded_by_the_new_numbers)
{
	GIVEN(SALE(1024, "2026-03-01T12:00:00Z",
		999999999999) "UPDATE rollup_watermark SET cluster = 1, position = "
			      "'999999999999';");
	SAME(1, fold(op));
	GIVEN(SALE(2048, "2026-03-02T12:00:00Z",
		20) "UPDATE rollup_watermark SET position = '20', position_id = 0;");
	SAME(1, fold(op));
	SAME("2", ASK("SELECT sum(orders) FROM rollup_sales_day"));
	SAME(0, differences(op));
}

/* Everything there is in the sums, as one text. */
#define SUMS                                                                           \
	"SELECT md5(string_agg(x, ';' ORDER BY x)) FROM (SELECT h::text AS x FROM "    \
	"rollup_sales_hour h UNION ALL SELECT d::text FROM rollup_sales_day d UNION "  \
	"ALL SELECT i::text FROM rollup_item_hour i) s"

TEST(batches_of_any_size_and_a_rebuild_come_to_the_same_sums)
{
	struct rollup_size size;
	const char *before;
	int64_t folded, most;
	bool more = true;

	GIVEN(HERE MANY);
	for (most = 1; more; most = most % 7 + 3) {
		CHECK(rollup_fold(op, most, &folded, &more) == OK);
		if (most == 5)
			SAME(0, differences(op));
	}
	SAME(0, differences(op));
	before = ASK(SUMS);
	CHECK(rollup_rebuild(op, (struct stamp){ 0 }, &size) == OK);
	SAME(before, ASK(SUMS));
	SAME("60 180 40", ASK("SELECT concat_ws(' ', sum(orders), sum(units), "
			      "sum(returned) * 2) FROM rollup_sales_day"));
	SAME(ASK("SELECT sum(total) FROM orders"),
		ASK("SELECT sum(gross) FROM rollup_sales_hour"));
	SAME(ASK("SELECT sum(amount) FROM refund"),
		ASK("SELECT sum(corrections) FROM rollup_sales_day"));
	/* Each correction is on the day of its sale. */
	SAME("0",
		ASK("SELECT count(*) FROM (SELECT (c.effective_at AT TIME ZONE "
		    "'UTC')::date AS day, sum(r.amount) AS s FROM refund r JOIN "
		    "ledger_entry c ON c.payment_id = r.payment_id GROUP BY 1) w FULL "
		    "JOIN (SELECT day, sum(corrections) AS s FROM rollup_sales_day "
		    "GROUP BY 1) g USING (day) WHERE coalesce(w.s, 0) <> coalesce(g.s, "
		    "0)"));
}

TEST(an_order_captured_in_parts_is_sold_once)
{
	GIVEN(HERE SALE(1024, "2026-03-01T12:00:00Z",
		10) "INSERT INTO ledger_entry (key, kind, order_id, payment_id, "
		    "effective_at, actor, xid) VALUES ('cap:stripe:1024:2', 'capture', "
		    "1024, 1024, '2026-03-02Z', 't', '11');"
		    "INSERT INTO ledger_line SELECT id, 1, 'bank', 'EUR', 100 FROM "
		    "ledger_entry WHERE key = 'cap:stripe:1024:2';");
	SAME(2, fold(op));
	SAME("1|3|5499 0|0|100",
		ASK("SELECT string_agg(concat_ws('|', orders, units, "
		    "gross), ' ' ORDER BY day) FROM rollup_sales_day"));
	SAME(0, differences(op));
}
