/* Orders as an operator sees them: lists, one with its lines, why it is as it is. */
#ifndef DOMAIN_ORDER_H
#define DOMAIN_ORDER_H

#include "base/field.h"
#include "base/op.h"

#include <stdint.h>

/* A row of a list. */
struct order {
	int64_t id, units;
	const char *state, *customer; /* customer: e-mail; NULL once erased */
	struct money total, refunded;
	struct stamp created_at, closed_at;
};
extern const struct shape order_shape;

/* One order whole.  refund_state: none, partial, full. */
struct order_full {
	int64_t id;
	const char *state, *payment_state, *refund_state, *customer, *name, *trace;
	struct money subtotal, discount, shipping, tax, total, captured, refunded;
	struct json_text address;
	struct stamp created_at, expires_at, closed_at;
};
extern const struct shape order_full_shape;

struct order_line {
	int64_t n, qty;
	const char *sku, *title, *warehouse, *stock_state;
	struct money unit_price, discount, tax;
};
extern const struct shape order_line_shape;

/* One thing that happened to an order, or will: source is order, payment, call, job,
 * ... */
struct order_moment {
	struct stamp at;
	const char *source, *what, *detail;
};
extern const struct shape order_moment_shape;

struct order_query {
	const char *state, *customer; /* NULL: any */
	struct stamp since;
	int64_t limit; /* 0: 50 */
};

/* Orders, newest first. */
enum err order_list(struct op *op, const struct order_query *q, struct rows *out);

/* E_NOT_FOUND (order_exists) when there is none. */
enum err order_get(struct op *op, int64_t id, struct order_full *out);
enum err order_lines(struct op *op, int64_t id, struct rows *out);

/* States, payments, calls, jobs, webhooks, postings and mails in one line of time. */
enum err order_timeline(struct op *op, int64_t id, struct rows *out);

/* What canceling made of it: canceling until the provider agrees, or canceled. */
struct order_canceled {
	int64_t id, refund_id; /* refund_id: 0 when no money goes back */
	const char *state;
};
extern const struct shape order_canceled_shape;

/*
 * Cancel: an unpaid order when the provider agreed, a paid one at once with a
 * full refund.  Harmless when repeated; E_REFUSED (order_can_be_canceled) when
 * it expired or was handed over.
 */
enum err order_cancel(
	struct op *op, int64_t id, const char *reason, struct order_canceled *out);

/* On hold nothing of an order leaves and none of its money is taken. */
struct order_held {
	int64_t id;
	const char *state;
	bool replayed;
};
extern const struct shape order_held_shape;
enum err order_hold(
	struct op *op, int64_t id, const char *reason, struct order_held *out);
enum err order_release(
	struct op *op, int64_t id, const char *reason, struct order_held *out);

#endif
