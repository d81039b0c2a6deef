/* Shipments: what leaves, what that is worth, and every word about it at every time. */
#include "domain/shipment.h"

#include "db/db.h"
#include "domain/order.h"
#include "given_order.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static const char *const states[] = { "draft", "labeled", "handed_over", "in_transit",
	"exception", "delivered", "returning", "returned", "canceled" };
static const char *const events[] = { "label", "hand_over", "cancel", "in_transit",
	"exception", "delivered", "returning", "returned" };

/* Written out here a second time, so that an edit of the graph is noticed. */
static const struct edge {
	const char *from, *event, *to;
} edges[] = {
	{ "draft", "label", "labeled" },
	{ "draft", "hand_over", "handed_over" },
	{ "labeled", "hand_over", "handed_over" },
	{ "draft", "cancel", "canceled" },
	{ "labeled", "cancel", "canceled" },
	{ "handed_over", "in_transit", "in_transit" },
	{ "exception", "in_transit", "in_transit" },
	{ "handed_over", "exception", "exception" },
	{ "in_transit", "exception", "exception" },
	{ "handed_over", "delivered", "delivered" },
	{ "in_transit", "delivered", "delivered" },
	{ "exception", "delivered", "delivered" },
	{ "handed_over", "returning", "returning" },
	{ "in_transit", "returning", "returning" },
	{ "exception", "returning", "returning" },
	{ "handed_over", "returned", "returned" },
	{ "in_transit", "returned", "returned" },
	{ "exception", "returned", "returned" },
	{ "returning", "returned", "returned" },
};

enum {
	STATES = sizeof states / sizeof *states,
	EVENTS = sizeof events / sizeof *events,
	EDGES = sizeof edges / sizeof *edges
};

#define BALANCES                                                                       \
	"SELECT string_agg(account || ' ' || sum, ', ' ORDER BY account) FROM (SELECT" \
	" account, sum(amount) FROM ledger_line WHERE account NOT LIKE '%psp%'"        \
	" GROUP BY account) x WHERE sum <> 0"

/* One shipment in a state, on a paid order. */
static void stand_in(struct op *op, const char *state)
{
	GIVEN(op_printf(op,
		"UPDATE shipment SET state = '%s', rank = 0, told_at = NULL, "
		"handed_over_at = now(); DELETE FROM tracking_event;",
		state));
}

static const char *goes(const char *from, const char *event)
{
	for (int i = 0; i < EDGES; i++)
		if (!strcmp(edges[i].from, from) && !strcmp(edges[i].event, event))
			return edges[i].to;
	return NULL;
}

static void try_event(struct op *op, const char *from, const char *event)
{
	const char *to = goes(from, event);
	const char *move = op_printf(
		op, "SELECT (shipment_move(s, '%s')).state FROM shipment s", event);

	stand_in(op, from);
	if (to)
		SAME(to, ASK(move));
	else
		REFUSED("state_follows_its_graph", db_script(op, "move", move));
}

TEST(each_state_knows_its_events_and_no_others)
{
	GIVEN(A_PAID_ORDER
		"SELECT * FROM api.shipment_create(1024, 'k', NULL, NULL, NULL, NULL)");
	SAME(EDGES, (int)strtol(ASK("SELECT count(*) FROM state_edge"
				    " WHERE machine = 'shipment'"),
			    NULL, 10));
	for (int s = 0; s < STATES; s++)
		for (int e = 0; e < EVENTS; e++)
			try_event(op, states[s], events[e]);
}

static struct shipment create(struct op *op, const char *key, const char *line)
{
	const char *lines[] = { line };
	struct shipment_wish wish = {
		.order_id = 1024, .key = key, .lines = { lines, line ? 1 : 0 }
	};
	struct shipment none = { 0 };
	struct rows rows = { 0 };

	CHECK(shipment_create(op, &wish, &rows) == OK);
	SAME(1, (int64_t)rows.n);
	return rows.n ? *(struct shipment *)row_at(&shipment_shape, rows, 0) : none;
}

static enum err create_fails(struct op *op, const char *line)
{
	const char *lines[] = { line };
	struct shipment_wish wish = {
		.order_id = 1024, .key = "fails", .lines = { lines, line ? 1 : 0 }
	};
	struct rows rows = { 0 };

	return shipment_create(op, &wish, &rows);
}

static struct shipment ship(struct op *op, int64_t id)
{
	struct shipment s = { 0 };

	CHECK(shipment_ship(op, id, "ups", "1Z9", &s) == OK);
	return s;
}

TEST(what_leaves_takes_its_stock_and_its_revenue_along_once)
{
	struct shipment s;

	GIVEN(A_PAID_ORDER);
	s = create(op, "k", "DOG:2");
	SAME("draft", s.state);
	SAME("10 3", ASK("SELECT on_hand || ' ' || reserved FROM stock WHERE "
			 "variant_id = 1"));
	s = ship(op, s.id);
	SAME("handed_over", s.state);
	SAME("paid", s.order_state);
	SAME(5000, s.value.minor); /* 2 x 20.00, and the shipping with the first */
	CHECK(ship(op, s.id).replayed);
	SAME("8 1", ASK("SELECT on_hand || ' ' || reserved FROM stock WHERE variant_id "
			"= 1"));
	SAME("-2", ASK("SELECT string_agg(delta::text, ' ') FROM stock_movement"
		       " WHERE reason = 'ship'"));
	SAME("customer:deposits -5000, sales -4000, shipping -1000", ASK(BALANCES));
	SAME("1", ASK("SELECT count(*) FROM notification WHERE event = 'shipped'"));
	s = ship(op, create(op, "l", NULL).id);
	SAME("shipped", s.order_state);
	SAME("sales -9000, shipping -1000", ASK(BALANCES));
	SAME("consumed",
		ASK("SELECT string_agg(DISTINCT stock_state, ' ') FROM order_line"));
	SAME("0", ASK("SELECT sum(reserved) FROM stock"));
	SAME("", ASK("SELECT coalesce(string_agg(code || ' ' || detail, ', '), '')"
		     " FROM api.fsck('{money,orders,stock}', NULL, NULL)"));
}

TEST(one_key_packs_once_and_no_unit_is_packed_twice)
{
	GIVEN(A_PAID_ORDER);
	SAME(create(op, "k", "DOG:2").id, create(op, "k", "DOG:2").id);
	CHECK(create(op, "k", NULL).replayed);
	REFUSED("shipment_within_line", create_fails(op, "DOG:2"));
	REFUSED("shipment_within_line", create_fails(op, "FISH:1"));
	REFUSED("line_is_sku_and_quantity", create_fails(op, "DOG"));
	create(op, "l", NULL);
	REFUSED("shipment_has_lines", create_fails(op, NULL));
	GIVEN("SELECT * FROM api.shipment_cancel((SELECT min(id) FROM shipment))");
	SAME(2, create(op, "m", NULL).units);
}

TEST(each_warehouse_sends_its_own)
{
	struct shipment_wish wish = { .order_id = 1024, .key = "k", .tracking = "1Z" };
	struct rows rows = { 0 };

	GIVEN(A_PAID_ORDER);
	GIVEN("INSERT INTO warehouse (id, code) OVERRIDING SYSTEM VALUE VALUES (2, "
	      "'AMS');"
	      "INSERT INTO stock (variant_id, warehouse_id, on_hand, reserved)"
	      " VALUES (2, 2, 5, 1); UPDATE stock SET reserved = 0 WHERE variant_id = 2"
	      " AND warehouse_id = 1; UPDATE order_line SET warehouse_id = 2 WHERE n = "
	      "2");
	REFUSED("tracking_is_of_one_shipment", shipment_create(op, &wish, &rows));
	wish.tracking = NULL;
	CHECK(shipment_create(op, &wish, &rows) == OK);
	SAME(2, (int64_t)rows.n);
	wish = (struct shipment_wish){
		.order_id = 1024, .key = "l", .warehouse = "AMS"
	};
	REFUSED("shipment_has_lines", shipment_create(op, &wish, &rows));
	GIVEN("SELECT api.shipment_cancel(id) FROM shipment");
	wish.tracking = "1Z";
	CHECK(shipment_create(op, &wish, &rows) == OK);
	SAME("labeled", ((struct shipment *)rows.items)->state);
	SAME("AMS", ((struct shipment *)rows.items)->warehouse);
}

/* An order in a state that is not to be shipped says which rule is in the way. */
TEST(only_what_is_paid_and_free_is_shipped)
{
	static const char *const why[][2] = { { "pending", "shipment_is_paid_for" },
		{ "expiring", "shipment_is_paid_for" },
		{ "on_hold", "order_is_not_on_hold" },
		{ "canceling", "order_is_shippable" },
		{ "canceled", "order_is_shippable" },
		{ "expired", "order_is_shippable" },
		{ "shipped", "order_is_shippable" } };
	struct shipment s = { 0 };

	GIVEN(A_PAID_ORDER);
	s = create(op, "k", "DOG:1");
	for (size_t i = 0; i < sizeof why / sizeof *why; i++) {
		GIVEN(op_printf(op, "UPDATE orders SET state = '%s'", why[i][0]));
		REFUSED(why[i][1], create_fails(op, NULL));
		REFUSED(why[i][1], shipment_ship(op, s.id, NULL, NULL, &s));
	}
	REFUSED("shipment_exists", shipment_ship(op, 5, NULL, NULL, &s));
	REFUSED("shipment_exists", shipment_get(op, 5, &s));
}

TEST(goods_wait_for_their_money)
{
	struct shipment s;

	GIVEN(A_PAID_ORDER "UPDATE payment SET captured = 4999");
	s = create(op, "k", "DOG:2");
	REFUSED("shipment_is_paid_for", shipment_ship(op, s.id, NULL, NULL, &s));
	GIVEN("UPDATE payment SET captured = 5000");
	ship(op, s.id);
	s = create(op, "l", "DOG:1");
	REFUSED("shipment_is_paid_for", shipment_ship(op, s.id, NULL, NULL, &s));
	GIVEN("UPDATE payment SET captured = 10000;"
	      "SELECT * FROM api.refund_create(1024, 'all', 5000, 'EUR', NULL, "
	      "'test')");
	REFUSED("shipment_is_paid_for", shipment_ship(op, s.id, NULL, NULL, &s));
}

TEST(goodwill_before_shipping_is_no_revenue)
{
	GIVEN(A_PAID_ORDER
		"SELECT * FROM api.refund_create(1024, 'k', 700, 'EUR', NULL, 'late')");
	ship(op, create(op, "k", "DOG:3").id);
	ship(op, create(op, "l", NULL).id);
	SAME("refund:payable -700, returns 700, sales -9000, shipping -1000",
		ASK(BALANCES));
	SAME("shipped", ASK("SELECT state FROM orders"));
	SAME("", ASK("SELECT coalesce(string_agg(code || ' ' || detail, ', '), '')"
		     " FROM api.fsck('{money,stock}', NULL, NULL)"));
}

TEST(what_was_refunded_before_it_left_never_leaves)
{
	struct order_canceled c;

	GIVEN(A_PAID_ORDER);
	ship(op, create(op, "k", "DOG:1").id);
	REFUSED("order_has_not_left", order_cancel(op, 1024, "late", &c));
	GIVEN("SELECT * FROM api.refund_create(1024, 'k', NULL, NULL,"
	      " '[{\"sku\":\"DOG\",\"qty\":2}]', 'late')");
	SAME("0 1", ASK("SELECT string_agg(reserved::text, ' ' ORDER BY variant_id) "
			"FROM stock"));
	SAME("9", ASK("SELECT on_hand FROM stock WHERE variant_id = 1"));
	SAME("consumed committed", ASK("SELECT string_agg(stock_state, ' ' ORDER BY n)"
				       " FROM order_line"));
	SAME(1, create(op, "l", NULL).units);
	ship(op, create(op, "l", NULL).id);
	SAME("shipped", ASK("SELECT state FROM orders"));
	SAME("refund:payable -4000, sales -5000, shipping -1000", ASK(BALANCES));
	SAME("", ASK("SELECT coalesce(string_agg(code || ' ' || detail, ', '), '')"
		     " FROM api.fsck('{money,stock}', NULL, NULL)"));
}

TEST(a_refund_of_the_rest_ends_the_order)
{
	GIVEN(A_PAID_ORDER);
	ship(op, create(op, "k", "DOG:3").id);
	GIVEN("SELECT * FROM api.refund_create(1024, 'k', NULL, NULL, NULL, 'late')");
	SAME("consumed released", ASK("SELECT string_agg(stock_state, ' ' ORDER BY n)"
				      " FROM order_line"));
	SAME("shipped", ASK("SELECT state FROM orders"));
	SAME("0", ASK("SELECT sum(reserved) FROM stock"));
}

static enum err told(struct op *op, const char *status, const char *ago)
{
	return db_script(op, "track",
		op_printf(op,
			"SELECT * FROM api.shipment_track((SELECT id FROM shipment), "
			"'%s',"
			" now() - interval '%s', NULL)",
			status, ago));
}

TEST(a_late_word_about_a_parcel_is_kept_and_changes_nothing)
{
	GIVEN(A_PAID_ORDER);
	create(op, "k", NULL);
	REFUSED("shipment_has_left", told(op, "in_transit", "0 s"));
	ship(op, create(op, "k", NULL).id);
	REFUSED("tracking_status_is_known", told(op, "lost", "0 s"));
	REFUSED("tracking_is_not_of_the_future", told(op, "in_transit", "-2 days"));
	CHECK(told(op, "exception", "2 h") == OK);
	CHECK(told(op, "in_transit", "3 h") == OK);
	SAME("exception", ASK("SELECT state FROM shipment"));
	CHECK(told(op, "in_transit", "1 h") == OK);
	SAME("in_transit", ASK("SELECT state FROM shipment"));
	CHECK(told(op, "delivered", "30 min") == OK);
	SAME("delivered", ASK("SELECT state FROM orders"));
	CHECK(told(op, "exception", "0 s") == OK);
	CHECK(told(op, "delivered", "0 s") == OK);
	SAME("delivered", ASK("SELECT state FROM shipment"));
	SAME("6 3", ASK("SELECT count(*) || ' ' || count(*) FILTER (WHERE moved)"
			" FROM tracking_event"));
	SAME("1", ASK("SELECT count(*) FROM notification WHERE event = 'delivered'"));
}

TEST(an_order_is_delivered_when_each_parcel_came_to_its_end)
{
	GIVEN(A_PAID_ORDER);
	ship(op, create(op, "k", "DOG:1").id);
	ship(op, create(op, "l", NULL).id);
	GIVEN("SELECT api.shipment_track(min(id), 'delivered', NULL, NULL) FROM "
	      "shipment");
	SAME("shipped", ASK("SELECT state FROM orders"));
	GIVEN("SELECT api.shipment_track(max(id), 'returned', NULL, NULL) FROM "
	      "shipment");
	SAME("delivered", ASK("SELECT state FROM orders"));
	SAME("shipment_returned", ASK("SELECT kind FROM incident"));
}

TEST(canceling_an_order_unpacks_what_has_not_left)
{
	struct order_canceled c;

	GIVEN(A_PAID_ORDER);
	create(op, "k", NULL);
	CHECK(order_cancel(op, 1024, "fraud", &c) == OK);
	SAME("canceled", ASK("SELECT state FROM shipment"));
	REFUSED("order_is_shippable", db_script(op, "ship",
					      "SELECT * FROM api.shipment_ship((SELECT "
					      "id FROM shipment), NULL, NULL)"));
}

TEST(canceling_frees_only_what_a_refund_has_not_freed_before)
{
	struct order_canceled c;

	GIVEN(A_PAID_ORDER "SELECT * FROM api.refund_create(1024, 'k', NULL, NULL,"
			   " '[{\"sku\":\"DOG\",\"qty\":2}]', 'late')");
	SAME("1 1", ASK("SELECT string_agg(reserved::text, ' ' ORDER BY variant_id) "
			"FROM stock"));
	CHECK(order_cancel(op, 1024, "late", &c) == OK);
	SAME("0 0", ASK("SELECT string_agg(reserved::text, ' ') FROM stock"));
	SAME("10000", ASK("SELECT sum(amount) FROM refund"));
	SAME("", ASK("SELECT coalesce(string_agg(code || ' ' || detail, ', '), '')"
		     " FROM api.fsck('{money,orders,stock}', NULL, NULL)"));
}
