/* Goods that come in, what the journal says of them, who holds them, how long they
 * last. */
#include "domain/stock_ledger.h"

#include "domain/notification_watch.h"
#include "domain/stock.h"
#include "domain/units_file.h"
#include "given_order.h"
#include "test.h"

#define MUGS                                                                           \
	"INSERT INTO warehouse (code, priority) VALUES ('AMS', 1), ('BER', 2);"        \
	"INSERT INTO product (handle, title, status) VALUES ('mug', 'Mug', 'active');" \
	"INSERT INTO variant (product_id, sku, title, cost_minor, cost_currency) "     \
	"SELECT id, 'MUG', 'Mug', 1000, 'EUR' FROM product"
#define COST                                                                           \
	"SELECT concat_ws(' ', cost_minor, cost_currency) FROM variant WHERE sku = "   \
	"'MUG'"

static enum err came(struct op *op, const char *key, const char *lines)
{
	const struct stock_delivery d = {
		.key = key, .warehouse = "AMS", .lines = { lines }, .purchase = "PO-1"
	};
	struct rows rows;

	return stock_receive(op, &d, &rows);
}

TEST(what_comes_in_costs_the_average_of_old_and_new)
{
	GIVEN(MUGS);
	CHECK(came(op, "a", "[{\"sku\":\"MUG\",\"qty\":10}]") == OK);
	SAME("1000 EUR", ASK(COST));
	CHECK(came(op, "b",
		      "[{\"sku\":\"MUG\",\"qty\":30,\"cost\":1400,"
		      "\"currency\":\"EUR\"}]") == OK);
	SAME("1300 EUR", ASK(COST));
	CHECK(came(op, "b",
		      "[{\"sku\":\"MUG\",\"qty\":30,\"cost\":1400,"
		      "\"currency\":\"EUR\"}]") == OK);
	SAME("1300 EUR", ASK(COST));
	SAME("40", ASK("SELECT on_hand FROM stock"));
	CHECK(came(op, "c",
		      "[{\"sku\":\"MUG\",\"qty\":1,\"cost\":900,"
		      "\"currency\":\"USD\"}]") == OK);
	SAME("900 USD", ASK(COST));
	REFUSED("variant_exists", came(op, "d", "[{\"sku\":\"POT\",\"qty\":1}]"));
	REFUSED("receipt_has_lines", came(op, "e", "[]"));
	REFUSED("receipt_qty_is_positive",
		came(op, "f", "[{\"sku\":\"MUG\",\"qty\":0}]"));
	SAME("4 3", ASK("SELECT (SELECT count(*) FROM audit_log WHERE object = "
			"'variant:MUG' AND action = 'stock.receive') + 1 || ' ' || "
			"(SELECT count(*) FROM stock_receipt)"));
}

TEST(the_ledger_runs_to_what_lies_there)
{
	const struct stock_ledger_query all = { .sku = "MUG" }, last = {
		.sku = "MUG", .warehouse = "AMS", .limit = 1
	};
	const struct stock_movement *m;
	struct stock s;
	struct rows rows;

	GIVEN(MUGS);
	CHECK(came(op, "a",
		      "[{\"sku\":\"MUG\",\"qty\":10,\"cost\":1200,"
		      "\"currency\":\"EUR\"}]") == OK);
	CHECK(stock_adjust(op, "MUG", "BER", 4, &s) == OK);
	CHECK(stock_adjust(op, "MUG", "AMS", -3, &s) == OK);
	CHECK(stock_ledger(op, &all, &rows) == OK);
	SAME(3, (int64_t)rows.n);
	m = rows.items;
	SAME(1200, m[0].unit_cost.minor);
	SAME(4, m[1].on_hand);
	SAME(14, m[1].everywhere);
	SAME(7, m[2].on_hand);
	SAME(11, m[2].everywhere);
	CHECK(stock_ledger(op, &last, &rows) == OK);
	m = rows.items;
	SAME(-3, m[0].delta);
	SAME(7, m[0].on_hand);
}

TEST(what_lay_there_then_is_what_had_moved)
{
	struct stock_moment then = { .sku = "MUG" };
	const struct stock_then *t;
	struct rows rows;

	GIVEN(MUGS);
	CHECK(came(op, "a", "[{\"sku\":\"MUG\",\"qty\":10}]") == OK);
	GIVEN("UPDATE stock_movement SET at = '2026-03-01Z';"
	      "SELECT api.stock_adjust('MUG', 'AMS', -4);"
	      "UPDATE stock_movement SET at = '2026-03-05Z' WHERE delta = -4");
	CHECK(stamp_parse(op, "2026-03-04", &then.at) == OK);
	CHECK(stock_as_of(op, &then, &rows) == OK);
	t = rows.items;
	SAME(10, t[0].on_hand);
	CHECK(stamp_parse(op, "2026-03-05", &then.at) == OK);
	CHECK(stock_as_of(op, &then, &rows) == OK);
	t = rows.items;
	SAME(6, t[0].on_hand);
	CHECK(stamp_parse(op, "2026-02-28", &then.at) == OK);
	CHECK(stock_as_of(op, &then, &rows) == OK);
	SAME(0, (int64_t)rows.n);
}

TEST(who_holds_it_is_said_with_state_and_until_when)
{
	const struct stock_holder *h;
	struct rows rows;

	GIVEN(AN_ORDER "INSERT INTO warehouse (id, code) OVERRIDING SYSTEM VALUE "
		       "VALUES (2, 'HAM');"
		       "SELECT api.transfer_create('k', 'BER', 'HAM', "
		       "'[{\"sku\":\"DOG\",\"qty\":2}]', 'x');"
		       "SELECT api.transfer_ship((SELECT max(id) FROM transfer), NULL);"
		       "SELECT api.count_start('k', 'HAM', '{}', true, 'x')");
	CHECK(stock_why(op, "DOG", NULL, &rows) == OK);
	SAME(3, (int64_t)rows.n);
	h = rows.items;
	SAME("order", h[0].kind);
	SAME(1024, h[0].id);
	SAME(3, h[0].qty);
	CHECK(h[0].holds);
	CHECK(h[0].until.us > 0);
	SAME("pending", h[0].state);
	SAME("count", h[1].kind);
	SAME("transfer", h[2].kind);
	SAME("HAM", h[2].warehouse);
	SAME("comes from BER", h[2].detail);
	CHECK(!h[2].holds);
	CHECK(stock_why(op, "DOG", "HAM", &rows) == OK);
	SAME(2, (int64_t)rows.n);
}

TEST(what_runs_out_is_known_by_how_it_sold)
{
	const struct stock_low_query q = { .days_cover = 14, .over = 10 };
	const struct stock_lack *l;
	struct rows rows;

	GIVEN(MUGS ";INSERT INTO variant (product_id, sku, title, options) SELECT id, "
		   "'CUP', 'Cup', '{x}' FROM product;"
		   "SELECT api.stock_adjust('MUG', 'AMS', 13), api.stock_adjust('CUP', "
		   "'AMS', 3);"
		   "INSERT INTO rollup_item_hour (kind, hour, item, currency, units) "
		   "VALUES "
		   "('product', now() - interval '1 day', 'MUG', 'EUR', 12),"
		   "('product', now() - interval '9 days', 'MUG', 'USD', 8),"
		   "('product', now() - interval '11 days', 'MUG', 'EUR', 500)");
	CHECK(stock_low(op, &q, &rows) == OK);
	SAME(1, (int64_t)rows.n);
	l = rows.items;
	SAME(20, l[0].sold);
	SAME("6.5", l[0].days_left.s);
	SAME(15, l[0].lacking);
	GIVEN("SELECT api.stock_reorder('CUP', 'AMS', 5)");
	CHECK(stock_low(op, &q, &rows) == OK);
	SAME(2, (int64_t)rows.n);
	l = rows.items;
	SAME("CUP", l[1].sku);
	SAME(2, l[1].lacking);
	CHECK(!l[1].days_left.s);
}

TEST(who_waited_hears_of_what_came_by_a_receipt_and_by_a_transfer)
{
	GIVEN(MUGS ";SELECT api.stock_subscribe('ada@example.com', 'MUG', 'en')");
	CHECK(came(op, "a", "[{\"sku\":\"MUG\",\"qty\":10}]") == OK);
	SAME("1", ASK("SELECT back FROM api.notification_stock(10)"));
	GIVEN("SELECT api.transfer_create('k', 'AMS', 'BER', "
	      "'[{\"sku\":\"MUG\",\"qty\":10}]', 'x');"
	      "SELECT api.transfer_ship((SELECT max(id) FROM transfer), NULL);"
	      "SELECT api.stock_subscribe('bob@example.com', 'MUG', 'en')");
	SAME("0", ASK("SELECT back FROM api.notification_stock(10)"));
	GIVEN("SELECT api.transfer_receive((SELECT max(id) FROM transfer), NULL, NULL, "
	      "false)");
	SAME("1", ASK("SELECT back FROM api.notification_stock(10)"));
	SAME("back_in_stock back_in_stock",
		ASK("SELECT string_agg(event, ' ') FROM notification"));
}

TEST(late_money_takes_stock_only_where_it_is_sent_from)
{
	GIVEN(AN_OPEN_PAYMENT
		"UPDATE orders SET state = 'expired'; UPDATE order_line SET "
		"stock_state = "
		"'released'; UPDATE stock SET reserved = 0;"
		"UPDATE order_contact SET address = '{\"country\": \"DE\"}';"
		"INSERT INTO warehouse (id, code, serves) OVERRIDING SYSTEM VALUE "
		"VALUES (2, 'PAR', '{FR}'), (3, 'HAM', '{DE}');"
		"INSERT INTO stock (variant_id, warehouse_id, on_hand) VALUES (1, 2, "
		"9), "
		"(1, 3, 9);"
		"UPDATE stock SET on_hand = 2 WHERE variant_id = 1 AND warehouse_id = "
		"1;" PAYMENT_SAYS(CAPTURED));
	SAME("paid", ASK("SELECT state FROM orders"));
	SAME("1:3 2:1", ASK("SELECT string_agg(variant_id || ':' || warehouse_id, ' ' "
			    "ORDER BY n) FROM order_line"));
}
