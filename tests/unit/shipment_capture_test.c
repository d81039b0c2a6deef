/* Shipments of orders whose money is only promised: it is taken parcel by parcel. */
#include "domain/shipment.h"

#include "db/db.h"
#include "given_order.h"
#include "test.h"

#define BALANCES                                                                       \
	"SELECT string_agg(account || ' ' || sum, ', ' ORDER BY account) FROM (SELECT" \
	" account, sum(amount) FROM ledger_line WHERE account NOT LIKE '%psp%'"        \
	" GROUP BY account) x WHERE sum <> 0"

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

static struct shipment ship(struct op *op, int64_t id)
{
	struct shipment s = { 0 };

	CHECK(shipment_ship(op, id, "ups", "1Z9", &s) == OK);
	return s;
}

#define CAPTURES                                                                       \
	"SELECT string_agg(minor || CASE WHEN final THEN ' final' ELSE '' END, ', '"   \
	" ORDER BY id) FROM provider_op WHERE kind = 'payment.capture'"

/* The provider has captured so much altogether. */
static void captured(struct op *op, int64_t minor, const char *status)
{
	GIVEN(op_printf(op,
		"SELECT payment_apply(1024, jsonb_populate_record(NULL::payment_facts,"
		" '{\"ref\":\"pi_1\",\"status\":\"%s\",\"currency\":\"EUR\","
		"\"amount\":10000,\"captured\":%lld,\"charge\":\"ch_1\"}'))",
		status, (long long)minor));
}

TEST(money_that_is_promised_is_taken_parcel_by_parcel)
{
	struct shipment a, b;

	GIVEN(AN_AUTHORIZED_ORDER);
	a = create(op, "a", "DOG:2");
	SAME("5000", ASK(CAPTURES));
	REFUSED("shipment_is_paid_for", shipment_ship(op, a.id, NULL, NULL, &a));
	captured(op, 5000, "authorized");
	SAME("authorized", ship(op, a.id).order_state);
	b = create(op, "b", NULL);
	SAME("5000, 5000 final", ASK(CAPTURES));
	REFUSED("shipment_is_paid_for", shipment_ship(op, b.id, NULL, NULL, &b));
	captured(op, 10000, "captured");
	SAME("shipped", ship(op, b.id).order_state);
	SAME("sales -9000, shipping -1000", ASK(BALANCES));
}

TEST(a_parcel_that_is_packed_again_asks_for_no_money_twice)
{
	GIVEN(AN_AUTHORIZED_ORDER);
	create(op, "a", "DOG:2");
	GIVEN("SELECT * FROM api.shipment_cancel((SELECT id FROM shipment))");
	create(op, "b", "DOG:1");
	SAME("5000", ASK(CAPTURES));
	create(op, "c", NULL);
	SAME("5000, 5000 final", ASK(CAPTURES));
}

TEST(an_authorization_that_lapses_cuts_short_what_has_left)
{
	GIVEN(AN_AUTHORIZED_ORDER);
	create(op, "a", "DOG:2");
	captured(op, 5000, "authorized");
	ship(op, create(op, "a", NULL).id);
	GIVEN("SELECT payment_end(p, 'canceled') FROM payment p");
	SAME("shipped", ASK("SELECT state FROM orders"));
	SAME("8 0 10 0", ASK("SELECT string_agg(on_hand || ' ' || reserved, ' '"
			     " ORDER BY variant_id) FROM stock"));
	SAME("consumed released", ASK("SELECT string_agg(stock_state, ' ' ORDER BY n)"
				      " FROM order_line"));
	SAME("", ASK("SELECT coalesce(string_agg(code || ' ' || detail, ', '), '')"
		     " FROM api.fsck('{orders,stock}', NULL, NULL)"));
}

TEST(money_taken_for_a_parcel_that_never_leaves_goes_back)
{
	GIVEN(AN_AUTHORIZED_ORDER);
	create(op, "a", "DOG:2");
	captured(op, 5000, "authorized");
	ship(op, create(op, "a", NULL).id);
	create(op, "b", "DOG:1");
	captured(op, 7000, "authorized");
	GIVEN("SELECT payment_end(p, 'canceled') FROM payment p");
	SAME("shipped", ASK("SELECT state FROM orders"));
	SAME("2000 requested 0",
		ASK("SELECT amount || ' ' || state || ' ' || recognised FROM refund"));
	SAME("", ASK("SELECT coalesce(string_agg(code || ' ' || detail, ', '), '')"
		     " FROM api.fsck('{orders,stock,money}', NULL, NULL)"));
}
