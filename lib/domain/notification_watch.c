/* What a look at the shelves and the carts finds, and who waits for it. */
#include "domain/notification_watch.h"

#include "db/db.h"

static const struct shape found_shape =
	SHAPE(watch_found, FIELD(watch_found, back), FIELD(watch_found, low));

enum err notification_stock(struct op *op, int64_t most, struct watch_found *out)
{
	return db_one(op, "notification_stock", &found_shape, out, V(most));
}

struct told {
	int64_t told;
};
static const struct shape told_shape = SHAPE(told, FIELD(told, told));

enum err notification_carts(struct op *op, int64_t hours, int64_t *told)
{
	struct told t;

	TRY(db_one(op, "notification_carts", &told_shape, &t, V(hours)));
	*told = t.told;
	return OK;
}

const struct shape subscription_shape =
	SHAPE(subscription, FIELD(subscription, id, .flags = FIELD_ID),
		FIELD(subscription, sku), FIELD(subscription, email),
		FIELD(subscription, available), FIELD(subscription, created_at));

enum err stock_subscribe(struct op *op, const char *email, const char *sku,
	const char *locale, struct subscription *out)
{
	return db_one(op, "stock_subscribe", &subscription_shape, out, V(email), V(sku),
		V(locale));
}
