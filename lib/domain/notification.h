/* Messages to customers: what is sent, what became of it, and how it reads. */
#ifndef DOMAIN_NOTIFICATION_H
#define DOMAIN_NOTIFICATION_H

#include "base/field.h"
#include "base/op.h"

#include <stdint.h>

/* A message and what became of it. */
struct notification {
	int64_t id, order_id, subject_id, attempts, copy;
	const char *event, *channel, *state, *message_id, *last_error;
	struct stamp created_at, sent_at;
};
extern const struct shape notification_shape;

/* What a message is about: all that its template may name, and the template. */
struct notice {
	int64_t id, order_id;
	const char *event, *channel, *state, *message_id;
	struct stamp created_at, placed_at;
	const char *email, *name, *locale; /* email NULL: nobody to write to */
	struct money subtotal, discount, shipping, tax, total, refund;
	struct texts line_sku, line_title, line_qty, line_price, line_total;
	const char *payment_error, *carrier, *tracking;
	const char *subject, *body_text, *body_html;
};
extern const struct shape notice_shape;

struct notification_query {
	const char *event, *state;
	int64_t order; /* 0: of any order */
	struct stamp since;
	int64_t limit;
};

/* Notifications, newest first. */
enum err notification_list(
	struct op *op, const struct notification_query *q, struct rows *out);
enum err notification_show(struct op *op, int64_t id, struct notification *out);

/* Everything that sending it takes. */
enum err notification_load(struct op *op, int64_t id, struct notice *out);

/* What became of an attempt: sent, failed, suppressed, or queued to try again. */
enum err notification_record(
	struct op *op, int64_t id, const char *state, const char *error);

/* Queue it once more; E_REFUSED (notification_is_queued) while it still is. */
enum err notification_resend(struct op *op, int64_t id, struct notification *out);

/* The host in new Message-IDs; host NULL leaves it as it is. */
struct mail_host {
	const char *host;
};
extern const struct shape mail_host_shape;
enum err notification_host(struct op *op, const char *host, struct mail_host *out);

/* The message of an event as it would be now; locale NULL is the customer's own. */
enum err notification_preview(struct op *op, const char *event, int64_t order_id,
	const char *locale, struct notice *out);

/* The message as it is read. */
struct letter {
	const char *subject, *text, *html;
};

/* Fill in the notice's template; E_DATA names what the template asks and nobody knows.
 */
enum err notification_write(struct op *op, const struct notice *n, struct letter *out);

/* One template, and what is wrong with it ("" when nothing is). */
struct template
{
	const char *event, *channel, *locale;
	int64_t version;
	const char *subject, *body_text, *body_html, *fault;
};
extern const struct shape template_shape;

/* The templates in use. */
enum err template_list(struct op *op, struct rows *out);

/* The one in use for the event and locale; E_NOT_FOUND (template_exists). */
enum err template_show(
	struct op *op, const char *event, const char *locale, struct template *out);

/*
 * Put a new version into use: texts that are NULL stay as they were.  One that
 * cannot be rendered is refused as template_render() says.
 */
enum err template_set(struct op *op, const struct template *t, struct template *out);

/* Render each with sample data; *bad counts those with a fault. */
enum err template_check(struct op *op, struct rows *out, int64_t *bad);

#endif
