/* The body of POST /v1/checkouts: who buys what, and what they expect to pay. */
#include "shop-httpd/basket.h"

#include "adapters/provider.h"

#include <string.h>

enum { TEXT_MAX = 200 };

struct basket {
	int64_t customer_id;
	const char *currency;
	struct money expected_total;
	struct texts coupons;
};
static const struct shape basket_shape = SHAPE(basket,
	FIELD(basket, customer_id, .flags = FIELD_ID), FIELD(basket, coupons),
	FIELD(basket, currency, .flags = FIELD_REQUIRED),
	FIELD(basket, expected_total, .flags = FIELD_REQUIRED));

struct buyer {
	const char *email, *name, *phone, *locale;
};
static const struct shape buyer_shape =
	SHAPE(buyer, FIELD(buyer, email, .flags = FIELD_REQUIRED), FIELD(buyer, name),
		FIELD(buyer, phone), FIELD(buyer, locale));

static const struct shape line_shape =
	SHAPE(checkout_line, FIELD(checkout_line, sku, .flags = FIELD_REQUIRED),
		FIELD(checkout_line, qty, .flags = FIELD_REQUIRED));

struct address {
	const char *name, *line1, *line2, *postal_code, *city, *state, *country, *phone;
};
static const struct shape address_shape = SHAPE(address, FIELD(address, name),
	FIELD(address, line1, .flags = FIELD_REQUIRED), FIELD(address, line2),
	FIELD(address, postal_code), FIELD(address, city, .flags = FIELD_REQUIRED),
	FIELD(address, state), FIELD(address, country, .flags = FIELD_REQUIRED),
	FIELD(address, phone));

struct method {
	const char *method, *provider, *capture;
};
static const struct shape method_shape = SHAPE(method, FIELD(method, method),
	FIELD(method, provider), FIELD(method, capture, .choices = "automatic|manual"));

struct shipping {
	const char *method;
};
static const struct shape shipping_shape =
	SHAPE(shipping, FIELD(shipping, method, .flags = FIELD_REQUIRED));

/* No text of a person is longer, and none is empty. */
static void check_texts(
	struct json_reader *r, const char *at, const struct shape *s, const void *item)
{
	size_t i;

	for (i = 0; i < s->count; i++) {
		const struct field *f = &s->fields[i];
		const char *text =
			f->type == FIELD_TEXT ? field_text(r->op, f, item) : NULL;

		if (text && strlen(text) > TEXT_MAX)
			json_fault(r, json_at(r->op, at, f->name), "text_is_bounded",
				"is longer than %d bytes", TEXT_MAX);
		else if (text && !*text && (f->flags & FIELD_REQUIRED))
			json_fault(r, json_at(r->op, at, f->name), "member_is_given",
				"is empty");
	}
}

static void read_object(struct json_reader *r, const struct json *object,
	const char *at, const struct shape *s, void *item)
{
	json_bind(r, object, at, s, item, NULL);
	check_texts(r, at, s, item);
}

/* A member that is not even a number needs no second word about its size. */
static bool is_blamed(const struct json_reader *r, const char *at)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (strcmp(r->faults[i].pointer, at) == 0)
			return true;
	return false;
}

struct cart {
	const char *id;
	int64_t version;
};
static const struct shape cart_shape =
	SHAPE(cart, FIELD(cart, id, .flags = FIELD_REQUIRED),
		FIELD(cart, version, .flags = FIELD_REQUIRED));

static void read_cart(
	struct json_reader *r, const struct json *object, struct checkout *c)
{
	struct cart cart = { 0 };

	if (!object || json_is_null(object))
		return;
	read_object(r, object, "/cart", &cart_shape, &cart);
	if (cart.version < 0)
		json_fault(r, "/cart/version", "cart_has_a_version", "is below zero");
	if (cart.id)
		c->cart = op_printf(r->op, "%lld/%s", (long long)cart.version, cart.id);
}

static void check_qty(struct json_reader *r, const char *line, int64_t qty)
{
	const char *at = json_at(r->op, line, "qty");

	if ((qty < 1 || qty > CHECKOUT_QTY_MAX) && !is_blamed(r, at))
		json_fault(
			r, at, "line_is_within_bounds", "is 1 to %d", CHECKOUT_QTY_MAX);
}

static void read_lines(
	struct json_reader *r, const struct json *lines, struct checkout *c)
{
	struct rows rows = json_bind_rows(r, lines, "/lines", &line_shape);
	size_t i;

	c->lines = rows.items;
	c->line_count = rows.n;
	if (json_is_array(lines) && (rows.n < 1 || rows.n > CHECKOUT_LINES_MAX))
		json_fault(r, "/lines", "order_has_lines", "has 1 to %d lines",
			CHECKOUT_LINES_MAX);
	for (i = 0; i < rows.n; i++) {
		const char *at = json_at_index(r->op, "/lines", i);

		check_texts(r, at, &line_shape, &c->lines[i]);
		check_qty(r, at, c->lines[i].qty);
	}
}

static void read_address(
	struct json_reader *r, const struct json *address, struct checkout *c)
{
	struct address a = { 0 };

	if (!address || json_is_null(address))
		return;
	read_object(r, address, "/shipping_address", &address_shape, &a);
	if (a.country && strspn(a.country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 2)
		json_fault(r, "/shipping_address/country", "country_is_known",
			"is a code of two capital letters (ISO 3166-1)");
	c->address = json_text_of(r->op, address);
}

static void read_method(
	struct json_reader *r, const struct json *payment, struct checkout *c)
{
	struct method m = { 0 };

	if (payment && !json_is_null(payment))
		read_object(r, payment, "/payment", &method_shape, &m);
	if (m.method && strncmp(m.method, "pm_", 3) != 0)
		json_fault(r, "/payment/method", "payment_method_is_saved",
			"is a saved method of the provider, pm_...");
	if (provider_check(r->op, m.provider) != OK) {
		fault_clear(r->op);
		json_fault(r, "/payment/provider", "provider_is_known",
			"is nobody we speak to");
		return;
	}
	c->method = checkout_means(r->op, m.provider, m.capture, m.method);
}

const char *basket_shipping(struct json_reader *r, const struct json *body)
{
	const struct json *shipping = json_get(body, "shipping");
	struct shipping s = { 0 };

	if (shipping && !json_is_null(shipping))
		read_object(r, shipping, "/shipping", &shipping_shape, &s);
	return s.method;
}

static void check_coupons(struct json_reader *r, struct texts codes)
{
	size_t i;

	if (codes.n > CHECKOUT_COUPONS_MAX)
		json_fault(r, "/coupons", "coupons_are_bounded", "has up to %d codes",
			CHECKOUT_COUPONS_MAX);
	for (i = 0; i < codes.n; i++)
		if (!*codes.v[i] || strlen(codes.v[i]) > CHECKOUT_CODE_MAX)
			json_fault(r, json_at_index(r->op, "/coupons", i),
				"coupon_code_is_folded", "has 1 to %d characters",
				CHECKOUT_CODE_MAX);
}

void basket_read(struct json_reader *r, const struct json *body, struct checkout *c)
{
	struct basket b = { 0 };
	struct buyer buyer = { 0 };

	json_bind(r, body, "", &basket_shape, &b,
		"customer|lines|shipping|shipping_address|payment|cart");
	if (!json_is_object(body))
		return;
	read_object(r, json_get(body, "customer"), "/customer", &buyer_shape, &buyer);
	read_lines(r, json_get(body, "lines"), c);
	read_address(r, json_get(body, "shipping_address"), c);
	c->shipping = basket_shipping(r, body);
	read_method(r, json_get(body, "payment"), c);
	read_cart(r, json_get(body, "cart"), c);
	check_coupons(r, b.coupons);
	if (b.currency && money_exponent(b.currency) < 0)
		json_fault(
			r, "/currency", "currency_is_known", "is not an ISO 4217 code");
	else if (b.currency && *b.expected_total.currency &&
		 strcmp(b.currency, b.expected_total.currency) != 0)
		json_fault(r, "/expected_total/currency", "currency_is_one",
			"is not the currency of the checkout");
	if (b.expected_total.minor < 0)
		json_fault(r, "/expected_total/amount", "order_total_is_positive",
			"is below zero");
	c->coupons = b.coupons;
	c->customer_id = b.customer_id;
	c->currency = b.currency;
	c->expected_total = b.expected_total.minor;
	c->email = buyer.email;
	c->name = buyer.name ? buyer.name : "";
	c->phone = buyer.phone;
	c->locale = buyer.locale ? buyer.locale : "en";
}
