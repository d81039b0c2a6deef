/* Events that the provider has in its list and that never came to us. */
#ifndef DOMAIN_WEBHOOK_PULL_H
#define DOMAIN_WEBHOOK_PULL_H

#include "base/field.h"
#include "base/op.h"

struct webhook_listed {
	const char *event_id, *type, *object_id, *api_version, *account, *body;
	bool livemode;
};

/* Keep those of the n that we never got; *n becomes how many. */
enum err webhook_missing(
	struct op *op, const char *provider, struct webhook_listed *events, size_t *n);

/* Store one as if it had come; its job is enqueued with it. */
enum err webhook_pull(
	struct op *op, const char *provider, const struct webhook_listed *e);

/* Have another job go on with a pull. */
enum err webhook_pull_on(struct op *op, const char *payload);

#endif
