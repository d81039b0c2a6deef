/* The sums of sales: right, and provably so. */
#include "domain/report.h"
#include "domain/rollup.h"
#include "test.h"

#include <string.h>

/*
 * A test is one transaction, and no fold sees what has not been committed: so
 * its entries say that they are of transactions long past, 10, 11 and 12.
 */
#define SALE(order, at, xid)                                                           \
	"INSERT INTO orders (id, client_id, key, fingerprint, state, currency, "       \
	"subtotal, shipping, total, expires_at) VALUES (" #order ", 0, '" #order       \
	"', 'f', 'paid', 'EUR', 5000, 499, 5499, now());"                              \
	"INSERT INTO order_line (order_id, n, variant_id, warehouse_id, qty, "         \
	"unit_price, discount, sku, title) VALUES (" #order                            \
	", 1, 1, 1, 2, 2000, 100, 'A', 'A'), (" #order                                 \
	", 2, 2, 1, 1, 1000, 0, 'B', 'B');"                                            \
	"INSERT INTO payment (id, order_id, state, live, applied, currency, "          \
	"amount, captured) VALUES (" #order ", " #order                                \
	", 'captured', false, true, 'EUR', 5499, 5499);" CAPTURE(order, at, xid)

#define CAPTURE(payment, at, xid)                                                      \
	"WITH e AS (INSERT INTO ledger_entry (key, kind, payment_id, "                 \
	"effective_at, actor, xid) VALUES ('cap:stripe:" #payment                      \
	"', 'capture', " #payment ", '" at "', 'test', '" #xid                         \
	"') RETURNING id) INSERT INTO ledger_line "                                    \
	"SELECT id, 1, 'psp:clearing', 'EUR', 5499 FROM e UNION ALL "                  \
	"SELECT id, 2, 'customer:deposits', 'EUR', -5499 FROM e;"

#define REFUND(payment, kind, minor, at, xid)                                          \
	"INSERT INTO refund (id, order_id, payment_id, key, currency, amount, "        \
	"reason) OVERRIDING SYSTEM VALUE VALUES (" #payment ", " #payment              \
	", " #payment ", 'r', 'EUR', 1000, 'x') ON CONFLICT DO NOTHING;"               \
	"WITH e AS (INSERT INTO ledger_entry (key, kind, refund_id, "                  \
	"effective_at, actor, xid) VALUES ('" kind #payment "', 'refund', " #payment   \
	", '" at "', 'test', '" #xid "') RETURNING id) INSERT INTO ledger_line "       \
	"SELECT id, 1, 'refund:payable', 'EUR', " #minor " FROM e UNION ALL "          \
	"SELECT id, 2, 'psp:clearing', 'EUR', -(" #minor ") FROM e;"

#define HERE "UPDATE rollup_watermark SET cluster = rollup_cluster();"

static int64_t fold(struct op *op)
{
	int64_t folded;
	bool more;

	CHECK(rollup_fold(op, 1000, &folded, &more) == OK);
	CHECK(!more);
	return folded;
}

static size_t differences(struct op *op)
{
	struct rows rows;

	CHECK(rollup_verify(op, (struct stamp){ 0 }, &rows) == OK);
	return rows.n;
}

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
	SAME("1|2|3900 2|1|1000",
		ASK("SELECT string_agg(concat_ws('|', variant_id, units, gross), ' ' "
		    "ORDER BY variant_id) FROM rollup_product_day WHERE day = "
		    "'2026-03-01'"));
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
	      "INSERT INTO rollup_product_day VALUES ('2026-04-02', 9, 'EUR', 1, 1)");
	SAME(3, differences(op));
	CHECK(rollup_verify(op, (struct stamp){ 1774994400000000 }, &rows) == OK);
	SAME(2, rows.n); /* from April 2026 on */
	d = row_at(&rollup_difference_shape, rows, 0);
	SAME("sales_day", d->rollup);
	SAME("1 orders, 3 units, 5500 gross, 0 refunds", d->stored);
	SAME("1 orders, 3 units, 5499 gross, 0 refunds", d->recomputed);
	CHECK(rollup_rebuild(op, &size) == OK);
	SAME(2, size.days);
	SAME(4, size.products);
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

static const struct report_range march = { { 1772323200000000 }, /* 2026-03-01 */
	{ 1772668800000000 }, NULL };                            /* 2026-03-05 */

TEST(a_report_has_the_days_without_sales_too)
{
	struct rows rows;
	const struct sales *s;

	GIVEN(HERE SALE(1024, "2026-03-01T12:00:00Z", 10)
			SALE(2048, "2026-03-03T12:00:00Z", 10) REFUND(
				1024, "rout:", 1000, "2026-03-04T08:00:00Z", 11));
	SAME(3, fold(op));
	CHECK(report_sales(op, "day", &march, &rows) == OK);
	SAME(4, rows.n);
	s = rows.items;
	SAME("2026-03-01T00:00:00Z", stamp_text(op, s[0].period));
	SAME(5499, s[0].gross.minor);
	SAME(0, s[1].orders);
	SAME(3, s[2].units);
	SAME(-1000, s[3].net.minor);
	SAME("EUR", s[3].net.currency);
	CHECK(report_sales(op, "hour", &march, &rows) == OK);
	SAME(84, rows.n);
}

TEST(a_report_keeps_to_its_range_and_currency)
{
	struct report_range r = march;
	struct rows rows;

	GIVEN(HERE SALE(1024, "2026-02-28T23:59:59Z", 10) SALE(2048,
		"2026-03-01T00:00:00Z", 10) SALE(3072, "2026-03-05T00:00:00Z", 10));
	SAME(3, fold(op));
	CHECK(report_sales(op, "day", &r, &rows) == OK);
	SAME(4, rows.n);
	r = (struct report_range){ { 1769904000000000 }, { 1772236800000000 }, NULL };
	CHECK(report_sales(op, "day", &r, &rows) == OK);
	SAME(0, rows.n); /* the whole of February but its last day */
	r = march;
	r.currency = "USD";
	CHECK(report_sales(op, "day", &r, &rows) == OK);
	SAME(0, rows.n);
	r.until = r.since;
	REFUSED("report_range_is_not_empty", report_sales(op, "day", &r, &rows));
	r.since.us = 1;
	REFUSED("report_range_is_bounded", report_sales(op, "day", &r, &rows));
	REFUSED("report_step_is_known", report_sales(op, "week", &march, &rows));
}

TEST(the_best_seller_is_first)
{
	struct rows rows;
	const struct top_product *p;

	GIVEN(HERE SALE(1024, "2026-03-01T12:00:00Z", 10) SALE(2048,
		"2026-03-02T12:00:00Z",
		10) "INSERT INTO product (id, handle, title) OVERRIDING SYSTEM VALUE "
		    "VALUES (1, 'a', 'A');"
		    "INSERT INTO variant (id, product_id, sku, title, options) "
		    "OVERRIDING "
		    "SYSTEM VALUE "
		    "VALUES (1, 1, 'A-1', 'Apple', '{a}'), (2, 1, 'B-2', 'Birne', "
		    "'{b}');");
	SAME(2, fold(op));
	CHECK(report_top_products(op, &march, 10, &rows) == OK);
	SAME(2, rows.n);
	p = rows.items;
	SAME("A-1", p[0].sku);
	SAME(7800, p[0].gross.minor);
	SAME(4, p[0].units);
	SAME("Birne", p[1].title);
	CHECK(report_top_products(op, &march, 1, &rows) == OK);
	SAME(1, rows.n);
}
