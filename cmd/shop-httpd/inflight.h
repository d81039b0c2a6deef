/*
 * Checkouts that are being placed now, by client and key: the same request sent
 * again meanwhile waits for the first and gets its answer.
 */
#ifndef SHOP_HTTPD_INFLIGHT_H
#define SHOP_HTTPD_INFLIGHT_H

#include "domain/checkout.h"

struct inflight;
struct inflight *inflight_new(void);
void inflight_free(struct inflight *f);

enum inflight_place {
	INFLIGHT_FIRST, /* place it, then call inflight_end() */
	INFLIGHT_LATER, /* the same is under way; its end will bring this back */
	INFLIGHT_OTHER, /* the key is under way with another body */
};
enum inflight_place inflight_begin(struct inflight *f, struct checkout *c);

/* The first is answered: the later ones, linked by `next`, are the caller's again. */
struct checkout *inflight_end(struct inflight *f, struct checkout *first);

#endif
