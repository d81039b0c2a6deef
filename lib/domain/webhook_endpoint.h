/* Programs of others that hear what happens here, and what they were sent. */
#ifndef DOMAIN_WEBHOOK_ENDPOINT_H
#define DOMAIN_WEBHOOK_ENDPOINT_H

#include "base/field.h"
#include "base/op.h"

struct webhook_endpoint {
	int64_t id;
	const char *url, *state, *created_by,
		*disabled_why; /* active, failing, disabled */
	struct texts events;
	struct stamp created_at, failing_since, disabled_at;
	int64_t sent, waiting, failed; /* messages */
};
extern const struct shape webhook_endpoint_shape;

/* The url is as webhook_url_check() wants it, the secret 24 characters at least. */
enum err webhook_endpoint_create(struct op *op, const char *url, struct texts events,
	const char *secret, struct webhook_endpoint *out);
enum err webhook_endpoint_list(struct op *op, struct rows *out);
enum err webhook_endpoint_show(struct op *op, int64_t id, struct webhook_endpoint *out);
enum err webhook_endpoint_switch(
	struct op *op, int64_t id, bool on, struct webhook_endpoint *out);
enum err webhook_endpoint_hear(
	struct op *op, int64_t id, struct texts events, struct webhook_endpoint *out);

/* Another secret; the old one signs as well until the time in *old_until. */
enum err webhook_endpoint_rotate(
	struct op *op, int64_t id, const char *secret, struct stamp *old_until);

/* One attempt; status is null when no answer came, and while nobody knows. */
struct webhook_delivery {
	int64_t id, endpoint_id, notification_id, subject_id, status, took_ms;
	const char *event, *error;
	struct stamp at;
};
extern const struct shape webhook_delivery_shape;

struct delivery_query {
	int64_t endpoint, notification; /* 0: any */
	struct stamp since;
	int64_t limit;
};
enum err webhook_endpoint_deliveries(
	struct op *op, const struct delivery_query *q, struct rows *out);

/* Queue what failed there or was missed, or with `all` what arrived too. */
struct replay_query {
	int64_t endpoint;
	const char *event;
	struct stamp since;
	bool all;
};
enum err webhook_endpoint_replay(
	struct op *op, const struct replay_query *q, struct rows *out);

/* For the worker: all that sending takes, marked as begun; then its answer. */
struct webhook_out {
	const char *state, *event_id, *url, *secret, *old_secret, *body;
	int64_t delivery;
	const char *breaker;   /* of its endpoint; what it says comes along */
	bool go, probe, again; /* go false: nothing was marked; again: tried before */
	double wait_s;
	int64_t failures;
};
enum err webhook_out_begin(
	struct op *op, int64_t id, int64_t probe_s, struct webhook_out *out);

struct webhook_answer {
	int64_t delivery, status, took_ms;
	const char *error;
};
/* *state: sent, failed, or queued to be tried again. */
enum err webhook_out_record(
	struct op *op, const struct webhook_answer *a, const char **state);

#endif
