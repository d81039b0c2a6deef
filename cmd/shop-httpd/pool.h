/* A few threads with a connection each, for requests that need the database. */
#ifndef SHOP_HTTPD_POOL_H
#define SHOP_HTTPD_POOL_H

#include "shop-httpd/request.h"

struct pool;

/* n threads; their connections open when they are first needed. */
enum err pool_open(struct op *op, size_t n, struct pool **out);

/*
 * Run work(r) on a thread with r->op.db open, then then(r) on r's loop.  When
 * the database cannot be reached, work is not called and r->op.fault says so;
 * when http.queue_max are waiting already, then is called with E_BUSY.
 */
void pool_run(struct pool *p, struct request *r, void (*work)(struct request *r),
	void (*then)(struct request *r));

/* Finish what is queued and end the threads. */
void pool_close(struct pool *p);

#endif
