/* The verbs of webhooks. */
#include "domain/webhook.h"

#include "db/db.h"

const struct shape webhook_event_shape =
	SHAPE(webhook_event, FIELD(webhook_event, id), FIELD(webhook_event, provider),
		FIELD(webhook_event, livemode), FIELD(webhook_event, event_id),
		FIELD(webhook_event, type), FIELD(webhook_event, object_id),
		FIELD(webhook_event, state), FIELD(webhook_event, body));

const struct shape webhook_shape = SHAPE(webhook, FIELD(webhook, id, .flags = FIELD_ID),
	FIELD(webhook, event_id), FIELD(webhook, type), FIELD(webhook, object_id),
	FIELD(webhook, state), FIELD(webhook, deliveries),
	FIELD(webhook, order_id, .flags = FIELD_ID | FIELD_OPTIONAL),
	FIELD(webhook, received_at),
	FIELD(webhook, concluded_at, .flags = FIELD_HIDDEN), FIELD(webhook, note));

const struct shape webhook_full_shape = SHAPE(webhook_full,
	FIELD(webhook_full, id, .flags = FIELD_ID), FIELD(webhook_full, provider),
	FIELD(webhook_full, account), FIELD(webhook_full, livemode),
	FIELD(webhook_full, event_id), FIELD(webhook_full, type),
	FIELD(webhook_full, object_id), FIELD(webhook_full, api_version),
	FIELD(webhook_full, state), FIELD(webhook_full, note),
	FIELD(webhook_full, deliveries), FIELD(webhook_full, attempts),
	FIELD(webhook_full, replays), FIELD(webhook_full, pulled),
	FIELD(webhook_full, order_id, .flags = FIELD_ID | FIELD_OPTIONAL),
	FIELD(webhook_full, received_at), FIELD(webhook_full, concluded_at),
	FIELD(webhook_full, headers), FIELD(webhook_full, bytes),
	FIELD(webhook_full, sha256), FIELD(webhook_full, body));

const struct shape webhook_replayed_shape =
	SHAPE(webhook_replayed, FIELD(webhook_replayed, id, .flags = FIELD_ID),
		FIELD(webhook_replayed, event_id), FIELD(webhook_replayed, type),
		FIELD(webhook_replayed, before), FIELD(webhook_replayed, state));

const struct shape webhook_change_shape =
	SHAPE(webhook_change, FIELD(webhook_change, event_id),
		FIELD(webhook_change, order_id, .flags = FIELD_ID | FIELD_OPTIONAL),
		FIELD(webhook_change, object), FIELD(webhook_change, before),
		FIELD(webhook_change, after));

struct hex {
	const char *hex;
};
static const struct shape hex_shape = SHAPE(hex, FIELD(hex, hex));

enum err webhook_load(struct op *op, int64_t id, struct webhook_event *out)
{
	return db_one(op, "webhook_load", &webhook_event_shape, out, V(id));
}

enum err webhook_record(struct op *op, int64_t id, const struct webhook_result *r)
{
	return db_do(op, "webhook_record", V(id), V(r->verdict), V(r->note), V(r->what),
		V(r->facts));
}

enum err webhook_list(struct op *op, const struct webhook_query *q, struct rows *out)
{
	return db_rows(op, "webhook_list", &webhook_shape, out, V(q->state), V(q->type),
		V(q->since), V(q->limit ? q->limit : 50));
}

enum err webhook_get(struct op *op, const char *webhook, struct webhook_full *out)
{
	return db_one(op, "webhook_get", &webhook_full_shape, out, V(webhook));
}

static unsigned digit(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

enum err webhook_body(struct op *op, const char *webhook, struct text *out)
{
	struct hex h = { 0 };

	*out = (struct text){ 0 };
	TRY(db_one(op, "webhook_body", &hex_shape, &h, V(webhook)));
	for (const char *c = h.hex; c[0] && c[1]; c += 2)
		text_add_char(op, out, (char)(digit(c[0]) << 4 | digit(c[1])));
	return OK;
}

enum err webhook_chosen(
	struct op *op, const char *webhook, struct stamp since, struct rows *out)
{
	return db_rows(
		op, "webhook_chosen", &webhook_event_shape, out, V(webhook), V(since));
}

enum err webhook_replay(
	struct op *op, int64_t id, const char *reason, struct webhook_replayed *out)
{
	return db_one(
		op, "webhook_replay", &webhook_replayed_shape, out, V(id), V(reason));
}

enum err webhook_preview(struct op *op, int64_t id, const char *what,
	struct json_text facts, struct rows *out)
{
	return db_rows(op, "webhook_preview", &webhook_change_shape, out, V(id),
		V(what), V(facts));
}
