/* Webhooks: stored by the door, concluded by a job, seen by an operator. */
#ifndef DOMAIN_WEBHOOK_H
#define DOMAIN_WEBHOOK_H

#include "base/field.h"
#include "base/op.h"

#include <stdint.h>

/* An event to act on. */
struct webhook_event {
	int64_t id;
	const char *provider, *event_id, *type, *object_id, *state, *body;
	bool livemode;
};
extern const struct shape webhook_event_shape;

/* How looking into an event ended; what is "payment" or "refund". */
struct webhook_result {
	const char *verdict, *note, *what;
	struct json_text facts;
};

enum err webhook_load(struct op *op, int64_t id, struct webhook_event *out);

/* Conclude it, with what the provider said of the object, in one transaction. */
enum err webhook_record(struct op *op, int64_t id, const struct webhook_result *r);

struct webhook {
	int64_t id, deliveries, order_id;
	const char *event_id, *type, *object_id, *state, *note;
	struct stamp received_at, concluded_at;
};
extern const struct shape webhook_shape;

struct webhook_full {
	int64_t id, deliveries, attempts, order_id, bytes;
	const char *provider, *account, *event_id, *type, *object_id, *api_version;
	const char *state, *note, *sha256;
	bool livemode;
	struct stamp received_at, concluded_at;
};
extern const struct shape webhook_full_shape;

struct webhook_query {
	const char *state, *type;
	struct stamp since;
	int64_t limit;
};

/* Webhooks, newest first. */
enum err webhook_list(struct op *op, const struct webhook_query *q, struct rows *out);
enum err webhook_get(struct op *op, int64_t id, struct webhook_full *out);

#endif
