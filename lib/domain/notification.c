/* The verbs of notifications. */
#include "domain/notification.h"

#include "db/db.h"

const struct shape notification_shape = SHAPE(notification,
	FIELD(notification, id, .flags = FIELD_ID), FIELD(notification, event),
	FIELD(notification, channel, .flags = FIELD_HIDDEN),
	FIELD(notification, order_id, .flags = FIELD_ID),
	FIELD(notification, subject_id, .flags = FIELD_ID), FIELD(notification, state),
	FIELD(notification, attempts), FIELD(notification, copy, .flags = FIELD_HIDDEN),
	FIELD(notification, created_at), FIELD(notification, sent_at),
	FIELD(notification, message_id, .flags = FIELD_HIDDEN),
	FIELD(notification, last_error));

const struct shape notice_shape = SHAPE(notice, FIELD(notice, id, .flags = FIELD_ID),
	FIELD(notice, order_id, .flags = FIELD_ID), FIELD(notice, event),
	FIELD(notice, channel), FIELD(notice, state), FIELD(notice, message_id),
	FIELD(notice, created_at), FIELD(notice, placed_at), FIELD(notice, email),
	FIELD(notice, name), FIELD(notice, locale), FIELD(notice, subtotal),
	FIELD(notice, discount), FIELD(notice, shipping), FIELD(notice, tax),
	FIELD(notice, total), FIELD(notice, refund), FIELD(notice, line_sku),
	FIELD(notice, line_title), FIELD(notice, line_qty), FIELD(notice, line_price),
	FIELD(notice, line_total), FIELD(notice, payment_error), FIELD(notice, carrier),
	FIELD(notice, tracking), FIELD(notice, subject), FIELD(notice, body_text),
	FIELD(notice, body_html));

enum err notification_list(
	struct op *op, const struct notification_query *q, struct rows *out)
{
	struct value any = { 0 };
	struct value order = q->order ? V(q->order) : any;

	return db_rows(op, "notification_list", &notification_shape, out, V(q->event),
		V(q->state), order, V(q->since), V(q->limit));
}

enum err notification_show(struct op *op, int64_t id, struct notification *out)
{
	return db_one(op, "notification_show", &notification_shape, out, V(id));
}

enum err notification_load(struct op *op, int64_t id, struct notice *out)
{
	return db_one(op, "notification_load", &notice_shape, out, V(id));
}

enum err notification_record(
	struct op *op, int64_t id, const char *state, const char *error)
{
	return db_do(op, "notification_record", V(id), V(state), V(error));
}

enum err notification_resend(struct op *op, int64_t id, struct notification *out)
{
	return db_one(op, "notification_resend", &notification_shape, out, V(id));
}

const struct shape mail_host_shape = SHAPE(mail_host, FIELD(mail_host, host));

enum err notification_host(struct op *op, const char *host, struct mail_host *out)
{
	return db_one(op, "notification_host", &mail_host_shape, out, V(host));
}

enum err notification_preview(struct op *op, const char *event, int64_t order_id,
	const char *locale, struct notice *out)
{
	return db_one(op, "notification_preview", &notice_shape, out, V(event),
		V(order_id), V(locale));
}
