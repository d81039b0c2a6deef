/*
 * The checkout batcher: a few threads, each with a connection, take whatever
 * has arrived the moment their last commit returned.  No timer: at low load a
 * batch is one order, under load batches grow by themselves.
 */
#ifndef SHOP_HTTPD_BATCHER_H
#define SHOP_HTTPD_BATCHER_H

#include "domain/checkout.h"

struct batcher;

/*
 * Start http.batchers threads as op->config says.  Their connections open in
 * the background and again when they are lost.
 */
enum err batcher_open(struct op *op, struct batcher **out);

/*
 * Queue a checked checkout.  c->done(c, c->ctx) is called once, on a batcher's
 * thread, with the answer in place - perhaps before this returns: do not touch c
 * after OK.  E_BUSY (rule "queue_has_room") when
 * http.queue_max are waiting or the batcher is draining; done is not called then.
 * Any thread may call it.
 */
enum err batcher_submit(struct batcher *b, struct checkout *c);

/* Take no more, answer what is queued, end the threads, free the batcher. */
void batcher_close(struct batcher *b);

struct batcher_stats {
	int64_t waiting;                          /* now */
	int64_t batches, orders, refused, failed; /* since the start */
	int64_t largest;                          /* batch */
};
struct batcher_stats batcher_stats(struct batcher *b);

#endif
