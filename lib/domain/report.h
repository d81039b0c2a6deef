/* Reports: whole hours, days and months of a time zone, read from the rollups. */
#ifndef DOMAIN_REPORT_H
#define DOMAIN_REPORT_H

#include "base/field.h"
#include "base/op.h"

#include <stdint.h>

struct report_range {
	struct stamp since, until; /* until is not included */
	const char *currency;      /* NULL: all, one after the other */
	const char *tz;            /* whose days they are */
};

struct sales {
	struct stamp period; /* where it begins */
	const char *label;   /* the same as it is called in its time zone */
	int64_t orders, units, returned;
	struct money gross, refunds, net;
	struct money corrections; /* refunds, whenever made, of sales of this period */
	const char *exact;        /* net with the parts of a cent of imported orders */
};
extern const struct shape sales_shape;

/* By "hour", "day" or "month", with zeros from the first sale of the range on. */
enum err report_sales(
	struct op *op, const char *by, const struct report_range *r, struct rows *out);

struct item_sales {
	const char *item, *title;
	int64_t orders, units, returned;
	struct money gross, refunds, net;
	const char *exact;
};
extern const struct shape item_sales_shape;

/* By what was sold, whence or to whom; the `most` most valuable of each currency. */
enum err report_sales_by(struct op *op, const char *kind, const struct report_range *r,
	int64_t most, struct rows *out);

/* How far visitors came on a day: sessions and events of a step. */
struct funnel_step {
	const char *day, *step;
	int64_t sessions, events;
	double of_views, of_step_before; /* shares, 0 to 1 */
};
extern const struct shape funnel_step_shape;
enum err report_funnel(struct op *op, const struct report_range *r, struct rows *out);

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
