/* What a look at the shelves and the carts finds, and who waits for it. */
#ifndef DOMAIN_NOTIFICATION_WATCH_H
#define DOMAIN_NOTIFICATION_WATCH_H

#include "base/field.h"
#include "base/op.h"

/* Look at the shelves, and at carts that were left alone for so many hours. */
struct watch_found {
	int64_t back, low;
};
enum err notification_stock(struct op *op, int64_t most, struct watch_found *out);
enum err notification_carts(struct op *op, int64_t hours, int64_t *told);

/* Who wants to hear when a SKU is back; asking twice is once. */
struct subscription {
	int64_t id, available;
	const char *sku, *email;
	struct stamp created_at;
};
extern const struct shape subscription_shape;
enum err stock_subscribe(struct op *op, const char *email, const char *sku,
	const char *locale, struct subscription *out);

#endif
