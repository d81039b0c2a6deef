/* What a storefront shows to a customer of ours. */
#include "domain/inbox.h"

#include "db/db.h"

const struct shape inbox_shape = SHAPE(inbox_note,
	FIELD(inbox_note, notification_id, .flags = FIELD_ID), FIELD(inbox_note, at),
	FIELD(inbox_note, event),
	FIELD(inbox_note, order_id, .flags = FIELD_ID | FIELD_OPTIONAL),
	FIELD(inbox_note, subject), FIELD(inbox_note, body, .flags = FIELD_HIDDEN),
	FIELD(inbox_note, read_at), FIELD(inbox_note, email, .flags = FIELD_HIDDEN));

enum err inbox_list(struct op *op, const struct inbox_query *q, struct rows *out)
{
	return db_rows(op, "inbox_list", &inbox_shape, out, V(q->customer),
		V(q->unread), V(q->before), V(q->limit));
}

struct counted {
	int64_t read;
};
static const struct shape counted_shape = SHAPE(counted, FIELD(counted, read));

enum err inbox_read(struct op *op, const char *customer, int64_t up_to, int64_t *read)
{
	struct counted c;

	TRY(db_one(op, "inbox_read", &counted_shape, &c, V(customer), V(up_to)));
	*read = c.read;
	return OK;
}

enum err inbox_put(
	struct op *op, int64_t notification, const char *subject, const char *body)
{
	return db_do(op, "inbox_put", V(notification), V(subject), V(body));
}
