/*
 * Tells programs of others what happened: one POST of the event's bytes, signed as
 * Stripe signs, "t=TIME,v1=HMAC" over "TIME.BODY".  The receiver knows a repeated
 * event by its id.
 */
#ifndef ADAPTERS_WEBHOOK_OUT_H
#define ADAPTERS_WEBHOOK_OUT_H

#include "base/clock.h"
#include "base/op.h"

#include <stdbool.h>
#include <stdint.h>

struct webhook_post {
	const char *url, *event_id, *body;
	const char *secret, *old_secret; /* old_secret: NULL, or it signs as well */
};

struct webhook_reply {
	int status; /* 0: nobody answered */
	int64_t took_ms;
	const char *error; /* "" when it is 2xx */
};

/*
 * https://..., or http:// of a loopback address where webhook_out.allow_loopback says
 * so; no user, no fragment.  E_DATA (webhook_url_is_safe) names what is wrong.
 */
enum err webhook_url_check(struct op *op, const char *url);

/* OK whatever the answer: a redirect is no success, and is not followed. */
enum err webhook_post(
	struct op *op, const struct webhook_post *w, struct webhook_reply *out);

/* The value of the Shop-Signature header. */
const char *webhook_sign(struct op *op, const struct webhook_post *w, int64_t seconds);

#endif
