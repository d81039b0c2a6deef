/* Inside checkout: one call for many orders, and what became of each. */
#ifndef DOMAIN_CHECKOUT_CALL_H
#define DOMAIN_CHECKOUT_CALL_H

#include "domain/checkout.h"

/*
 * Call api.fn with the batch; when it answers, every checkout has its answer, but for
 * those that are to be sent again because of another in the batch: never the first.
 */
enum err checkout_call(struct op *op, const char *fn, struct checkout **v, size_t n);

/* Whether the checkout has its answer: placed, replayed or refused. */
bool checkout_answered(const struct checkout *c);

/*
 * SKUs that were short a moment ago, so that a sold-out one does not make every
 * batch fail first.  Forgotten after some seconds; forgetting only costs time.
 */
void checkout_short_note(const char *sku);
bool checkout_short(const struct checkout *c);

/*
 * A promotion or a tax was live a moment ago, or warehouses were routed, and the
 * optimistic path knows nothing of them.  Forgotten after a second, for that is all
 * that it costs to find it again.
 */
void checkout_not_plain_note(void);
bool checkout_not_plain(void);

#endif
