/* Stock by warehouse; every change of it is a movement with a reason. */
#ifndef DOMAIN_STOCK_H
#define DOMAIN_STOCK_H

#include "base/field.h"
#include "base/op.h"

/* available = on_hand - reserved. */
struct stock {
	const char *sku, *warehouse;
	int64_t on_hand, reserved, available;
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

#endif
