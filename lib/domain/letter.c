/* From what a message is about to how it reads: the names that templates may use. */
#include "domain/notification.h"

#include "base/config.h"
#include "domain/template.h"

#include <stdlib.h>
#include <string.h>

enum { VARS = 20, LINE_VARS = 6 };

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

static void add(struct template_data *d, const char *name, const char *value)
{
	struct template_var *v = (struct template_var *)d->vars + d->n++;

	*v = (struct template_var){ name, value };
}

/* A shelf has no prices, an order no level that it should have. */
static struct template_data line_data(struct op *op, const struct notice *n, size_t i)
{
	struct template_data d = { .vars = op_alloc(op, LINE_VARS * sizeof *d.vars) };

	add(&d, "line.sku", text_at(n->line_sku, i));
	add(&d, "line.title", text_at(n->line_title, i));
	add(&d, "line.qty", text_at(n->line_qty, i));
	if (strcmp(n->event, "low_stock") == 0) {
		add(&d, "line.wanted", text_at(n->line_wanted, i));
		return d;
	}
	add(&d, "line.price", minor_price(op, n, n->line_price, i));
	add(&d, "line.total", minor_price(op, n, n->line_total, i));
	return d;
}

static void add_order(struct op *op, const struct notice *n, struct template_data *d)
{
	add(d, "order.id", op_printf(op, "%lld", (long long)n->order_id));
	add(d, "order.date", op_printf(op, "%.10s", stamp_text(op, n->placed_at)));
	add(d, "order.subtotal", price(op, n, n->subtotal));
	add(d, "order.discount", price_if(op, n, n->discount));
	add(d, "order.shipping", price_if(op, n, n->shipping));
	add(d, "order.tax", price_if(op, n, n->tax));
	add(d, "order.total", price(op, n, n->total));
}

static void add_payment(struct op *op, const struct notice *n, struct template_data *d)
{
	(void)op;
	add(d, "payment.error", given(n->payment_error));
}

static void add_refund(struct op *op, const struct notice *n, struct template_data *d)
{
	add(d, "refund.amount", price(op, n, n->refund));
}

static void add_shipment(struct op *op, const struct notice *n, struct template_data *d)
{
	(void)op;
	add(d, "shipment.carrier", given(n->carrier));
	add(d, "shipment.tracking", given(n->tracking));
}

static void add_product(struct op *op, const struct notice *n, struct template_data *d)
{
	(void)op;
	add(d, "product.sku", text_at(n->line_sku, 0));
	add(d, "product.title", text_at(n->line_title, 0));
}

static void add_shelf(struct op *op, const struct notice *n, struct template_data *d)
{
	add(d, "stock.count", op_printf(op, "%zu", n->line_sku.n));
}

/* The address of the page that ends such mails; one POST to it is enough (RFC 8058). */
const char *unsubscribe_url(struct op *op, const struct notice *n)
{
	return n->unsubscribe ? op_printf(op, "%s/v1/unsubscribe/%s",
					op->config->shop.base_url, n->unsubscribe)
			      : NULL;
}

static void add_leave(struct op *op, const struct notice *n, struct template_data *d)
{
	add(d, "unsubscribe.url", unsubscribe_url(op, n));
}

/* What an event has besides the shop and its reader; those without a row have an order.
 */
static const struct {
	const char *event;
	void (*add)(struct op *op, const struct notice *n, struct template_data *d);
	bool orderless;
} extras[] = {
	{ "back_in_stock", add_leave, true },
	{ "back_in_stock", add_product, true },
	{ "cart_abandoned", add_leave, false },
	{ "delivered", add_shipment, false },
	{ "low_stock", add_shelf, true },
	{ "payment_failed", add_payment, false },
	{ "refund_failed", add_refund, false },
	{ "refund_sent", add_refund, false },
	{ "shipped", add_shipment, false },
};

/* All names of the event: those of another event are unknown, not empty. */
static struct template_data notice_data(struct op *op, const struct notice *n)
{
	struct template_data *lines = op_alloc(op, (n->line_sku.n + 1) * sizeof *lines);
	struct template_data d = {
		.list = "lines", .items = lines, .n_items = n->line_sku.n
	};
	bool orderless = false;

	d.vars = op_alloc(op, VARS * sizeof *d.vars);
	for (size_t i = 0; i < n->line_sku.n; i++)
		lines[i] = line_data(op, n, i);
	add(&d, "shop.name", op->config->shop.name);
	add(&d, "shop.url", op->config->shop.base_url);
	add(&d, "customer.name", given(n->name));
	add(&d, "customer.email", given(n->email));
	for (size_t i = 0; i < sizeof extras / sizeof *extras; i++) {
		if (strcmp(extras[i].event, n->event) != 0)
			continue;
		extras[i].add(op, n, &d);
		orderless = extras[i].orderless;
	}
	if (!orderless)
		add_order(op, n, &d);
	return d;
}

enum { PARTS = 3 };

struct letter_part {
	const char *name, *text;
	enum template_kind kind;
};

/* A mail has all three, a note in the inbox no HTML, a short message nothing but text.
 */
static void parts_of(const struct notice *n, struct letter_part out[PARTS])
{
	bool mail = strcmp(n->channel, "email") == 0;
	bool sms = strcmp(n->channel, "sms") == 0;

	out[0] = (struct letter_part){ "subject", sms ? "" : n->subject,
		TEMPLATE_HEADER };
	out[1] = (struct letter_part){ "text", n->body_text, TEMPLATE_TEXT };
	out[2] =
		(struct letter_part){ "html", mail ? n->body_html : "", TEMPLATE_HTML };
}

static const char *name_of(struct op *op, const struct notice *n, const char *part)
{
	return op_printf(op, "%s/%s/%s %s", n->event, n->channel, n->locale, part);
}

const char *notification_faults(struct op *op, const struct notice *n)
{
	const struct template_data data = notice_data(op, n);
	struct letter_part parts[PARTS];
	const char *all = "";

	parts_of(n, parts);
	for (size_t i = 0; i < PARTS; i++) {
		const char *more = template_faults(op, name_of(op, n, parts[i].name),
			parts[i].text, parts[i].kind, &data);

		all = op_printf(op, "%s%s%s", all, *all && *more ? "\n" : "", more);
	}
	return all;
}

enum err notification_write(struct op *op, const struct notice *n, struct letter *out)
{
	const struct template_data data = notice_data(op, n);
	const char **to[PARTS] = { &out->subject, &out->text, &out->html };
	struct letter_part parts[PARTS];

	if (!n->subject)
		return fail(op, E_DATA, "template_exists",
			"there is no template of %s for %s", n->event, n->channel);
	if (strncmp(n->event, "refund", 6) == 0 && !*n->refund.currency)
		return fail(op, E_NOT_FOUND, "refund_exists",
			"order %lld has no refund to write about",
			(long long)n->order_id);
	parts_of(n, parts);
	for (size_t i = 0; i < PARTS; i++)
		TRY(template_render(op, name_of(op, n, parts[i].name), parts[i].text,
			parts[i].kind, &data, to[i]));
	return OK;
}
