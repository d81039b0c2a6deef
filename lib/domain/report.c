/* The verbs of reports. */
#include "domain/report.h"

#include "db/db.h"

const struct shape sales_shape =
	SHAPE(sales, FIELD(sales, period), FIELD(sales, orders), FIELD(sales, units),
		FIELD(sales, gross), FIELD(sales, refunds), FIELD(sales, net));

const struct shape top_product_shape = SHAPE(top_product, FIELD(top_product, rank),
	FIELD(top_product, sku), FIELD(top_product, title), FIELD(top_product, units),
	FIELD(top_product, gross));

const struct shape latest_order_shape = SHAPE(latest_order,
	FIELD(latest_order, id, .flags = FIELD_ID), FIELD(latest_order, placed_at),
	FIELD(latest_order, state), FIELD(latest_order, items),
	FIELD(latest_order, total), FIELD(latest_order, email, .flags = FIELD_HIDDEN));

enum err report_sales(
	struct op *op, const char *by, const struct report_range *r, struct rows *out)
{
	return db_rows(op, "report_sales", &sales_shape, out, V(by), V(r->since),
		V(r->until), V(r->currency));
}

enum err report_top_products(
	struct op *op, const struct report_range *r, int64_t most, struct rows *out)
{
	return db_rows(op, "report_top_products", &top_product_shape, out, V(r->since),
		V(r->until), V(r->currency), V(most));
}

enum err report_latest_orders(struct op *op, int64_t most, struct rows *out)
{
	return db_rows(op, "report_latest_orders", &latest_order_shape, out, V(most));
}
