/* The templates in use: listed, proven with sample data, replaced by new versions. */
#include "domain/template_store.h"

#include "db/db.h"
#include "domain/notification.h"

#include <string.h>

const struct shape template_shape = SHAPE(template, FIELD(template, event),
	FIELD(template, channel), FIELD(template, locale), FIELD(template, version),
	FIELD(template, subject), FIELD(template, body_text, .flags = FIELD_HIDDEN),
	FIELD(template, body_html, .flags = FIELD_HIDDEN), FIELD(template, fault));

/* The columns of the database; the fault is found here. */
#define STORED                                                                         \
	FIELD(template, event), FIELD(template, channel), FIELD(template, locale),     \
		FIELD(template, version), FIELD(template, subject),                    \
		FIELD(template, body_text, .flags = FIELD_HIDDEN),                     \
		FIELD(template, body_html, .flags = FIELD_HIDDEN),                     \
		FIELD(template, created_at), FIELD(template, created_by)

static const struct shape stored_shape = SHAPE(template, STORED);
const struct shape template_history_shape =
	SHAPE(template, STORED, FIELD(template, used));

enum err template_list(struct op *op, struct rows *out)
{
	return db_rows_values(op, "template_list", &stored_shape, out, NULL, 0);
}

static enum err none(struct op *op, const struct template_key *k)
{
	return fail(op, E_NOT_FOUND, "template_exists",
		"there is no template of %s for %s in %s", k->event, k->channel,
		k->locale);
}

enum err template_history(struct op *op, const struct template_key *k, struct rows *out)
{
	TRY(db_rows(op, "template_history", &template_history_shape, out, V(k->event),
		V(k->channel), V(k->locale)));
	return out->n ? OK : none(op, k);
}

/* An order with everything in it, so that each part of a template is rendered. */
static struct notice sample(const struct template *t)
{
	static const char *one[] = { "1" };
	static const struct money money = { 100, "EUR" };
	static const struct texts texts = { one, 1 };

	return (struct notice){ .event = t->event,
		.channel = t->channel,
		.locale = t->locale,
		.email = "jane@example.com",
		.name = "Jane",
		.subtotal = money,
		.discount = money,
		.shipping = money,
		.tax = money,
		.total = money,
		.refund = money,
		.line_sku = texts,
		.line_title = texts,
		.line_qty = texts,
		.line_price = texts,
		.line_total = texts,
		.line_wanted = texts,
		.payment_error = "declined",
		.carrier = "post",
		.tracking = "1",
		.unsubscribe = "1",
		.subject = t->subject,
		.body_text = t->body_text,
		.body_html = t->body_html };
}

static const char *faults_of(struct op *op, const struct template *t)
{
	const struct notice n = sample(t);

	return notification_faults(op, &n);
}

enum err template_show(
	struct op *op, const struct template_key *k, struct template *out)
{
	struct rows all;

	TRY(template_list(op, &all));
	for (size_t i = 0; i < all.n; i++) {
		struct template *t = row_at(&template_shape, all, i);

		if (strcmp(t->event, k->event) == 0 &&
			strcmp(t->channel, k->channel) == 0 &&
			strcmp(t->locale, k->locale) == 0) {
			*out = *t;
			out->fault = faults_of(op, out);
			return OK;
		}
	}
	return none(op, k);
}

/* What is not given stays as it is in the version before; only a mail has HTML. */
static enum err complete(struct op *op, struct template *t)
{
	const struct template_key k = { t->event, t->channel, t->locale };
	struct template was = { .subject = "", .body_html = "" };

	if (strcmp(t->channel, "sms") == 0 && !t->subject)
		t->subject = "";
	if (strcmp(t->channel, "email") != 0 && !t->body_html)
		t->body_html = "";
	if (t->subject && t->body_text && t->body_html)
		return OK;
	TRY(template_show(op, &k, &was));
	t->subject = t->subject ? t->subject : was.subject;
	t->body_text = t->body_text ? t->body_text : was.body_text;
	t->body_html = t->body_html ? t->body_html : was.body_html;
	return OK;
}

enum err template_set(struct op *op, const struct template *t, struct template *out)
{
	struct template next = *t;
	struct letter letter;
	struct notice n;

	TRY(complete(op, &next));
	n = sample(&next);
	TRY(notification_write(op, &n, &letter));
	TRY(db_one(op, "template_set", &stored_shape, out, V(next.event),
		V(next.channel), V(next.locale), V(next.subject), V(next.body_text),
		V(next.body_html)));
	out->fault = "";
	return OK;
}

enum err template_check(struct op *op, struct rows *out, int64_t *bad)
{
	TRY(template_list(op, out));
	*bad = 0;
	for (size_t i = 0; i < out->n; i++) {
		struct template *t = row_at(&template_shape, *out, i);

		t->fault = faults_of(op, t);
		*bad += *t->fault != '\0';
	}
	return OK;
}

/* Every part is rendered alike: what is wrong with a name is so in each. */
enum err template_check_text(struct op *op, const struct template_key *k,
	const char *name, const char *text, const char **faults)
{
	const struct template t = { .event = k->event,
		.channel = "sms",
		.locale = k->locale,
		.subject = "",
		.body_text = text,
		.body_html = "" };
	const char *named = op_printf(op, "%s/sms/%s text", k->event, k->locale);
	const char *found = faults_of(op, &t), *all = "";
	size_t n = strlen(named);

	for (const char *line = found; *line;) {
		size_t end = strcspn(line, "\n");
		const char *rest = strncmp(line, named, n) == 0 ? line + n : line;

		all = op_printf(op, "%s%s%s%.*s", all, *all ? "\n" : "", name,
			(int)(end - (size_t)(rest - line)), rest);
		line += end + (line[end] == '\n');
	}
	*faults = all;
	return OK;
}
