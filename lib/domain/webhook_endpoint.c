/* Programs of others that hear what happens here, and what they were sent. */
#include "domain/webhook_endpoint.h"

#include "db/db.h"
#include "domain/notification.h"

const struct shape webhook_endpoint_shape =
	SHAPE(webhook_endpoint, FIELD(webhook_endpoint, id, .flags = FIELD_ID),
		FIELD(webhook_endpoint, url), FIELD(webhook_endpoint, events),
		FIELD(webhook_endpoint, state), FIELD(webhook_endpoint, sent),
		FIELD(webhook_endpoint, waiting), FIELD(webhook_endpoint, failed),
		FIELD(webhook_endpoint, created_at, .flags = FIELD_HIDDEN),
		FIELD(webhook_endpoint, created_by, .flags = FIELD_HIDDEN),
		FIELD(webhook_endpoint, failing_since),
		FIELD(webhook_endpoint, disabled_at, .flags = FIELD_HIDDEN),
		FIELD(webhook_endpoint, disabled_why));

const struct shape webhook_delivery_shape = SHAPE(webhook_delivery,
	FIELD(webhook_delivery, id, .flags = FIELD_ID), FIELD(webhook_delivery, at),
	FIELD(webhook_delivery, endpoint_id, .flags = FIELD_ID),
	FIELD(webhook_delivery, notification_id, .flags = FIELD_ID),
	FIELD(webhook_delivery, event),
	FIELD(webhook_delivery, subject_id, .flags = FIELD_ID),
	FIELD(webhook_delivery, status, .flags = FIELD_OPTIONAL),
	FIELD(webhook_delivery, took_ms), FIELD(webhook_delivery, error));

enum err webhook_endpoint_create(struct op *op, const char *url, struct texts events,
	const char *secret, struct webhook_endpoint *out)
{
	return db_one(op, "webhook_endpoint_create", &webhook_endpoint_shape, out,
		V(url), V(events), V(secret));
}

enum err webhook_endpoint_list(struct op *op, struct rows *out)
{
	const struct value any = { 0 };

	return db_rows(op, "webhook_endpoint_list", &webhook_endpoint_shape, out, any);
}

enum err webhook_endpoint_show(struct op *op, int64_t id, struct webhook_endpoint *out)
{
	return db_one(op, "webhook_endpoint_list", &webhook_endpoint_shape, out, V(id));
}

enum err webhook_endpoint_switch(
	struct op *op, int64_t id, bool on, struct webhook_endpoint *out)
{
	return db_one(op, "webhook_endpoint_switch", &webhook_endpoint_shape, out,
		V(id), V(on));
}

enum err webhook_endpoint_hear(
	struct op *op, int64_t id, struct texts events, struct webhook_endpoint *out)
{
	return db_one(op, "webhook_endpoint_hear", &webhook_endpoint_shape, out, V(id),
		V(events));
}

struct rotated {
	struct stamp old_until;
};
static const struct shape rotated_shape = SHAPE(rotated, FIELD(rotated, old_until));

enum err webhook_endpoint_rotate(
	struct op *op, int64_t id, const char *secret, struct stamp *old_until)
{
	struct rotated r;

	TRY(db_one(
		op, "webhook_endpoint_rotate", &rotated_shape, &r, V(id), V(secret)));
	*old_until = r.old_until;
	return OK;
}

static struct value some(struct op *op, int64_t id)
{
	return id ? V(id) : (struct value){ 0 };
}

enum err webhook_endpoint_deliveries(
	struct op *op, const struct delivery_query *q, struct rows *out)
{
	return db_rows(op, "webhook_endpoint_deliveries", &webhook_delivery_shape, out,
		some(op, q->endpoint), some(op, q->notification), V(q->since),
		V(q->limit));
}

enum err webhook_endpoint_replay(
	struct op *op, const struct replay_query *q, struct rows *out)
{
	return db_rows(op, "webhook_endpoint_replay", &notification_shape, out,
		V(q->endpoint), V(q->event), V(q->since), V(q->all));
}

static const struct shape out_shape = SHAPE(webhook_out, FIELD(webhook_out, state),
	FIELD(webhook_out, delivery), FIELD(webhook_out, event_id),
	FIELD(webhook_out, url), FIELD(webhook_out, secret),
	FIELD(webhook_out, old_secret), FIELD(webhook_out, body),
	FIELD(webhook_out, breaker), FIELD(webhook_out, go), FIELD(webhook_out, probe),
	FIELD(webhook_out, again), FIELD(webhook_out, wait_s),
	FIELD(webhook_out, failures));

enum err webhook_out_begin(
	struct op *op, int64_t id, int64_t probe_s, struct webhook_out *out)
{
	return db_one(op, "webhook_out_begin", &out_shape, out, V(id), V(probe_s));
}

struct outcome {
	const char *state;
};
static const struct shape outcome_shape = SHAPE(outcome, FIELD(outcome, state));

enum err webhook_out_record(
	struct op *op, const struct webhook_answer *a, const char **state)
{
	struct outcome o;

	TRY(db_one(op, "webhook_out_record", &outcome_shape, &o, V(a->delivery),
		V(a->status), V(a->took_ms), V(a->error)));
	*state = o.state;
	return OK;
}
