/*
 * A provider in our own process: its simulator without sockets, on the world's clock.
 * What they share is house.c; it is linked with each simulator into an object of its
 * own, which shows nothing but the house and what people do there (NAME.symbols): the
 * simulators have nouns of the same names, as each other and as the shop.
 */
#ifndef WORLD_HOUSE_H
#define WORLD_HOUSE_H

#include "base/op.h"

#include <stdbool.h>

struct http_request;
struct http_answer;
struct cJSON;

struct house {
	const char *name;
	void (*open)(void);
	void (*close)(void);
	void (*pass)(void); /* its timers, after time went by */
	void (*calm)(void);
	bool (*deliver)(void);
	void (*resend)(void);
	bool (*quiet)(void);
	enum err (*call)(
		struct op *op, const struct http_request *r, struct http_answer *out);
	void (*books)(struct cJSON *books); /* adds to "payments", "refunds", "txns" */
	void (*effects)(void);
};
extern const struct house stripe_house, paypal_house;

/* Who pays at Stripe has a browser, who pays at PayPal a page of theirs. */
int stripe_browser(struct op *op, const char *path, const char *form);
void stripe_authenticate(const char *pi, bool success);
void paypal_approve(struct op *op, const char *order, const char *funding);

/* What banks do by themselves; each does one thing, or nothing. */
void stripe_bank(struct op *op);
void paypal_bank(struct op *op);

#endif
