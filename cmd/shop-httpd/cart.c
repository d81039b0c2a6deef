/* /v1/carts...: what somebody may order, on the connections of the storefront. */
#include "domain/cart.h"

#include "base/json.h"
#include "domain/checkout.h"
#include "shop-httpd/basket.h"
#include "shop-httpd/door.h"
#include "shop-httpd/route.h"

#include <stdlib.h>
#include <string.h>

/* One request about a cart. */
struct carting {
	struct cart_ref cart;
	bool matched;              /* seen comes from If-Match */
	struct json_reader reader; /* what is wrong with the body */
	const struct json *body;
	bool adds;
	struct cart_item item;
	struct cart_order order;
	struct cart_place place;
	const char *code;
	int64_t customer_id;
	struct cart_view view;
	struct json_text quote;
};

/* If-Match: "7", a version; * is any. */
static bool read_match(struct request *r, struct carting *c)
{
	const char *match = head_get(&r->head, "if-match");
	char *end;

	if (!match || !strcmp(match, "*"))
		return true;
	c->matched = true;
	c->cart.seen = *match == '"' ? strtoll(match + 1, &end, 10) : 0;
	if (c->cart.seen > 0 && !strcmp(end, "\""))
		return true;
	answer_problem(r, 412, "cart_is_current", "%s is no version of a cart", match);
	return false;
}

/* What every route begins with; NULL when it is answered already. */
static struct carting *begin(struct request *r, bool has_body)
{
	struct carting *c = op_alloc(&r->op, sizeof *c);

	r->of = c;
	c->reader.op = &r->op;
	c->cart = (struct cart_ref){ r->client.id, r->tail, 0 };
	if (!read_match(r, c) || (has_body && !request_is_json(r)))
		return NULL;
	if (!has_body || json_parse(&r->op, r->body, r->body_n, &c->body) == OK)
		return c;
	answer_problem(r, 400, r->op.fault.rule, "%s", r->op.fault.text);
	return NULL;
}

static void answer_cart(struct request *r, int status)
{
	const struct carting *c = r->of;
	const struct json *cart;
	int64_t version = 0;

	if (r->op.fault.code != OK) {
		if (c->matched && !strcmp(r->op.fault.rule, "cart_is_current"))
			answer_problem(
				r, 412, r->op.fault.rule, "%s", r->op.fault.text);
		else
			answer_fault(r);
		return;
	}
	if (json_parse(&r->op, c->view.cart.s, strlen(c->view.cart.s), &cart) == OK)
		json_int(json_get(cart, "version"), &version);
	answer_header(r, "ETag", "\"%lld\"", (long long)version);
	if (status == 201)
		answer_header(r, "Location", "/v1/carts/%s",
			json_string(json_get(cart, "id")));
	answer_json(r, status, c->view.cart.s);
}

static void opened(struct request *r)
{
	answer_cart(r, 201);
}

static void done(struct request *r)
{
	answer_cart(r, 200);
}

/* Everything wrong with the body is answered, or the work is done. */
static void go(struct request *r, void (*work)(struct request *r),
	void (*then)(struct request *r))
{
	struct carting *c = r->of;

	if (c->reader.n)
		answer_invalid(r, &c->reader);
	else
		pool_run(r->door->storefront, r, work, then);
}

static void check_qty(struct carting *c, const char *at, int64_t qty, int64_t least)
{
	if (!c->reader.n && (qty < least || qty > CHECKOUT_QTY_MAX))
		json_fault(&c->reader, at, "line_is_within_bounds", "is %d to %d",
			(int)least, CHECKOUT_QTY_MAX);
}

static const struct shape order_shape = SHAPE(cart_order, FIELD(cart_order, currency),
	FIELD(cart_order, customer_id, .flags = FIELD_ID));

static void create_work(struct request *r)
{
	struct carting *c = r->of;

	cart_create(&r->op, r->client.id, &c->order, &c->view);
}

static void create(struct request *r)
{
	struct carting *c = begin(r, true);
	const struct json *lines;
	size_t i;

	if (!c)
		return;
	json_bind(&c->reader, c->body, "", &order_shape, &c->order, "lines");
	lines = json_get(c->body, "lines");
	if (lines && !json_is_null(lines))
		c->order.items =
			json_bind_rows(&c->reader, lines, "/lines", &cart_item_shape);
	for (i = 0; i < c->order.items.n; i++) {
		const struct cart_item *item =
			row_at(&cart_item_shape, c->order.items, i);

		check_qty(c, json_at_index(&r->op, "/lines", i), item->qty, 1);
	}
	go(r, create_work, opened);
}

void cart_open(struct request *r)
{
	client_admit(r, "checkout", create);
}

static void show_work(struct request *r)
{
	struct carting *c = r->of;

	cart_get(&r->op, &c->cart, &c->view);
}

static void show(struct request *r)
{
	if (begin(r, false))
		go(r, show_work, done);
}

void cart_show(struct request *r)
{
	client_admit(r, "checkout", show);
}

static void line_work(struct request *r)
{
	struct carting *c = r->of;

	cart_line(&r->op, &c->cart, &c->item, c->adds, &c->view);
}

static void add(struct request *r)
{
	struct carting *c = begin(r, true);

	if (!c)
		return;
	c->adds = true;
	json_bind(&c->reader, c->body, "", &cart_item_shape, &c->item, NULL);
	check_qty(c, "/qty", c->item.qty, 1);
	go(r, line_work, done);
}

void cart_line_add(struct request *r)
{
	client_admit(r, "checkout", add);
}

static const struct shape qty_shape =
	SHAPE(cart_item, FIELD(cart_item, qty, .flags = FIELD_REQUIRED));

static void set(struct request *r)
{
	struct carting *c = begin(r, true);

	if (!c)
		return;
	json_bind(&c->reader, c->body, "", &qty_shape, &c->item, NULL);
	c->item.sku = r->tail2;
	check_qty(c, "/qty", c->item.qty, 0);
	go(r, line_work, done);
}

void cart_line_set(struct request *r)
{
	client_admit(r, "checkout", set);
}

static void take_out(struct request *r)
{
	struct carting *c = begin(r, false);

	if (!c)
		return;
	c->item.sku = r->tail2;
	go(r, line_work, done);
}

void cart_line_remove(struct request *r)
{
	client_admit(r, "checkout", take_out);
}

static const struct shape coupon_shape =
	SHAPE(carting, FIELD(carting, code, .flags = FIELD_REQUIRED));

static void coupon_work(struct request *r)
{
	struct carting *c = r->of;

	cart_coupon(&r->op, &c->cart, c->code, !c->adds, &c->view);
}

static void coupon(struct request *r)
{
	struct carting *c = begin(r, true);

	if (!c)
		return;
	c->adds = true;
	json_bind(&c->reader, c->body, "", &coupon_shape, c, NULL);
	if (c->code && (!*c->code || strlen(c->code) > 64))
		json_fault(&c->reader, "/code", "coupon_code_is_folded",
			"has 2 to 64 characters");
	go(r, coupon_work, done);
}

void cart_coupon_add(struct request *r)
{
	client_admit(r, "checkout", coupon);
}

static void no_coupon(struct request *r)
{
	struct carting *c = begin(r, false);

	if (!c)
		return;
	c->code = r->tail2;
	go(r, coupon_work, done);
}

void cart_coupon_remove(struct request *r)
{
	client_admit(r, "checkout", no_coupon);
}

static const struct shape merge_shape =
	SHAPE(carting, FIELD(carting, customer_id, .flags = FIELD_ID | FIELD_REQUIRED));

static void merge_work(struct request *r)
{
	struct carting *c = r->of;

	cart_merge(&r->op, &c->cart, c->customer_id, &c->view);
}

static void merge(struct request *r)
{
	struct carting *c = begin(r, true);

	if (!c)
		return;
	json_bind(&c->reader, c->body, "", &merge_shape, c, NULL);
	go(r, merge_work, done);
}

void cart_sign_in(struct request *r)
{
	client_admit(r, "checkout", merge);
}

static const struct shape place_shape = SHAPE(cart_place, FIELD(cart_place, country),
	FIELD(cart_place, state), FIELD(cart_place, postal_code));

static void quote_work(struct request *r)
{
	struct carting *c = r->of;

	cart_quote(&r->op, &c->cart, &c->place, &c->quote);
}

static void quoted(struct request *r)
{
	const struct carting *c = r->of;

	if (r->op.fault.code != OK)
		answer_fault(r);
	else
		answer_json(r, 200, c->quote.s);
}

static void quote(struct request *r)
{
	struct carting *c = begin(r, true);

	if (!c)
		return;
	json_bind(&c->reader, c->body, "", &place_shape, &c->place, "shipping");
	c->place.method = basket_shipping(&c->reader, c->body);
	if (c->place.country &&
		strspn(c->place.country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 2)
		json_fault(&c->reader, "/country", "country_is_known",
			"is a code of two capital letters (ISO 3166-1)");
	go(r, quote_work, quoted);
}

void cart_price(struct request *r)
{
	client_admit(r, "checkout", quote);
}
