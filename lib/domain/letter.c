/* From what a message is about to how it reads: the names that templates may use. */
#include "domain/notification.h"

#include "base/config.h"
#include "domain/template.h"

#include <stdlib.h>
#include <string.h>

enum { VARS = 16, LINE_VARS = 5 };

/* "29.99 EUR", and "29,99 EUR" where people write it so; NULL when there is none. */
static const char *price(struct op *op, const struct notice *n, struct money m)
{
	char *text, *point;

	if (!*m.currency)
		return NULL;
	text = op_strdup(op, money_text(op, m));
	point = strchr(text, '.');
	if (point && n->locale && strncmp(n->locale, "de", 2) == 0)
		*point = ',';
	return text;
}

/* The same, and NULL for nothing: its whole line is left out. */
static const char *price_if(struct op *op, const struct notice *n, struct money m)
{
	return m.minor ? price(op, n, m) : NULL;
}

static const char *minor_price(
	struct op *op, const struct notice *n, struct texts minors, size_t i)
{
	struct money m = n->total;

	m.minor = i < minors.n ? strtoll(minors.v[i], NULL, 10) : 0;
	return price(op, n, m);
}

static const char *text_at(struct texts t, size_t i)
{
	return i < t.n ? t.v[i] : "";
}

static const char *given(const char *s)
{
	return s && *s ? s : NULL;
}

static struct template_data line_data(struct op *op, const struct notice *n, size_t i)
{
	struct template_var *v = op_alloc(op, LINE_VARS * sizeof *v);
	struct template_data data = { .vars = v, .n = LINE_VARS };

	v[0] = (struct template_var){ "line.sku", text_at(n->line_sku, i) };
	v[1] = (struct template_var){ "line.title", text_at(n->line_title, i) };
	v[2] = (struct template_var){ "line.qty", text_at(n->line_qty, i) };
	v[3] = (struct template_var){ "line.price",
		minor_price(op, n, n->line_price, i) };
	v[4] = (struct template_var){ "line.total",
		minor_price(op, n, n->line_total, i) };
	return data;
}

static void add(struct template_data *d, const char *name, const char *value)
{
	struct template_var *v = (struct template_var *)d->vars + d->n++;

	*v = (struct template_var){ name, value };
}

/* All names of the event: those of another event are unknown, not empty. */
static struct template_data notice_data(struct op *op, const struct notice *n)
{
	struct template_data *lines = op_alloc(op, (n->line_sku.n + 1) * sizeof *lines);
	struct template_data d = {
		.list = "lines", .items = lines, .n_items = n->line_sku.n
	};

	d.vars = op_alloc(op, VARS * sizeof *d.vars);
	for (size_t i = 0; i < n->line_sku.n; i++)
		lines[i] = line_data(op, n, i);
	add(&d, "shop.name", op->config->shop.name);
	add(&d, "shop.url", op->config->shop.base_url);
	add(&d, "customer.name", given(n->name));
	add(&d, "customer.email", given(n->email));
	add(&d, "order.id", op_printf(op, "%lld", (long long)n->order_id));
	add(&d, "order.date", op_printf(op, "%.10s", stamp_text(op, n->placed_at)));
	add(&d, "order.subtotal", price(op, n, n->subtotal));
	add(&d, "order.discount", price_if(op, n, n->discount));
	add(&d, "order.shipping", price_if(op, n, n->shipping));
	add(&d, "order.tax", price_if(op, n, n->tax));
	add(&d, "order.total", price(op, n, n->total));
	if (strcmp(n->event, "payment_failed") == 0)
		add(&d, "payment.error", given(n->payment_error));
	if (strcmp(n->event, "refund_sent") == 0)
		add(&d, "refund.amount", price(op, n, n->refund));
	if (strcmp(n->event, "shipped") == 0 || strcmp(n->event, "delivered") == 0) {
		add(&d, "shipment.carrier", given(n->carrier));
		add(&d, "shipment.tracking", given(n->tracking));
	}
	return d;
}

enum err notification_write(struct op *op, const struct notice *n, struct letter *out)
{
	const struct template_data data = notice_data(op, n);
	const char *name;

	if (!n->subject)
		return fail(op, E_DATA, "template_exists",
			"there is no template of %s for %s", n->event, n->channel);
	if (strcmp(n->event, "refund_sent") == 0 && !*n->refund.currency)
		return fail(op, E_NOT_FOUND, "refund_exists",
			"order %lld has no refund to write about",
			(long long)n->order_id);
	name = op_printf(op, "%s/%s/%s", n->event, n->channel, n->locale);
	TRY(template_render(op, op_printf(op, "%s subject", name), n->subject,
		TEMPLATE_HEADER, &data, &out->subject));
	TRY(template_render(op, op_printf(op, "%s text", name), n->body_text,
		TEMPLATE_TEXT, &data, &out->text));
	return template_render(op, op_printf(op, "%s html", name), n->body_html,
		TEMPLATE_HTML, &data, &out->html);
}
