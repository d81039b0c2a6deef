/* Stock by warehouse; every change of it is a movement with a reason. */
#ifndef DOMAIN_STOCK_H
#define DOMAIN_STOCK_H

#include "base/field.h"
#include "base/op.h"

/* available = on_hand - reserved. */
struct stock {
	const char *sku, *warehouse;
	int64_t on_hand, reserved, available;
	int64_t incoming; /* on its way from other warehouses */
	int64_t reorder_point;
};
extern const struct shape stock_shape;

/* Where a SKU lies; warehouse may be NULL.  E_NOT_FOUND: variant_exists. */
enum err stock_find(
	struct op *op, const char *sku, const char *warehouse, struct rows *out);

/* Change on_hand by delta; E_REFUSED stock_never_oversold below what is reserved. */
enum err stock_adjust(struct op *op, const char *sku, const char *warehouse,
	int64_t delta, struct stock *out);

/* How many shall lie there at least; below the sum of its places the operators are
 * told. */
enum err stock_reorder(struct op *op, const char *sku, const char *warehouse,
	int64_t qty, struct stock *out);

struct stock_set {
	const char *sku, *warehouse;
	int64_t qty;
	const char *expect; /* NULL: whatever lies there; else E_REFUSED
			       stock_is_as_expected */
};
enum err stock_set(struct op *op, const struct stock_set *set, struct stock *out);

/* What came in of a purchase. */
struct stock_receipt {
	int64_t receipt;
	const char *purchase, *warehouse, *sku;
	int64_t qty, on_hand, available;
	struct money unit_cost;
	bool replayed;
};
extern const struct shape stock_receipt_shape;

struct stock_delivery {
	const char *key; /* told twice it came once */
	const char *warehouse;
	struct json_text lines; /* of units_all() */
	const char *purchase, *note;
};
enum err stock_receive(struct op *op, const struct stock_delivery *d, struct rows *out);

#endif
