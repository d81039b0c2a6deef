/* Reports: what a direct question to the tables says, in less time. */
#include "domain/report.h"
#include "given_sale.h"

static const struct report_range march = { { 1772323200000000 }, /* 2026-03-01 */
	{ 1772668800000000 }, NULL, "UTC" };                     /* 2026-03-05 */

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
	r = (struct report_range){ { 1769904000000000 }, { 1772236800000000 }, NULL,
		"UTC" };
	CHECK(report_sales(op, "day", &r, &rows) == OK);
	SAME(0, rows.n); /* the whole of February but its last day */
	r = march;
	r.currency = "USD";
	CHECK(report_sales(op, "day", &r, &rows) == OK);
	SAME(0, rows.n);
	r.until = r.since;
	REFUSED("time_range_is_not_empty", report_sales(op, "day", &r, &rows));
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
		    "VALUES (1, 1, 'A', 'Apple', '{a}'), (2, 1, 'B', 'Birne', "
		    "'{b}');");
	SAME(2, fold(op));
	CHECK(report_top_products(op, &march, 10, &rows) == OK);
	SAME(2, rows.n);
	p = rows.items;
	SAME("A", p[0].sku);
	SAME(7800, p[0].gross.minor);
	SAME(4, p[0].units);
	SAME("Birne", p[1].title);
	CHECK(report_top_products(op, &march, 1, &rows) == OK);
	SAME(1, rows.n);
}

/* What a report says of each item, as one text. */
static const char *by(struct op *op, const char *kind, const char *currency)
{
	const struct report_range r = { { 1772323200000000 }, { 1775001600000000 },
		currency, "UTC" };
	const struct item_sales *s;
	const char *text = "";
	struct rows rows;
	size_t i;

	CHECK(report_sales_by(op, kind, &r, 100, &rows) == OK);
	for (i = 0, s = rows.items; i < rows.n; i++, s++)
		text = op_printf(op, "%s%s=%lld/%lld/%lld/%lld/%lld ", text, s->item,
			(long long)s->orders, (long long)s->units,
			(long long)s->returned, (long long)s->gross.minor,
			(long long)s->refunds.minor);
	return text;
}

#define BY(item, orders, money, from, where)                                           \
	"SELECT coalesce(string_agg(format('%s=%s/%s/%s/%s/%s ', item, orders, "       \
	"units, "                                                                      \
	"returned, gross, refunds), '' ORDER BY gross DESC, units DESC, item COLLATE " \
	"\"C\"), '') FROM (SELECT " item " AS item, " orders " AS orders, "            \
	"sum(n.qty) AS units, coalesce(sum(x.qty), 0) AS returned, " money             \
	" FROM orders o JOIN order_line n ON n.order_id = o.id LEFT JOIN refund_line " \
	"x ON x.refund_id = o.id AND x.n = n.n " from                                  \
	" WHERE o.currency = 'EUR' AND " where " GROUP BY 1) s"
#define LINES                                                                          \
	"sum(n.qty * n.unit_price) AS gross, coalesce(sum(x.amount - x.tax), 0) AS "   \
	"refunds"

TEST(every_report_is_what_a_direct_question_says)
{
	int64_t folded;
	bool more;

	GIVEN(HERE MANY);
	CHECK(rollup_fold(op, 1000, &folded, &more) == OK);
	SAME(ASK(BY("n.sku", "0", LINES, "", "true")), by(op, "product", "EUR"));
	SAME(ASK(BY("w.code", "0", LINES, "JOIN warehouse w ON w.id = n.warehouse_id",
		     "true")),
		by(op, "warehouse", "EUR"));
	SAME(ASK(BY("CASE WHEN v.id IS NULL THEN '' ELSE 'acme' END", "0", LINES,
		     "LEFT JOIN variant v USING (sku)", "true")),
		by(op, "brand", "EUR"));
	SAME(ASK(BY("CASE WHEN v.id IS NULL THEN '' ELSE 'pets' END", "0", LINES,
		     "LEFT JOIN variant v USING (sku)", "true")),
		by(op, "category", "EUR"));
	SAME(ASK(BY("coalesce(o.customer_id::text, 'guest')", "count(DISTINCT o.id)",
		     "(sum(o.total) / 2)::bigint AS gross, (coalesce(sum(r.amount), 0) "
		     "/ 2)::bigint AS "
		     "refunds",
		     "LEFT JOIN refund r ON r.id = o.id", "true")),
		by(op, "customer", "EUR"));
	SAME(ASK(BY("o.currency", "count(DISTINCT o.id)",
		     "(sum(o.total) / 2)::bigint AS gross, (coalesce(sum(r.amount), 0) "
		     "/ 2)::bigint AS "
		     "refunds",
		     "LEFT JOIN refund r ON r.id = o.id", "true")),
		by(op, "currency", "EUR"));
}

TEST(a_day_is_a_day_of_the_zone_that_was_asked_for)
{
	struct report_range r = march;
	const struct sales *s;
	struct rows rows;

	GIVEN(HERE SALE(1024, "2026-03-01T22:59:59Z", 10)
			SALE(2048, "2026-03-01T23:00:00Z", 10));
	SAME(2, fold(op));
	r.tz = "Europe/Paris";
	CHECK(report_sales(op, "day", &r, &rows) == OK);
	s = rows.items;
	SAME("2026-03-01", s[0].label);
	SAME(1, s[0].orders);
	SAME("2026-03-02", s[1].label);
	SAME("2026-03-01T23:00:00Z", stamp_text(op, s[1].period));
	SAME(1, s[1].orders);
	CHECK(report_sales(op, "month", &r, &rows) == OK);
	s = rows.items;
	SAME("2026-03", s[0].label);
	SAME(2, s[0].orders);
	SAME("109.98", s[0].exact);
	r.tz = "Asia/Kolkata";
	REFUSED("report_zone_has_whole_hours", report_sales(op, "day", &r, &rows));
	r.tz = "Mars/Olympus";
	REFUSED("time_zone_exists", report_sales(op, "day", &r, &rows));
}

TEST(the_night_a_clock_is_put_forward_has_a_day_of_23_hours)
{
	/* 2026-03-28 to 2026-03-31 */
	const struct report_range r = { { 1774652400000000 }, { 1774908000000000 },
		NULL, "Europe/Paris" };
	struct rows rows;
	const struct sales *s;

	GIVEN(HERE SALE(1024, "2026-03-27T23:00:00Z", 10) SALE(2048,
		"2026-03-29T21:59:59Z", 10) SALE(3072, "2026-03-29T22:00:00Z", 10));
	SAME(3, fold(op));
	CHECK(report_sales(op, "day", &r, &rows) == OK);
	SAME(3, rows.n);
	s = rows.items;
	SAME(1, s[1].orders);
	SAME("2026-03-30", s[2].label);
	SAME(1, s[2].orders);
	CHECK(report_sales(op, "hour", &r, &rows) == OK);
	SAME(24 + 23 + 24, rows.n);
}
