/* The verbs of reports. */
#include "domain/report.h"

#include "db/db.h"

const struct shape sales_shape = SHAPE(sales, FIELD(sales, period),
	FIELD(sales, label, .flags = FIELD_HIDDEN), FIELD(sales, orders),
	FIELD(sales, units), FIELD(sales, gross), FIELD(sales, refunds),
	FIELD(sales, net), FIELD(sales, returned, .flags = FIELD_HIDDEN),
	FIELD(sales, corrections, .flags = FIELD_HIDDEN),
	FIELD(sales, exact, .flags = FIELD_HIDDEN));

const struct shape item_sales_shape = SHAPE(item_sales, FIELD(item_sales, item),
	FIELD(item_sales, title), FIELD(item_sales, orders, .flags = FIELD_OPTIONAL),
	FIELD(item_sales, units), FIELD(item_sales, returned), FIELD(item_sales, gross),
	FIELD(item_sales, refunds), FIELD(item_sales, net),
	FIELD(item_sales, exact, .flags = FIELD_HIDDEN));

const struct shape funnel_step_shape =
	SHAPE(funnel_step, FIELD(funnel_step, day), FIELD(funnel_step, step),
		FIELD(funnel_step, sessions), FIELD(funnel_step, events),
		FIELD(funnel_step, of_views), FIELD(funnel_step, of_step_before));

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
		V(r->until), V(r->currency), V(r->tz));
}

enum err report_sales_by(struct op *op, const char *kind, const struct report_range *r,
	int64_t most, struct rows *out)
{
	return db_rows(op, "report_sales_by", &item_sales_shape, out, V(kind),
		V(r->since), V(r->until), V(r->currency), V(r->tz), V(most));
}

enum err report_funnel(struct op *op, const struct report_range *r, struct rows *out)
{
	return db_rows(
		op, "report_funnel", &funnel_step_shape, out, V(r->since), V(r->until));
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
