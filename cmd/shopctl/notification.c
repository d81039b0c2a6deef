/* shopctl notification: what customers were told, and how it reads. */
#include "domain/notification.h"

#include "base/cli.h"
#include "base/file.h"
#include "base/out.h"

#include <stdio.h>
#include <string.h>

#define EVENTS                                                                         \
	"order_confirmed|order_expired|payment_failed|payment_late|refund_sent|"       \
	"shipped|delivered"

static const struct shape query_args = SHAPE(notification_query,
	FIELD(notification_query, event, "EVENT", "only of this event", 0, EVENTS),
	FIELD(notification_query, state, "STATE", "only in this state", 0,
		"queued|sent|failed|suppressed"),
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
	const char *event, *locale, *html;
	int64_t order;
};

static const struct shape preview_args = SHAPE(preview,
	FIELD(preview, event, "EVENT", "what the mail is about",
		FIELD_OPERAND | FIELD_REQUIRED, EVENTS),
	FIELD(preview, order, "ID", "the order it is about", FIELD_REQUIRED),
	FIELD(preview, locale, "LOCALE", "instead of the customer's own: de"),
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

	TRY(notification_preview(op, a->event, a->order, a->locale, &n));
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

struct template_args {
	const char *event, *locale, *subject, *text, *html;
};

static const struct shape template_args_shape = SHAPE(template_args,
	FIELD(template_args, event, "EVENT", "what the mail is about",
		FIELD_OPERAND | FIELD_REQUIRED, EVENTS),
	FIELD(template_args, locale, "LOCALE", "of its readers", 0, NULL, "en"),
	FIELD(template_args, subject, "TEXT", "its subject"),
	FIELD(template_args, text, "FILE", "with its text; - is standard input"),
	FIELD(template_args, html, "FILE", "with its HTML; - is standard input"));

struct template_name {
	const char *event, *locale;
};

static const struct shape template_name_shape = SHAPE(template_name,
	FIELD(template_name, event, "EVENT", "what the mail is about",
		FIELD_OPERAND | FIELD_REQUIRED, EVENTS),
	FIELD(template_name, locale, "LOCALE", "of its readers", 0, NULL, "en"));

enum { TEMPLATE_MAX = 1 << 20 };

/* No path reads nothing: what is not given stays as it is. */
static enum err read_file(struct op *op, const char *path, const char **out)
{
	*out = NULL;
	return path ? file_read_text(op, path, TEMPLATE_MAX, out) : OK;
}

static enum err template_rows(struct op *op, const void *args)
{
	struct rows rows;
	int64_t bad;

	(void)args;
	TRY(template_check(op, &rows, &bad));
	return out_rows(op, &template_shape, rows);
}

static enum err check(struct op *op, const void *args)
{
	struct rows rows;
	int64_t bad;

	(void)args;
	TRY(template_check(op, &rows, &bad));
	TRY(out_rows(op, &template_shape, rows));
	if (!bad)
		return OK;
	return fail(op, E_NO, "template_is_whole", "%lld templates cannot be sent",
		(long long)bad);
}

static enum err template_one(struct op *op, const void *args)
{
	const struct template_name *a = args;
	struct template t;

	TRY(template_show(op, a->event, a->locale, &t));
	if (out_is_table(op))
		return out_text(op, "Subject: %s\n\n%s\n%s", t.subject, t.body_text,
			t.body_html);
	return out_one(op, &template_shape, &t);
}

static enum err template_put(struct op *op, const void *args)
{
	const struct template_args *a = args;
	struct template t = {
		.event = a->event, .locale = a->locale, .subject = a->subject
	};

	if (!a->subject && !a->text && !a->html) {
		fail(op, E_USAGE, "template_set_changes_something",
			"nothing to change");
		return fail_hint(op, "give --subject, --text or --html");
	}
	TRY(read_file(op, a->text, &t.body_text));
	TRY(read_file(op, a->html, &t.body_html));
	TRY(template_set(op, &t, &t));
	return out_one(op, &template_shape, &t);
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
	{ "preview", "how a mail reads, without sending it", &preview_args, preview, 0,
		"shopctl notification preview order_confirmed --order 1024\n"
		"shopctl notification preview refund_sent --order 1024 --html "
		"out.html" },
	{ "template list", "the templates in use", NULL, template_rows, 0,
		"shopctl notification template list\n"
		"shopctl notification template list --columns +body_text --format "
		"json" },
	{ "template show", "one template", &template_name_shape, template_one, 0,
		"shopctl notification template show order_confirmed\n"
		"shopctl notification template show refund_sent --locale de --field "
		"body_html" },
	{ "template set", "put a new version of a template into use",
		&template_args_shape, template_put, CMD_MUTATES,
		"shopctl notification template set refund_sent --subject 'Your money "
		"is on its way'\n"
		"shopctl notification template set order_confirmed --locale fr "
		"--subject 'Votre "
		"commande {{order.id}}' --text fr.txt --html fr.html",
		"What is not given stays as it was; a new locale needs all three. "
		"{{order.id}} "
		"is a variable; {{#lines}} to {{/lines}} repeats for each line; "
		"{{#order.tax}} to {{/order.tax}} is there only when there is one. A "
		"name "
		"that the event does not have is refused, and the fault lists those it "
		"has." },
	{ "template check",
		"render each with sample data; exit 1 when one cannot be sent", NULL,
		check, 0,
		"shopctl notification template check\n"
		"shopctl notification template check --format ndjson" },
	{ 0 },
};
