/* The verbs of orders. */
#include "domain/order.h"

#include "db/db.h"

const struct shape order_shape = SHAPE(order, FIELD(order, id, .flags = FIELD_ID),
	FIELD(order, state), FIELD(order, total), FIELD(order, units),
	FIELD(order, refunded), FIELD(order, customer), FIELD(order, created_at),
	FIELD(order, closed_at, .flags = FIELD_HIDDEN));

const struct shape order_full_shape = SHAPE(order_full,
	FIELD(order_full, id, .flags = FIELD_ID), FIELD(order_full, state),
	FIELD(order_full, payment_state), FIELD(order_full, refund_state),
	FIELD(order_full, subtotal), FIELD(order_full, discount),
	FIELD(order_full, shipping), FIELD(order_full, tax), FIELD(order_full, total),
	FIELD(order_full, captured), FIELD(order_full, refunded),
	FIELD(order_full, customer), FIELD(order_full, name),
	FIELD(order_full, address), FIELD(order_full, created_at),
	FIELD(order_full, expires_at), FIELD(order_full, closed_at),
	FIELD(order_full, trace));

const struct shape order_line_shape = SHAPE(order_line, FIELD(order_line, n),
	FIELD(order_line, sku), FIELD(order_line, title), FIELD(order_line, qty),
	FIELD(order_line, unit_price), FIELD(order_line, discount),
	FIELD(order_line, tax), FIELD(order_line, warehouse),
	FIELD(order_line, stock_state));

const struct shape order_moment_shape =
	SHAPE(order_moment, FIELD(order_moment, at), FIELD(order_moment, source),
		FIELD(order_moment, what), FIELD(order_moment, detail));

const struct shape order_canceled_shape = SHAPE(order_canceled,
	FIELD(order_canceled, id, .flags = FIELD_ID), FIELD(order_canceled, state),
	FIELD(order_canceled, refund_id, .flags = FIELD_ID | FIELD_OPTIONAL));

const struct shape order_held_shape =
	SHAPE(order_held, FIELD(order_held, id, .flags = FIELD_ID),
		FIELD(order_held, state), FIELD(order_held, replayed));

enum err order_list(struct op *op, const struct order_query *q, struct rows *out)
{
	return db_rows(op, "order_list", &order_shape, out, V(q->state), V(q->since),
		V(q->customer), V(q->limit ? q->limit : 50));
}

enum err order_get(struct op *op, int64_t id, struct order_full *out)
{
	return db_one(op, "order_get", &order_full_shape, out, V(id));
}

enum err order_lines(struct op *op, int64_t id, struct rows *out)
{
	return db_rows(op, "order_lines", &order_line_shape, out, V(id));
}

enum err order_timeline(struct op *op, int64_t id, struct rows *out)
{
	return db_rows(op, "order_timeline", &order_moment_shape, out, V(id));
}

enum err order_cancel(
	struct op *op, int64_t id, const char *reason, struct order_canceled *out)
{
	return db_one(op, "order_cancel", &order_canceled_shape, out, V(id), V(reason));
}

enum err order_hold(
	struct op *op, int64_t id, const char *reason, struct order_held *out)
{
	return db_one(op, "order_hold", &order_held_shape, out, V(id), V(reason));
}

enum err order_release(
	struct op *op, int64_t id, const char *reason, struct order_held *out)
{
	return db_one(op, "order_release", &order_held_shape, out, V(id), V(reason));
}
