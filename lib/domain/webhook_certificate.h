/* The certificates that webhooks are signed with: asked for, fetched, judged. */
#ifndef DOMAIN_WEBHOOK_CERTIFICATE_H
#define DOMAIN_WEBHOOK_CERTIFICATE_H

#include "base/clock.h"
#include "base/op.h"

/* What is known of one; pem NULL: wanted (a worker was told) or refused. */
struct webhook_certificate {
	const char *state, *pem;
};

enum err webhook_certificate_find(struct op *op, const char *provider, const char *url,
	struct webhook_certificate *out);

/* One to fetch; state "wanted" until it was judged. */
struct webhook_certificate_wish {
	int64_t id;
	const char *provider, *url, *state;
};

enum err webhook_certificate_load(
	struct op *op, int64_t id, struct webhook_certificate_wish *out);

/* What became of it: pem NULL is a refusal, and note says why. */
enum err webhook_certificate_record(struct op *op, int64_t id, const char *pem,
	struct stamp valid[2], const char *note);

#endif
