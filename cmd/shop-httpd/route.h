/* Which handler a request belongs to; the list is routes.h. */
#ifndef SHOP_HTTPD_ROUTE_H
#define SHOP_HTTPD_ROUTE_H

#include "shop-httpd/request.h"

struct route {
	const char *method, *path;
	int64_t max_body; /* 0: http.max_body */
	void (*handle)(struct request *r);
	const char *name; /* for metrics: "POST /v1/checkouts" */
};

#define ROUTE(method, path, max, handler) void handler(struct request *r);
#include "shop-httpd/routes.h"
#undef ROUTE

/*
 * Set r->route, and r->tail, from the head; false when there is none, and then
 * 404 or 405 is answered.  On the admin listener /metrics is the only route.
 */
bool route_find(struct request *r, bool admin);

/* The largest body the route takes, in bytes. */
int64_t route_max_body(const struct request *r);

#endif
