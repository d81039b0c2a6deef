/* The templates in use: listed, proven with sample data, replaced by new versions. */
#include "domain/notification.h"

#include "db/db.h"

#include <string.h>

const struct shape template_shape = SHAPE(template, FIELD(template, event),
	FIELD(template, channel), FIELD(template, locale), FIELD(template, version),
	FIELD(template, subject), FIELD(template, body_text, .flags = FIELD_HIDDEN),
	FIELD(template, body_html, .flags = FIELD_HIDDEN), FIELD(template, fault));

/* The columns of the database; the fault is found here. */
static const struct shape stored_shape = SHAPE(template, FIELD(template, event),
	FIELD(template, channel), FIELD(template, locale), FIELD(template, version),
	FIELD(template, subject), FIELD(template, body_text),
	FIELD(template, body_html));

enum err template_list(struct op *op, struct rows *out)
{
	return db_rows_values(op, "template_list", &stored_shape, out, NULL, 0);
}

/* An order with everything in it, so that each part of a template is rendered. */
static struct notice sample(struct template *t)
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
		.payment_error = "declined",
		.carrier = "post",
		.tracking = "1",
		.subject = t->subject,
		.body_text = t->body_text,
		.body_html = t->body_html };
}

static const char *fault_of(struct op *op, struct template *t)
{
	const struct notice n = sample(t);
	struct letter letter;
	const char *fault;

	if (notification_write(op, &n, &letter) == OK)
		return "";
	fault = op->fault.text;
	fault_clear(op);
	return fault;
}

enum err template_show(
	struct op *op, const char *event, const char *locale, struct template *out)
{
	struct rows all;

	TRY(template_list(op, &all));
	for (size_t i = 0; i < all.n; i++) {
		struct template *t = row_at(&template_shape, all, i);

		if (strcmp(t->event, event) == 0 && strcmp(t->locale, locale) == 0) {
			*out = *t;
			out->fault = fault_of(op, out);
			return OK;
		}
	}
	return fail(op, E_NOT_FOUND, "template_exists",
		"there is no template of %s in %s", event, locale);
}

/* What is not given stays as it is in the version before. */
static enum err complete(struct op *op, struct template *t)
{
	struct template was;

	if (t->subject && t->body_text && t->body_html)
		return OK;
	TRY(template_show(op, t->event, t->locale, &was));
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

	next.channel = "email";
	TRY(complete(op, &next));
	n = sample(&next);
	TRY(notification_write(op, &n, &letter));
	TRY(db_one(op, "template_set", &stored_shape, out, V(next.event),
		V(next.locale), V(next.subject), V(next.body_text), V(next.body_html)));
	out->fault = "";
	return OK;
}

enum err template_check(struct op *op, struct rows *out, int64_t *bad)
{
	TRY(template_list(op, out));
	*bad = 0;
	for (size_t i = 0; i < out->n; i++) {
		struct template *t = row_at(&template_shape, *out, i);

		t->fault = fault_of(op, t);
		*bad += *t->fault != '\0';
	}
	return OK;
}
