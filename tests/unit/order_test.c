/* Orders: every state against every event, and what each edge does to the stock. */
#include "domain/order.h"
#include "domain/payment.h"

#include "db/db.h"
#include "given_order.h"
#include "test.h"

#include <string.h>

static const char *const states[] = { "pending", "expiring", "canceling", "authorized",
	"held", "paid", "on_hold", "shipped", "delivered", "canceled", "expired" };
static const char *const events[] = { "captured", "authorized", "lapsed", "due",
	"cancel", "voided", "grace_over", "hold", "unhold", "ship", "deliver" };

enum {
	STATES = sizeof states / sizeof *states,
	EVENTS = sizeof events / sizeof *events
};

/* Written out here a second time, so that an edit of the graph is noticed. */
static const struct edge {
	const char *from, *event, *to;
	int reserved; /* of DOG afterwards: 3 held, 0 given back */
	const char *lines;
} edges[] = {
	{ "pending", "captured", "paid", 3, "committed" },
	{ "pending", "authorized", "authorized", 3, "committed" },
	{ "pending", "due", "expiring", 3, "active" },
	{ "pending", "cancel", "canceling", 3, "active" },
	{ "expiring", "captured", "paid", 3, "committed" },
	{ "expiring", "authorized", "authorized", 3, "committed" },
	{ "expiring", "voided", "expired", 0, "released" },
	{ "expiring", "grace_over", "expired", 0, "released" },
	{ "canceling", "captured", "canceled", 0, "released" },
	{ "canceling", "voided", "canceled", 0, "released" },
	{ "canceling", "grace_over", "canceled", 0, "released" },
	{ "expired", "captured", "paid", 3, "committed" },
	{ "authorized", "captured", "paid", 3, "committed" },
	{ "authorized", "cancel", "canceling", 3, "committed" },
	{ "authorized", "lapsed", "canceled", 0, "released" },
	{ "paid", "cancel", "canceled", 0, "released" },
	{ "paid", "hold", "on_hold", 3, "committed" },
	{ "on_hold", "unhold", "paid", 3, "committed" },
	{ "on_hold", "cancel", "canceled", 0, "released" },
	{ "on_hold", "hold", "on_hold", 3, "committed" },
	{ "on_hold", "ship", "shipped", 3, "committed" },
	{ "authorized", "hold", "held", 3, "committed" },
	{ "held", "hold", "held", 3, "committed" },
	{ "held", "unhold", "authorized", 3, "committed" },
	{ "held", "captured", "on_hold", 3, "committed" },
	{ "held", "cancel", "canceling", 3, "committed" },
	{ "held", "lapsed", "canceled", 0, "released" },
	{ "held", "ship", "shipped", 3, "committed" },
	{ "authorized", "ship", "shipped", 3, "committed" },
	{ "paid", "ship", "shipped", 3, "committed" },
	{ "shipped", "deliver", "delivered", 3, "committed" },
};

static const struct edge *edge_of(const char *from, const char *event)
{
	for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
		if (!strcmp(edges[i].from, from) && !strcmp(edges[i].event, event))
			return &edges[i];
	return NULL;
}

/* The order as it stands in a state, with its stock as S4 says. */
static void stand_in(struct op *op, const char *state)
{
	bool free = !strcmp(state, "expired") || !strcmp(state, "canceled");
	bool held = !strcmp(state, "authorized") || !strcmp(state, "held") ||
		    !strcmp(state, "paid") || !strcmp(state, "on_hold") ||
		    !strcmp(state, "shipped");

	GIVEN(op_printf(op,
		"UPDATE orders SET state = '%s';"
		"UPDATE order_line SET stock_state = '%s';"
		"UPDATE stock SET reserved = CASE WHEN %s THEN 0"
		" WHEN variant_id = 1 THEN 3 ELSE 1 END",
		state,
		free   ? "released"
		: held ? "committed"
		       : "active",
		free ? "true" : "false"));
}

static const char *move(struct op *op, const char *to, const char *event)
{
	return op_printf(op, "SELECT order_move(1024, '%s', '%s')", to, event);
}

TEST(each_edge_moves_the_order_and_its_stock_and_is_remembered)
{
	GIVEN(AN_ORDER);
	SAME(sizeof edges / sizeof *edges,
		strtoul(ASK("SELECT count(*) FROM state_edge WHERE machine = 'order'"),
			NULL, 10));
	for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
		const struct edge *e = &edges[i];

		stand_in(op, e->from);
		SAME("true", ASK(move(op, e->to, e->event)));
		SAME(e->to, ASK("SELECT state FROM orders"));
		SAME(e->lines, ASK("SELECT string_agg(DISTINCT stock_state, ',') FROM "
				   "order_line"));
		SAME(op_printf(op, "%d %d", e->reserved, e->reserved / 3),
			ASK("SELECT string_agg(reserved::text, ' ' ORDER BY "
			    "variant_id) FROM stock"));
		SAME(op_printf(op, "%s %s %s test", e->event, e->from, e->to),
			ASK("SELECT concat_ws(' ', event, from_state, to_state, actor)"
			    " FROM order_event ORDER BY id DESC LIMIT 1"));
	}
}

static void goes_nowhere_else(struct op *op, const char *state, const char *event)
{
	const struct edge *edge = edge_of(state, event);

	for (int to = 0; to < STATES; to++) {
		if (edge && !strcmp(edge->to, states[to]))
			continue;
		REFUSED("state_follows_its_graph",
			db_script(op, "move", move(op, states[to], event)));
	}
}

TEST(no_other_event_moves_any_state_anywhere)
{
	GIVEN(AN_ORDER);
	for (int s = 0; s < STATES; s++) {
		stand_in(op, states[s]);
		for (int e = 0; e < EVENTS; e++)
			goes_nowhere_else(op, states[s], events[e]);
		SAME(states[s], ASK("SELECT state FROM orders"));
	}
	SAME("0", ASK("SELECT count(*) FROM order_event"));
}

TEST(late_money_takes_all_lines_or_none)
{
	GIVEN(AN_ORDER);
	stand_in(op, "expired");
	GIVEN("UPDATE stock SET on_hand = 0 WHERE variant_id = 2");
	SAME("false", ASK(move(op, "paid", "captured")));
	SAME("expired", ASK("SELECT state FROM orders"));
	SAME("0 0", ASK("SELECT string_agg(reserved::text, ' ') FROM stock"));
	SAME("0", ASK("SELECT count(*) FROM order_event"));
	GIVEN("DELETE FROM stock WHERE variant_id = 2");
	SAME("false", ASK(move(op, "paid", "captured")));
}

TEST(lines_of_one_place_are_released_together)
{
	GIVEN(AN_ORDER);
	GIVEN("INSERT INTO order_line (order_id, n, variant_id, warehouse_id, qty,"
	      " unit_price, sku, title) VALUES (1024, 3, 1, 1, 2, 0, 'DOG', 'Dog');"
	      "UPDATE stock SET reserved = 5 WHERE variant_id = 1;"
	      "UPDATE orders SET state = 'expiring'");
	SAME("true", ASK(move(op, "expired", "voided")));
	SAME("0 0", ASK("SELECT string_agg(reserved::text, ' ') FROM stock"));
	GIVEN("SELECT lines_release(1024); SELECT lines_release(1024)");
	SAME("0 0", ASK("SELECT string_agg(reserved::text, ' ') FROM stock"));
	SAME("true", ASK(move(op, "paid", "captured")));
	SAME("5 1", ASK("SELECT string_agg(reserved::text, ' ' ORDER BY variant_id) "
			"FROM stock"));
}

TEST(a_list_is_filtered_and_an_order_is_shown_with_its_lines)
{
	struct order_query q = { "pending", "Ada@Example.com", { 0 }, 0 };
	struct order_full o = { 0 };
	struct rows rows;

	GIVEN(A_PAID_ORDER);
	CHECK(order_list(op, &q, &rows) == OK);
	SAME(0, (int64_t)rows.n);
	q.state = "paid";
	CHECK(order_list(op, &q, &rows) == OK);
	SAME(1, (int64_t)rows.n);
	CHECK(order_get(op, 1024, &o) == OK);
	SAME(10000, o.captured.minor);
	SAME("none", o.refund_state);
	CHECK(order_lines(op, 1024, &rows) == OK);
	SAME(2, (int64_t)rows.n);
	REFUSED("order_exists", order_get(op, 5, &o));
	REFUSED("order_exists", order_timeline(op, 5, &rows));
}

TEST(canceling_needs_a_reason_and_happens_once)
{
	struct order_canceled c = { 0 };

	GIVEN(A_PAID_ORDER);
	REFUSED("cancel_has_a_reason", order_cancel(op, 1024, "", &c));
	CHECK(order_cancel(op, 1024, "fraud", &c) == OK);
	SAME("canceled", c.state);
	CHECK(c.refund_id > 0);
	CHECK(order_cancel(op, 1024, "fraud", &c) == OK);
	SAME(0, c.refund_id);
	SAME("1", ASK("SELECT count(*) FROM refund"));
	SAME("0", ASK("SELECT sum(reserved) FROM stock"));
}

/* The worker died while it stopped the payment of an order whose wait was over. */
TEST(a_cancel_is_finished_although_the_order_expired_meanwhile)
{
	struct payment_action a = { 0 };

	GIVEN(AN_OPEN_PAYMENT "UPDATE orders SET state = 'expired', expires_at = now() "
			      "- interval '1 day';"
			      "UPDATE order_line SET stock_state = 'released';");
	CHECK(payment_expire(op, 1024, &a) == OK);
	SAME("payment.cancel", a.action);
}
