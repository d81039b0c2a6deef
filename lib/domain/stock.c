/* Stock by warehouse. */
#include "domain/stock.h"

#include "db/db.h"

const struct shape stock_shape = SHAPE(stock, FIELD(stock, sku, .flags = FIELD_ID),
	FIELD(stock, warehouse, .flags = FIELD_ID), FIELD(stock, on_hand),
	FIELD(stock, reserved), FIELD(stock, available), FIELD(stock, incoming),
	FIELD(stock, reorder_point, .flags = FIELD_HIDDEN));

const struct shape stock_receipt_shape =
	SHAPE(stock_receipt, FIELD(stock_receipt, receipt, .flags = FIELD_ID),
		FIELD(stock_receipt, purchase), FIELD(stock_receipt, warehouse),
		FIELD(stock_receipt, sku, .flags = FIELD_ID), FIELD(stock_receipt, qty),
		FIELD(stock_receipt, unit_cost), FIELD(stock_receipt, on_hand),
		FIELD(stock_receipt, available),
		FIELD(stock_receipt, replayed, .flags = FIELD_HIDDEN));

enum err stock_find(
	struct op *op, const char *sku, const char *warehouse, struct rows *out)
{
	return db_rows(op, "stock_show", &stock_shape, out, V(sku), V(warehouse));
}

enum err stock_adjust(struct op *op, const char *sku, const char *warehouse,
	int64_t delta, struct stock *out)
{
	return db_one(
		op, "stock_adjust", &stock_shape, out, V(sku), V(warehouse), V(delta));
}

enum err stock_reorder(struct op *op, const char *sku, const char *warehouse,
	int64_t qty, struct stock *out)
{
	return db_one(
		op, "stock_reorder", &stock_shape, out, V(sku), V(warehouse), V(qty));
}

enum err stock_set(struct op *op, const struct stock_set *set, struct stock *out)
{
	return db_one(op, "stock_set", &stock_shape, out, V(set->sku),
		V(set->warehouse), V(set->qty), V(set->expect));
}

enum err stock_receive(struct op *op, const struct stock_delivery *d, struct rows *out)
{
	return db_rows(op, "stock_receive", &stock_receipt_shape, out, V(d->key),
		V(d->warehouse), V(d->lines), V(d->purchase), V(d->note));
}
