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

/* How looking into an event ended; what is "payment", "refund" or "dispute". */
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
	int64_t id, deliveries, attempts, replays, order_id, bytes;
	const char *provider, *account, *event_id, *type, *object_id, *api_version;
	const char *state, *note, *sha256, *body;
	bool livemode, pulled; /* pulled: it never came, we found it in the list */
	struct json_text headers;
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

/* One, by our number or by the provider's name of it. */
enum err webhook_get(struct op *op, const char *webhook, struct webhook_full *out);

/* Its bytes as they came. */
enum err webhook_body(struct op *op, const char *webhook, struct text *out);

/* The events (struct webhook_event) that a replay is about; webhook NULL: since then.
 */
enum err webhook_chosen(
	struct op *op, const char *webhook, struct stamp since, struct rows *out);

struct webhook_replayed {
	int64_t id;
	const char *event_id, *type, *before, *state;
};
extern const struct shape webhook_replayed_shape;

/* Have the job look into it again. */
enum err webhook_replay(
	struct op *op, int64_t id, const char *reason, struct webhook_replayed *out);

/* What applying the provider's facts would change of an order. */
struct webhook_change {
	const char *event_id, *object, *before, *after;
	int64_t order_id;
};
extern const struct shape webhook_change_shape;

enum err webhook_preview(struct op *op, int64_t id, const char *what,
	struct json_text facts, struct rows *out);

#endif
