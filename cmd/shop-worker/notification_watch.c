/* What a look at the shelves and at the carts finds, in the database alone. */
#include "base/config.h"
#include "base/log.h"
#include "domain/notification_watch.h"
#include "shop-worker/kind.h"

/* Of each sort a look; the schedule comes back for the rest. */
enum { MOST = 1000 };

static enum err stock(struct op *op, const struct job *job)
{
	struct watch_found found;

	(void)job;
	TRY(notification_stock(op, MOST, &found));
	if (found.back || found.low)
		log_event(op, LOG_INFO, "shelves_changed",
			"%lld waited for what is back, %lld SKUs run low",
			(long long)found.back, (long long)found.low);
	return OK;
}

static enum err carts(struct op *op, const struct job *job)
{
	int64_t told;

	(void)job;
	return notification_carts(op, op->config->notification.cart_hours, &told);
}

const struct job_kind notification_stock_watch = {
	.kind = "notification.stock", .lease_s = 60, .tries = 3, .run = stock
};

const struct job_kind notification_cart_watch = {
	.kind = "notification.carts", .lease_s = 60, .tries = 3, .run = carts
};
