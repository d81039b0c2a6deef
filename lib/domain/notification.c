/* The verbs of notifications. */
#include "domain/notification.h"

#include "db/db.h"

const struct shape notification_shape = SHAPE(notification,
	FIELD(notification, id, .flags = FIELD_ID), FIELD(notification, event),
	FIELD(notification, channel),
	FIELD(notification, order_id, .flags = FIELD_ID | FIELD_OPTIONAL),
	FIELD(notification, subject_id, .flags = FIELD_ID), FIELD(notification, state),
	FIELD(notification, attempts), FIELD(notification, copy, .flags = FIELD_HIDDEN),
	FIELD(notification, created_at), FIELD(notification, sent_at),
	FIELD(notification, message_id, .flags = FIELD_HIDDEN),
	FIELD(notification, endpoint_id,
		.flags = FIELD_ID | FIELD_OPTIONAL | FIELD_HIDDEN),
	FIELD(notification, locale, .flags = FIELD_HIDDEN),
	FIELD(notification, version, .flags = FIELD_OPTIONAL | FIELD_HIDDEN),
	FIELD(notification, intent_at, .flags = FIELD_HIDDEN),
	FIELD(notification, ref, .flags = FIELD_HIDDEN),
	FIELD(notification, last_error));

const struct shape notice_shape = SHAPE(notice, FIELD(notice, id, .flags = FIELD_ID),
	FIELD(notice, order_id, .flags = FIELD_ID | FIELD_OPTIONAL),
	FIELD(notice, event), FIELD(notice, channel), FIELD(notice, state),
	FIELD(notice, message_id), FIELD(notice, created_at), FIELD(notice, placed_at),
	FIELD(notice, email), FIELD(notice, name), FIELD(notice, locale),
	FIELD(notice, subtotal), FIELD(notice, discount), FIELD(notice, shipping),
	FIELD(notice, tax), FIELD(notice, total), FIELD(notice, refund),
	FIELD(notice, line_sku), FIELD(notice, line_title), FIELD(notice, line_qty),
	FIELD(notice, line_price), FIELD(notice, line_total),
	FIELD(notice, payment_error), FIELD(notice, carrier), FIELD(notice, tracking),
	FIELD(notice, subject), FIELD(notice, body_text), FIELD(notice, body_html),
	FIELD(notice, audience), FIELD(notice, phone),
	FIELD(notice, version, .flags = FIELD_OPTIONAL), FIELD(notice, unsubscribe),
	FIELD(notice, line_wanted), FIELD(notice, intent_at), FIELD(notice, hold),
	FIELD(notice, wait_until), FIELD(notice, attempts), FIELD(notice, copy));

enum err notification_list(
	struct op *op, const struct notification_query *q, struct rows *out)
{
	struct value any = { 0 };
	struct value order = q->order ? V(q->order) : any;

	return db_rows(op, "notification_list", &notification_shape, out, V(q->event),
		V(q->channel), V(q->state), order, V(q->since), V(q->limit));
}

enum err notification_show(struct op *op, int64_t id, struct notification *out)
{
	return db_one(op, "notification_show", &notification_shape, out, V(id));
}

enum err notification_load(struct op *op, int64_t id, struct notice *out)
{
	return db_one(op, "notification_load", &notice_shape, out, V(id));
}

struct begun {
	bool go;
};
static const struct shape begun_shape = SHAPE(begun, FIELD(begun, go));

enum err notification_begin(struct op *op, const struct notice *n, bool *go)
{
	struct begun b;

	TRY(db_one(op, "notification_begin", &begun_shape, &b, V(n->id), V(n->locale),
		V(n->version)));
	*go = b.go;
	return OK;
}

enum err notification_wait(struct op *op, const struct notice *n)
{
	return db_do(op, "notification_wait", V(n->id), V(n->wait_until));
}

enum err notification_record(
	struct op *op, int64_t id, const struct notification_result *r)
{
	return db_do(op, "notification_record", V(id), V(r->state), V(r->error),
		V(r->ref), V(r->unknown), V(r->suppress));
}

enum err notification_resend(struct op *op, int64_t id, struct notification *out)
{
	return db_one(op, "notification_resend", &notification_shape, out, V(id));
}

enum err notification_tell(
	struct op *op, const char *event, int64_t order_id, struct rows *out)
{
	return db_rows(op, "notification_tell", &notification_shape, out, V(event),
		V(order_id));
}

const struct shape mail_host_shape = SHAPE(mail_host, FIELD(mail_host, host));

enum err notification_host(struct op *op, const char *host, struct mail_host *out)
{
	return db_one(op, "notification_host", &mail_host_shape, out, V(host));
}

enum err notification_preview(
	struct op *op, const struct preview_query *q, struct notice *out)
{
	return db_one(op, "notification_preview", &notice_shape, out, V(q->event),
		V(q->order), V(q->locale), V(q->channel));
}
