/* shopctl template: the texts of messages, their versions, and whether they hold. */
#include "domain/notification.h"
#include "domain/template_store.h"

#include "base/cli.h"
#include "base/file.h"
#include "base/out.h"

#define EVENTS NOTIFICATION_EVENTS

static const struct shape key_args = SHAPE(template_key,
	FIELD(template_key, event, "EVENT", "what the message is about",
		FIELD_OPERAND | FIELD_REQUIRED, EVENTS),
	FIELD(template_key, channel, "CHANNEL", "how it is sent", 0,
		NOTIFICATION_CHANNELS, "email"),
	FIELD(template_key, locale, "LOCALE", "of its readers", 0, NULL, "en"));

struct put {
	const char *event, *channel, *locale, *subject, *text, *html;
};

static const struct shape put_args = SHAPE(put,
	FIELD(put, event, "EVENT", "what the message is about",
		FIELD_OPERAND | FIELD_REQUIRED, EVENTS),
	FIELD(put, channel, "CHANNEL", "how it is sent", 0, NOTIFICATION_CHANNELS,
		"email"),
	FIELD(put, locale, "LOCALE", "of its readers", 0, NULL, "en"),
	FIELD(put, subject, "TEXT", "its subject"),
	FIELD(put, text, "FILE", "with its text; - is standard input"),
	FIELD(put, html, "FILE", "with its HTML; - is standard input"));

enum { TEMPLATE_MAX = 1 << 20 };

/* No path reads nothing: what is not given stays as it is. */
static enum err read_file(struct op *op, const char *path, const char **out)
{
	*out = NULL;
	return path ? file_read_text(op, path, TEMPLATE_MAX, out) : OK;
}

static enum err list(struct op *op, const void *args)
{
	struct rows rows;
	int64_t bad;

	(void)args;
	TRY(template_check(op, &rows, &bad));
	return out_rows(op, &template_shape, rows);
}

static enum err show(struct op *op, const void *args)
{
	struct template t;

	TRY(template_show(op, args, &t));
	if (out_is_table(op))
		return out_text(op, "Subject: %s\n\n%s\n%s", t.subject, t.body_text,
			t.body_html);
	return out_one(op, &template_shape, &t);
}

static enum err history(struct op *op, const void *args)
{
	struct rows rows;

	TRY(template_history(op, args, &rows));
	return out_rows(op, &template_history_shape, rows);
}

static enum err put(struct op *op, const void *args)
{
	const struct put *a = args;
	struct template t = { .event = a->event,
		.channel = a->channel,
		.locale = a->locale,
		.subject = a->subject };

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

struct check {
	const char *event;
	struct texts file;
};

static const struct shape check_args = SHAPE(check,
	FIELD(check, event, "EVENT", "whose names the files may use", 0, EVENTS),
	FIELD(check, file, "FILE", "check these texts instead of the stored ones"));

struct checked {
	const char *file, *fault;
};

static const struct shape checked_shape =
	SHAPE(checked, FIELD(checked, file), FIELD(checked, fault));

static enum err verdict(struct op *op, int64_t bad)
{
	if (!bad)
		return OK;
	return fail(op, E_NO, "template_is_whole", "%lld templates cannot be sent",
		(long long)bad);
}

static enum err check_files(struct op *op, const struct check *a)
{
	const struct template_key k = { a->event, "sms", "en" };
	struct checked *rows = op_alloc(op, a->file.n * sizeof *rows);
	int64_t bad = 0;

	if (!a->event) {
		fail(op, E_USAGE, "template_file_has_an_event",
			"which names a file may use depends on its event");
		return fail_hint(op, "add --event shipped");
	}
	for (size_t i = 0; i < a->file.n; i++) {
		const char *text;

		TRY(read_file(op, a->file.v[i], &text));
		rows[i].file = a->file.v[i];
		TRY(template_check_text(op, &k, rows[i].file, text, &rows[i].fault));
		bad += *rows[i].fault != '\0';
	}
	TRY(out_rows(op, &checked_shape, (struct rows){ rows, a->file.n }));
	return verdict(op, bad);
}

static enum err check(struct op *op, const void *args)
{
	const struct check *a = args;
	struct rows rows;
	int64_t bad;

	if (a->file.n)
		return check_files(op, a);
	TRY(template_check(op, &rows, &bad));
	TRY(out_rows(op, &template_shape, rows));
	return verdict(op, bad);
}

const struct command template_commands[] = {
	{ "list", "the templates in use", NULL, list, 0,
		"shopctl template list\n"
		"shopctl template list --columns +body_text --format json" },
	{ "show", "one template", &key_args, show, 0,
		"shopctl template show order_confirmed\n"
		"shopctl template show refund_sent --locale de --field body_html" },
	{ "history", "every version of one, and how many messages it wrote", &key_args,
		history, 0,
		"shopctl template history order_confirmed\n"
		"shopctl template history shipped --channel sms --columns +body_text" },
	{ "set", "put a new version of a template into use", &put_args, put,
		CMD_MUTATES,
		"shopctl template set refund_sent --subject 'Your money is on its "
		"way'\n"
		"shopctl template set order_confirmed --locale fr --subject 'Votre "
		"commande {{order.id}}' --text fr.txt --html fr.html",
		"What is not given stays as it was; a new locale of a mail needs all "
		"three. {{order.id}} is a variable; {{#lines}} to {{/lines}} repeats "
		"for each line; {{#order.tax}} to {{/order.tax}} is there only when "
		"there is one. A name that the event does not have is refused, and the "
		"fault lists those it has." },
	{ "check", "find names that no event has; exit 1 when one cannot be sent",
		&check_args, check, 0,
		"shopctl template check\n"
		"shopctl template check --event shipped --file new.txt --file new.html",
		"Every fault is named with its line and column." },
	{ 0 },
};
