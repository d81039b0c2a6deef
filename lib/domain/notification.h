/* Messages: what is sent, what became of it, and how it reads. */
#ifndef DOMAIN_NOTIFICATION_H
#define DOMAIN_NOTIFICATION_H

#include "base/field.h"
#include "base/op.h"

#include <stdint.h>

/* Every event there is, as the command line takes them. */
#define NOTIFICATION_EVENTS                                                            \
	"order_confirmed|order_expired|payment_failed|payment_late|"                   \
	"payment_action_needed|refund_sent|refund_failed|shipped|delivered|"           \
	"back_in_stock|cart_abandoned|low_stock"
#define NOTIFICATION_CHANNELS "email|sms|inbox"

/* A message and what became of it. */
struct notification {
	int64_t id, order_id, subject_id, endpoint_id, attempts, copy, version;
	const char *event, *channel, *state, *message_id, *last_error;
	const char *locale, *ref; /* of its template; the provider's name for it */
	struct stamp created_at, sent_at, intent_at;
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
	const char *audience, *phone;
	int64_t version;         /* of the template */
	const char *unsubscribe; /* the token; NULL where there is nothing to leave */
	struct texts line_wanted;
	struct stamp intent_at;  /* it may have left since */
	const char *hold;        /* why it must not go; NULL: it may */
	struct stamp wait_until; /* but not before */
	int64_t attempts, copy;  /* so far; how often a person sent it again, and one */
};
extern const struct shape notice_shape;

struct notification_query {
	const char *event, *channel, *state;
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

/* The intent, before the effect; go false: it left already, or must not. */
enum err notification_begin(struct op *op, const struct notice *n, bool *go);

/* Come back when the quiet hours are over. */
enum err notification_wait(struct op *op, const struct notice *n);

/* What became of an attempt. */
struct notification_result {
	const char *state;    /* sent, failed, suppressed, or queued to try again */
	const char *error;    /* why it was not sent */
	const char *ref;      /* the provider's name for it */
	bool unknown;         /* it may have left */
	const char *suppress; /* bounce, stop: nothing more to that address */
};
enum err notification_record(
	struct op *op, int64_t id, const struct notification_result *r);

/* Tell it by hand, on every channel that it has; the rows that this made. */
enum err notification_tell(
	struct op *op, const char *event, int64_t order_id, struct rows *out);

/* Queue it once more; E_REFUSED (notification_is_queued) while it still is. */
enum err notification_resend(struct op *op, int64_t id, struct notification *out);

/* The host in new Message-IDs; host NULL leaves it as it is. */
struct mail_host {
	const char *host;
};
extern const struct shape mail_host_shape;
enum err notification_host(struct op *op, const char *host, struct mail_host *out);

/* The message of an event as it would be now; locale NULL is the customer's own. */
struct preview_query {
	const char *event, *channel, *locale;
	int64_t order;
};
enum err notification_preview(
	struct op *op, const struct preview_query *q, struct notice *out);

/* The message as it is read. */
struct letter {
	const char *subject, *text, *html;
};

/* Fill in the notice's template; E_DATA names what the template asks and nobody knows.
 */
enum err notification_write(struct op *op, const struct notice *n, struct letter *out);

/* Everything that is wrong with its template, a line each; "" when nothing is. */
const char *notification_faults(struct op *op, const struct notice *n);

/* Where one leaves such mails; NULL when there is nothing to leave. */
const char *unsubscribe_url(struct op *op, const struct notice *n);

#endif
