/* Orders on hold: by a person, by a dispute, by both; before and after their money was
 * taken. */
#include "domain/order.h"
#include "domain/payment.h"
#include "domain/shipment.h"

#include "db/db.h"
#include "given_order.h"
#include "test.h"

#define DISPUTE(status)                                                                \
	"SELECT dispute_apply('stripe', jsonb_populate_record(NULL::dispute_facts,"    \
	" '{\"ref\": \"dp_1\", \"payment_ref\": \"pi_1\", \"status\": \"" status       \
	"\", \"currency\": \"EUR\", \"amount\": 10000}'));"

static const char *state(struct op *op)
{
	return ASK("SELECT state FROM orders");
}

static const char *next(struct op *op)
{
	struct payment_action a = { 0 };

	CHECK(payment_load(op, 1024, true, &a) == OK);
	return a.action;
}

TEST(a_person_holds_an_order_and_lets_it_go_on)
{
	struct order_held h = { 0 };
	struct shipment_wish wish = { .order_id = 1024, .key = "s1" };
	struct rows rows;

	GIVEN(A_PAID_ORDER);
	REFUSED("hold_has_a_reason", order_hold(op, 1024, " ", &h));
	REFUSED("order_exists", order_hold(op, 5, "fraud", &h));
	CHECK(order_release(op, 1024, "checked", &h) == OK);
	CHECK(h.replayed);
	CHECK(order_hold(op, 1024, "fraud", &h) == OK);
	SAME("on_hold", h.state);
	CHECK(!h.replayed);
	CHECK(order_hold(op, 1024, "fraud", &h) == OK);
	CHECK(h.replayed);
	REFUSED("order_is_not_on_hold", shipment_create(op, &wish, &rows));
	CHECK(order_release(op, 1024, "checked", &h) == OK);
	SAME("paid", h.state);
	CHECK(shipment_create(op, &wish, &rows) == OK);
	SAME("2", ASK("SELECT count(*) FROM audit_log WHERE action IN ('order.hold', "
		      "'order.release')"));
}

TEST(an_order_that_was_not_paid_cannot_be_held)
{
	struct order_held h = { 0 };

	GIVEN(AN_OPEN_PAYMENT);
	REFUSED("order_can_be_held", order_hold(op, 1024, "fraud", &h));
	REFUSED("order_is_on_hold", order_release(op, 1024, "checked", &h));
}

TEST(promised_money_is_neither_taken_nor_let_go_while_on_hold)
{
	struct order_held h = { 0 };
	struct payment_moved m;

	GIVEN(AN_AUTHORIZED_ORDER);
	CHECK(payment_capture(op, 1024,
		      (struct money){ .minor = 4000, .currency = "EUR" }, false,
		      &m) == OK);
	CHECK(order_hold(op, 1024, "fraud", &h) == OK);
	SAME("held", h.state);
	SAME("payment.get", next(op));
	SAME("false", ASK("SELECT go FROM api.op_sent((SELECT max(id) FROM provider_op"
			  " WHERE kind = 'payment.capture'), 'a=b')"));
	REFUSED("order_is_not_on_hold",
		payment_capture(op, 1024, (struct money){ 0 }, false, &m));
	CHECK(order_release(op, 1024, "checked", &h) == OK);
	SAME("authorized", h.state);
	SAME("payment.capture", next(op));
}

TEST(what_the_provider_does_to_held_money_is_followed)
{
	struct order_held h = { 0 };

	GIVEN(AN_AUTHORIZED_ORDER);
	CHECK(order_hold(op, 1024, "fraud", &h) == OK);
	test_attempt(op);
	GIVEN(PAYMENT_SAYS(CAPTURED));
	SAME("on_hold", state(op));
	CHECK(order_release(op, 1024, "checked", &h) == OK);
	SAME("paid", h.state);
	GIVEN("ROLLBACK TO attempt");
	GIVEN(PAYMENT_SAYS(FACTS("pi_1", "canceled", "")));
	SAME("canceled", state(op));
	SAME("0", ASK("SELECT sum(reserved) FROM stock"));
}

TEST(a_held_order_is_canceled_as_an_authorized_one)
{
	struct order_held h = { 0 };
	struct order_canceled c = { 0 };

	GIVEN(AN_AUTHORIZED_ORDER);
	CHECK(order_hold(op, 1024, "fraud", &h) == OK);
	CHECK(order_cancel(op, 1024, "fraud", &c) == OK);
	SAME("canceling", c.state);
	SAME("payment.cancel", next(op));
}

TEST(a_dispute_holds_authorized_money_and_its_end_lets_it_go_on)
{
	struct order_held h = { 0 };

	GIVEN(AN_AUTHORIZED_ORDER DISPUTE("needs_response"));
	SAME("held", state(op));
	REFUSED("order_is_not_disputed", order_release(op, 1024, "checked", &h));
	GIVEN(DISPUTE("won"));
	SAME("authorized", state(op));
}

TEST(what_a_person_holds_too_outlives_the_dispute)
{
	struct order_held h = { 0 };

	GIVEN(A_PAID_ORDER DISPUTE("needs_response"));
	CHECK(order_hold(op, 1024, "fraud", &h) == OK);
	CHECK(!h.replayed);
	GIVEN(DISPUTE("won"));
	SAME("on_hold", state(op));
	CHECK(order_release(op, 1024, "checked", &h) == OK);
	SAME("paid", h.state);
}

TEST(a_dispute_does_not_end_what_a_person_began)
{
	struct order_held h = { 0 };

	GIVEN(A_PAID_ORDER);
	CHECK(order_hold(op, 1024, "fraud", &h) == OK);
	GIVEN(DISPUTE("needs_response") DISPUTE("won"));
	SAME("on_hold", state(op));
}

/* The last of it was refunded while it was on hold: it is as shipped as it will be. */
TEST(an_order_of_which_nothing_is_left_to_hold_is_shipped)
{
	GIVEN(A_PAID_ORDER "UPDATE order_line SET shipped = qty, stock_state = "
			   "'consumed'; UPDATE orders SET state = 'on_hold';"
			   "SELECT order_shipped(1024)");
	SAME("shipped", state(op));
}

TEST(the_close_of_an_order_is_not_moved_by_a_hold)
{
	struct order_held h = { 0 };

	GIVEN(A_PAID_ORDER "UPDATE orders SET closed_at = now() - interval '2 days'");
	CHECK(order_hold(op, 1024, "fraud", &h) == OK);
	CHECK(order_release(op, 1024, "checked", &h) == OK);
	SAME("true", ASK("SELECT closed_at < now() - interval '1 day' FROM orders"));
}

/* A webhook's row tells what became of it; only a replay is news beside it. */
TEST(a_timeline_tells_of_each_webhook_and_parcel_once)
{
	GIVEN(A_PAID_ORDER
		"SELECT * FROM api.webhook_receive('stripe', '', false, 'evt_1',"
		" 'payment_intent.succeeded', 'pi_1', NULL, '{}');"
		"UPDATE webhook_event SET order_id = 1024;"
		"SELECT state_move('webhook', 1, 1024, 'received', 'processed');"
		"SELECT state_move('webhook', 1, 1024, 'processed', 'replay');"
		"SELECT * FROM api.shipment_create(1024, 's', NULL, NULL, NULL, NULL);"
		"SELECT * FROM api.shipment_ship((SELECT min(id) FROM shipment), NULL, "
		"NULL)");
	SAME("payment_intent.succeeded, webhook 1: processed -> received",
		ASK("SELECT string_agg(what, ', ' ORDER BY what) FROM "
		    "api.order_timeline(1024) WHERE source = 'webhook'"));
	SAME("1", ASK("SELECT count(*) FROM api.order_timeline(1024)"
		      " WHERE what LIKE '%handed_over%'"));
}
