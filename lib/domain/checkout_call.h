/* Inside checkout: one call for many orders, and what became of each. */
#ifndef DOMAIN_CHECKOUT_CALL_H
#define DOMAIN_CHECKOUT_CALL_H

#include "domain/checkout.h"

/* Call api.fn with the batch; when it answers, every checkout has its answer. */
enum err checkout_call(struct op *op, const char *fn, struct checkout **v, size_t n);

/* Whether the checkout has its answer: placed, replayed or refused. */
bool checkout_answered(const struct checkout *c);

/*
 * SKUs that were short a moment ago, so that a sold-out one does not make every
 * batch fail first.  Forgotten after some seconds; forgetting only costs time.
 */
void checkout_short_note(const char *sku);
bool checkout_short(const struct checkout *c);

#endif
