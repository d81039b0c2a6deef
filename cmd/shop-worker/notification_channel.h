/* What the channels of messages share. */
#ifndef SHOP_WORKER_NOTIFICATION_CHANNEL_H
#define SHOP_WORKER_NOTIFICATION_CHANNEL_H

#include "domain/inbox.h"
#include "domain/notification.h"
#include "shop-worker/kind.h"
#include "shop-worker/provider_gate.h"

/* Not sent yet, or not for certain: say so to whoever looks, and come back. */
enum err notification_later(
	struct op *op, const struct notice *n, const char *reason, bool unknown);

/* The same when nobody was reached, or who was has trouble of its own. */
enum err notification_away(struct op *op, const struct notice *n, const struct gate *g,
	const char *reason, bool unknown);

/* One short message. */
enum err notification_sms(
	struct op *op, const struct notice *n, const struct letter *letter);

#endif
