/* shopctl notification: what customers were told, and how it reads. */
#include "domain/notification.h"
#include "domain/notification_watch.h"

#include "base/cli.h"
#include "base/file.h"
#include "base/out.h"

#include <stdio.h>
#include <string.h>

#define EVENTS NOTIFICATION_EVENTS

static const struct shape query_args = SHAPE(notification_query,
	FIELD(notification_query, event, "EVENT", "only of this event", 0, EVENTS),
	FIELD(notification_query, state, "STATE", "only in this state", 0,
		"queued|sent|delivered|failed|suppressed"),
	FIELD(notification_query, channel, "CHANNEL", "only by this channel", 0,
		NOTIFICATION_CHANNELS "|webhook"),
	FIELD(notification_query, order, "ID", "only of this order"),
	FIELD(notification_query, since, "TIME",
		"asked for since then, or so long back"),
	FIELD(notification_query, limit, "N", "at most N, newest first", 0, NULL,
		"50"));

struct one {
	int64_t id;
};

static const struct shape one_args = SHAPE(one,
	FIELD(one, id, "ID", "of the notification", FIELD_OPERAND | FIELD_REQUIRED));

struct preview {
	const char *event, *locale, *channel, *html;
	int64_t order;
};

static const struct shape preview_args = SHAPE(preview,
	FIELD(preview, event, "EVENT", "what the message is about",
		FIELD_OPERAND | FIELD_REQUIRED, EVENTS),
	FIELD(preview, order, "ID", "the order it is about", FIELD_REQUIRED),
	FIELD(preview, locale, "LOCALE", "instead of the customer's own: de"),
	FIELD(preview, channel, "CHANNEL", "as it reads there", 0,
		NOTIFICATION_CHANNELS, "email"),
	FIELD(preview, html, "FILE", "write the HTML part to this file"));

/* A mail as a person sees it. */
struct mail_page {
	const char *to, *subject, *message_id, *locale, *text, *html;
};

static const struct shape mail_page_shape =
	SHAPE(mail_page, FIELD(mail_page, to), FIELD(mail_page, subject),
		FIELD(mail_page, message_id), FIELD(mail_page, locale),
		FIELD(mail_page, text), FIELD(mail_page, html, .flags = FIELD_HIDDEN));

static enum err list(struct op *op, const void *args)
{
	struct rows rows;

	TRY(notification_list(op, args, &rows));
	return out_rows(op, &notification_shape, rows);
}

static enum err show(struct op *op, const void *args)
{
	const struct one *a = args;
	struct notification n;

	TRY(notification_show(op, a->id, &n));
	return out_one(op, &notification_shape, &n);
}

static enum err resend(struct op *op, const void *args)
{
	const struct one *a = args;
	struct notification n;

	TRY(notification_resend(op, a->id, &n));
	return out_one(op, &notification_shape, &n);
}

static const struct shape host_args =
	SHAPE(mail_host, FIELD(mail_host, host, "HOST",
				 "the shop's own name in the mail", FIELD_OPERAND));

static enum err host(struct op *op, const void *args)
{
	const struct mail_host *a = args;
	struct mail_host now;

	TRY(notification_host(op, a->host, &now));
	return out_one(op, &mail_host_shape, &now);
}

static enum err write_file(struct op *op, const char *path, const char *text)
{
	FILE *file = fopen(path, "we");
	bool wrong;

	if (!file)
		return fail(op, E_CREATE, "output_can_be_created", "%s: %m", path);
	wrong = fputs(text, file) == EOF;
	if (fclose(file) == EOF || wrong)
		return fail(op, E_OUTPUT, "result_is_written", "%s: %m", path);
	return OK;
}

static enum err preview(struct op *op, const void *args)
{
	const struct preview *a = args;
	struct notice n;
	struct letter letter;
	struct mail_page page;
	const struct preview_query q = { a->event, a->channel, a->locale, a->order };

	TRY(notification_preview(op, &q, &n));
	TRY(notification_write(op, &n, &letter));
	if (a->html)
		TRY(write_file(op, a->html, letter.html));
	page = (struct mail_page){ n.email, letter.subject, n.message_id, n.locale,
		letter.text, letter.html };
	if (out_is_table(op))
		return out_text(op, "To: %s\nSubject: %s\nMessage-ID: %s\n\n%s",
			n.email ? n.email : "nobody", page.subject, page.message_id,
			page.text);
	return out_one(op, &mail_page_shape, &page);
}

struct send {
	const char *event;
	int64_t order;
};

static const struct shape send_args = SHAPE(send,
	FIELD(send, event, "EVENT", "what the message is about",
		FIELD_OPERAND | FIELD_REQUIRED, EVENTS),
	FIELD(send, order, "ID", "the order it is about", FIELD_REQUIRED));

static enum err send_now(struct op *op, const void *args)
{
	const struct send *a = args;
	struct rows rows;

	TRY(notification_tell(op, a->event, a->order, &rows));
	return out_rows(op, &notification_shape, rows);
}

struct subscribe {
	const char *email, *sku, *locale;
};

static const struct shape subscribe_args = SHAPE(subscribe,
	FIELD(subscribe, email, "ADDRESS", "who wants to know", FIELD_REQUIRED),
	FIELD(subscribe, sku, "SKU", "when this is there again", FIELD_REQUIRED),
	FIELD(subscribe, locale, "LOCALE", "in this language", 0, NULL, "en"));

static enum err subscribe(struct op *op, const void *args)
{
	const struct subscribe *a = args;
	struct subscription s;

	TRY(stock_subscribe(op, a->email, a->sku, a->locale, &s));
	return out_one(op, &subscription_shape, &s);
}

const struct command notification_commands[] = {
	{ "list", "what customers were told, newest first", &query_args, list, 0,
		"shopctl notification list --state failed --since 1d\n"
		"shopctl notification list --order 1024 --columns +message_id" },
	{ "show", "one notification and what became of it", &one_args, show, 0,
		"shopctl notification show 7\n"
		"shopctl notification show 7 --format json" },
	{ "resend", "send it once more", &one_args, resend, CMD_MUTATES,
		"shopctl notification resend 7\n"
		"shopctl notification resend 7 --reason 'customer asked' --dry-run",
		"What was sent before goes out as a new message with a Message-ID of "
		"its "
		"own; what never left keeps its Message-ID." },
	{ "host", "show or set the host in the Message-ID of new mails", &host_args,
		host, CMD_MUTATES,
		"shopctl notification host\n"
		"shopctl notification host shop.example.com" },
	{ "preview", "how a message reads, without sending it", &preview_args, preview,
		0,
		"shopctl notification preview order_confirmed --order 1024\n"
		"shopctl notification preview shipped --order 1024 --channel sms "
		"--locale de" },
	{ "send", "tell a customer now what no event told", &send_args, send_now,
		CMD_MUTATES,
		"shopctl notification send shipped --order 1024\n"
		"shopctl notification send order_confirmed --order 1024 --dry-run",
		"On every channel that the event and the customer have. What was told "
		"before is sent again by resend only." },
	{ "subscribe", "tell an address once when a SKU is there again",
		&subscribe_args, subscribe, CMD_MUTATES,
		"shopctl notification subscribe --email jane@example.com --sku "
		"DOG-5KG\n"
		"shopctl notification subscribe --email jane@example.com --sku DOG-5KG "
		"--locale de --dry-run" },
	{ 0 },
};
