/*
 * Whether a webhook really comes from Stripe.  Apart from the client of its API,
 * so that the door links no HTTP client and holds no API key.
 */
#ifndef ADAPTERS_STRIPE_SIGNATURE_H
#define ADAPTERS_STRIPE_SIGNATURE_H

#include "base/field.h"
#include "base/op.h"

/*
 * Check a Stripe-Signature header over the raw bytes of the body.  Any of the
 * secrets may have signed, so that one can be rotated without downtime; t may
 * be tolerance_s away from now on either side.  Anything else than a valid
 * signature is E_USAGE (webhook_signature_is_valid), compared in a time that does
 * not tell how near it was; settings that would check nothing are E_CONFIG.
 * https://docs.stripe.com/webhooks#verify-manually
 */
enum err stripe_signature_check(struct op *op, struct texts secrets, const char *header,
	const void *body, size_t n, int64_t tolerance_s);

/* The same of bytes that were kept: as it would have been at another time. */
struct stripe_signed {
	const char *header;
	const void *body;
	size_t n;
	struct stamp now;
};
enum err stripe_signature_check_at(struct op *op, struct texts secrets,
	const struct stripe_signed *s, int64_t tolerance_s);

/*
 * The secrets of a file: one a line, empty lines and surrounding blanks dropped.  A
 * line may end in "until 2026-12-01" or "until 2026-12-01T10:00:00Z": from then on it
 * signs nothing, which is how an old secret ends without anybody's doing.  E_CONFIG
 * (webhook_secret_ends_at_a_time) when a line says anything else.
 */
enum err stripe_signature_secrets(struct op *op, const char *file, struct texts *out);

#endif
