/* Carts: what somebody may order. */
#include "domain/cart.h"

#include "base/config.h"
#include "base/id.h"
#include "db/db.h"

enum { TOKEN = 24 }; /* 142 bits: nobody guesses somebody else's */

static const struct shape view_shape = SHAPE(cart_view, FIELD(cart_view, cart));

const struct shape cart_item_shape =
	SHAPE(cart_item, FIELD(cart_item, sku, .flags = FIELD_REQUIRED),
		FIELD(cart_item, qty, .flags = FIELD_REQUIRED));

static struct value seen(struct op *op, const struct cart_ref *c)
{
	return c->seen ? V(c->seen) : V((const char *)NULL);
}

static struct value days(struct op *op)
{
	return V(op->config->retention.cart_days);
}

enum err cart_create(struct op *op, int64_t client_id, const struct cart_order *what,
	struct cart_view *out)
{
	size_t i, n = what->items.n;
	const char **skus = op_alloc(op, (n + 1) * sizeof *skus);
	int64_t *qtys = op_alloc(op, (n + 1) * sizeof *qtys);
	struct texts sku_list = { skus, n };
	struct ints qty_list = { qtys, n };

	for (i = 0; i < n; i++) {
		const struct cart_item *item = row_at(&cart_item_shape, what->items, i);

		skus[i] = item->sku;
		qtys[i] = item->qty;
	}
	return db_one(op, "cart_create", &view_shape, out, V(client_id),
		V(op_printf(op, "ct_%s", id_token(op, TOKEN))),
		V(what->currency ? what->currency : op->config->shop.currency),
		V(what->customer_id), V(sku_list), V(qty_list), days(op));
}

enum err cart_get(struct op *op, const struct cart_ref *c, struct cart_view *out)
{
	return db_one(op, "cart_get", &view_shape, out, V(c->client_id), V(c->id));
}

enum err cart_line(struct op *op, const struct cart_ref *c,
	const struct cart_item *item, bool adds, struct cart_view *out)
{
	return db_one(op, "cart_line", &view_shape, out, V(c->client_id), V(c->id),
		seen(op, c), V(item->sku), V(item->qty), V(adds), days(op));
}

enum err cart_coupon(struct op *op, const struct cart_ref *c, const char *code,
	bool gone, struct cart_view *out)
{
	return db_one(op, "cart_coupon", &view_shape, out, V(c->client_id), V(c->id),
		seen(op, c), V(code), V(gone), days(op));
}

enum err cart_merge(struct op *op, const struct cart_ref *c, int64_t customer_id,
	struct cart_view *out)
{
	return db_one(op, "cart_merge", &view_shape, out, V(c->client_id), V(c->id),
		seen(op, c), V(customer_id), days(op));
}

struct quoted {
	struct json_text quote;
};
static const struct shape quoted_shape = SHAPE(quoted, FIELD(quoted, quote));

enum err cart_quote(struct op *op, const struct cart_ref *c,
	const struct cart_place *to, struct json_text *out)
{
	struct quoted q;

	TRY(db_one(op, "cart_quote", &quoted_shape, &q, V(c->client_id), V(c->id),
		V(to->country), V(to->state), V(to->postal_code), V(to->method)));
	*out = q.quote;
	return OK;
}
