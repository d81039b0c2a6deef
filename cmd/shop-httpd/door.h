/* Everything that the handlers of one process share. */
#ifndef SHOP_HTTPD_DOOR_H
#define SHOP_HTTPD_DOOR_H

#include "base/field.h"
#include "shop-httpd/batcher.h"
#include "shop-httpd/client.h"
#include "shop-httpd/inflight.h"
#include "shop-httpd/pool.h"
#include "shop-httpd/rate.h"
#include "shop-httpd/request.h"
#include "shop-httpd/server.h"

#include <stdatomic.h>

struct door {
	const struct config *config;
	struct server *server;
	struct pool *pool;
	struct pool *events; /* of their own: they wait behind each other, not before
				others */
	struct pool *storefront; /* products and carts: no checkout waits for them */
	struct batcher *batcher;
	struct client_cache *clients;
	struct rates *rates;
	struct inflight *inflight;
	struct texts webhook_secrets;
	const char *sms_token; /* of the account of short messages; NULL: none */
	atomic_bool draining;  /* before the server does: readiness goes first */
};

/* Count an answer in the metrics. */
void door_count(const struct request *r);

#endif
