/* What a storefront shows to a customer of ours. */
#ifndef DOMAIN_INBOX_H
#define DOMAIN_INBOX_H

#include "base/field.h"
#include "base/op.h"

struct inbox_note {
	int64_t notification_id, order_id;
	const char *email, *event, *subject, *body;
	struct stamp at, read_at;
};
extern const struct shape inbox_shape;

/* Of a customer's number or address, newest first; before 0: from the newest. */
struct inbox_query {
	const char *customer;
	bool unread;
	int64_t before, limit;
};
enum err inbox_list(struct op *op, const struct inbox_query *q, struct rows *out);

/* Everything up to this one is read now. */
enum err inbox_read(struct op *op, const char *customer, int64_t up_to, int64_t *read);

/* Put a message there; with that it is sent. */
enum err inbox_put(
	struct op *op, int64_t notification, const char *subject, const char *body);

#endif
