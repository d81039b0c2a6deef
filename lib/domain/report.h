/* Reports: whole hours or days of UTC, read from the rollups. */
#ifndef DOMAIN_REPORT_H
#define DOMAIN_REPORT_H

#include "base/field.h"
#include "base/op.h"

#include <stdint.h>

struct report_range {
	struct stamp since, until; /* until is not included */
	const char *currency;      /* NULL: all, one after the other */
};

struct sales {
	struct stamp period; /* where it begins */
	int64_t orders, units;
	struct money gross, refunds, net;
};
extern const struct shape sales_shape;

/* By "hour" or "day", with zeros from the first sale of the range on. */
enum err report_sales(
	struct op *op, const char *by, const struct report_range *r, struct rows *out);

struct top_product {
	int64_t rank;
	const char *sku, *title;
	int64_t units;
	struct money gross; /* of its lines: no tax, no shipping */
};
extern const struct shape top_product_shape;

/* The `most` best in each currency. */
enum err report_top_products(
	struct op *op, const struct report_range *r, int64_t most, struct rows *out);

struct latest_order {
	int64_t id;
	struct stamp placed_at;
	const char *state;
	int64_t items;
	struct money total;
	const char *email;
};
extern const struct shape latest_order_shape;
enum err report_latest_orders(struct op *op, int64_t most, struct rows *out);

#endif
