/* shopctl order place: an operator's own checkout, by phone or for a test. */
#include "shopctl/order_place.h"

#include "adapters/provider.h"
#include "base/config.h"
#include "base/id.h"
#include "base/out.h"
#include "domain/checkout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct order_place_args {
	struct texts line, coupon;
	const char *email, *name, *phone, *locale, *address, *currency, *method;
	const char *pay, *capture, *shipping;
	int64_t customer;
	struct money expect;
};

const struct shape order_place_args_shape = SHAPE(order_place_args,
	FIELD(order_place_args, line, "SKU:N", "N pieces of SKU; may be repeated",
		FIELD_REQUIRED),
	FIELD(order_place_args, coupon, "CODE", "a coupon; may be repeated"),
	FIELD(order_place_args, email, "ADDRESS", "whom the confirmation goes to",
		FIELD_REQUIRED),
	FIELD(order_place_args, name, "NAME", "the customer's name"),
	FIELD(order_place_args, phone, "NUMBER", "the customer's telephone"),
	FIELD(order_place_args, locale, "TAG", "language of messages", 0, NULL, "en"),
	FIELD(order_place_args, address, "JSON", "where it is sent, a JSON object"),
	FIELD(order_place_args, shipping, "METHOD",
		"how it is sent, as shopctl shipment quote has it"),
	FIELD(order_place_args, customer, "ID", "the customer, when known"),
	FIELD(order_place_args, currency, "CODE",
		"prices are read in it (default: "
		"shop.currency)"),
	FIELD(order_place_args, expect, "MONEY", "refuse when the total is another"),
	FIELD(order_place_args, method, "ID", "a saved payment method to charge"),
	FIELD(order_place_args, pay, "PROVIDER",
		"whom to ask for the money: stripe, manual, ... (default: "
		"payment.provider)"),
	FIELD(order_place_args, capture, "HOW",
		"take the money at once, or authorize it first (default: "
		"payment.capture)",
		0, "automatic|manual"));

struct placed {
	int64_t order;
	const char *state;
	struct money total;
	struct stamp expires_at;
	bool replayed;
	const char *key;
};

static const struct shape placed_shape =
	SHAPE(placed, FIELD(placed, order, .flags = FIELD_ID), FIELD(placed, state),
		FIELD(placed, total), FIELD(placed, expires_at),
		FIELD(placed, replayed), FIELD(placed, key));

/* The last colon divides: a SKU may hold others. */
static enum err read_line(struct op *op, const char *text, struct checkout_line *out)
{
	const char *colon = strrchr(text, ':');
	char *end;

	if (!colon || colon == text)
		return fail(op, E_USAGE, "line_is_sku_and_quantity",
			"\"%s\" is not SKU:N", text);
	errno = 0;
	out->sku = op_strndup(op, text, (size_t)(colon - text));
	out->qty = strtoll(colon + 1, &end, 10);
	if (errno || end == colon + 1 || *end)
		return fail(op, E_USAGE, "line_is_sku_and_quantity",
			"\"%s\" is not a quantity", colon + 1);
	return OK;
}

static enum err read_lines(struct op *op, struct texts texts, struct checkout *c)
{
	size_t i;

	c->line_count = texts.n;
	c->lines = op_alloc(op, (texts.n + 1) * sizeof *c->lines);
	for (i = 0; i < texts.n; i++)
		TRY(read_line(op, texts.v[i], &c->lines[i]));
	return OK;
}

static void close_op(void *own)
{
	op_close(own);
}

/* A checkout has an op of its own, beside the one that calls the database. */
static struct op *own_op(struct op *op)
{
	struct op *own = op_alloc(op, sizeof *own);

	op_open(own, op->config, op->verb);
	own->trace = op->trace;
	op_defer(op, close_op, own);
	return own;
}

static enum err place(struct op *op, struct checkout *c)
{
	struct checkout_ids *ids = checkout_ids_new();
	enum err e;

	op_defer(op, (void (*)(void *))checkout_ids_free, ids);
	e = checkout_check(c);
	if (e == OK) {
		checkout_fingerprint(c);
		TRY(checkout_place_exact(op, ids, &c, 1));
		e = c->err;
	}
	if (e == OK)
		return OK;
	fail(op, e, c->op->fault.rule, "%s", c->op->fault.text);
	return c->op->fault.hint ? fail_hint(op, "%s", c->op->fault.hint) : e;
}

enum err order_place_run(struct op *op, const void *args)
{
	const struct order_place_args *a = args;
	struct checkout c = {
		.op = own_op(op),
		.key = op->key ? op->key : id_token(op, 22),
		.customer_id = a->customer,
		.currency = a->currency,
		.expected_total = CHECKOUT_ANY_TOTAL,
		.email = a->email,
		.name = a->name,
		.phone = a->phone,
		.locale = a->locale,
		.address = a->address,
		.method = checkout_means(op, a->pay, a->capture, a->method),
		.coupons = a->coupon,
		.shipping = a->shipping,
	};

	TRY(provider_check(op, a->pay));
	if (!c.currency)
		c.currency = *a->expect.currency ? a->expect.currency
						 : op->config->shop.currency;
	if (*a->expect.currency)
		c.expected_total = a->expect.minor;
	if (strcmp(c.currency, *a->expect.currency ? a->expect.currency : c.currency) !=
		0)
		return fail(op, E_USAGE, "order_total_is_agreed",
			"--expect is in another currency than --currency");
	TRY(read_lines(op, a->line, &c));
	TRY(place(op, &c));
	return out_one(op, &placed_shape,
		&(struct placed){
			c.id, c.state, c.total, c.expires_at, c.replayed, c.key });
}
