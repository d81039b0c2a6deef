/* Carts: what somebody may order.  Each verb is one change and answers the whole cart.
 */
#ifndef DOMAIN_CART_H
#define DOMAIN_CART_H

#include "base/field.h"
#include "base/op.h"

/* The cart as JSON: id, version, lines at the prices of now, coupons, subtotal. */
struct cart_view {
	struct json_text cart;
};

/* Whose cart; seen is the version that the caller knows, 0: any. */
struct cart_ref {
	int64_t client_id;
	const char *id;
	int64_t seen;
};

struct cart_item {
	const char *sku;
	int64_t qty;
};
extern const struct shape cart_item_shape;

/* A new cart with these items; of a customer who has one, theirs with them added. */
struct cart_order {
	const char *currency;
	int64_t customer_id; /* 0: nobody signed in */
	struct rows items;
};
enum err cart_create(struct op *op, int64_t client_id, const struct cart_order *what,
	struct cart_view *out);

/*
 * E_NOT_FOUND (cart_exists) when it is not there or expired, E_REFUSED with
 * cart_is_open when it was ordered or merged, and with cart_is_current when it was
 * changed since.
 */
enum err cart_get(struct op *op, const struct cart_ref *c, struct cart_view *out);

/* Add to a line, or set one that is there; a quantity of 0 takes it out. */
enum err cart_line(struct op *op, const struct cart_ref *c,
	const struct cart_item *item, bool adds, struct cart_view *out);

enum err cart_coupon(struct op *op, const struct cart_ref *c, const char *code,
	bool gone, struct cart_view *out);

/* The customer signed in: it becomes theirs, or part of the one they have. */
enum err cart_merge(struct op *op, const struct cart_ref *c, int64_t customer_id,
	struct cart_view *out);

/* What it would cost there, sent by that method or NULL; as JSON, to the cent. */
struct cart_place {
	const char *country, *state, *postal_code, *method;
};
enum err cart_quote(struct op *op, const struct cart_ref *c,
	const struct cart_place *to, struct json_text *out);

#endif
