/* Price lists, one api call a verb. */
#include "domain/pricelist.h"

#include "db/db.h"

#include <string.h>

const struct shape pricelist_shape = SHAPE(pricelist,
	FIELD(pricelist, code, .flags = FIELD_ID), FIELD(pricelist, name),
	FIELD(pricelist, currency), FIELD(pricelist, priority),
	FIELD(pricelist, valid_from), FIELD(pricelist, valid_until),
	FIELD(pricelist, prices), FIELD(pricelist, customers));

const struct shape pricelist_price_shape = SHAPE(pricelist_price,
	FIELD(pricelist_price, sku, .flags = FIELD_ID), FIELD(pricelist_price, price),
	FIELD(pricelist_price, shop_price), FIELD(pricelist_price, valid_from),
	FIELD(pricelist_price, valid_until));

const struct shape pricelist_customer_shape = SHAPE(pricelist_customer,
	FIELD(pricelist_customer, customer, .flags = FIELD_ID),
	FIELD(pricelist_customer, email), FIELD(pricelist_customer, name));

enum err pricelist_find(struct op *op, struct rows *out)
{
	return db_rows(op, "pricelist_list", &pricelist_shape, out);
}

enum err pricelist_create(
	struct op *op, const struct pricelist *wanted, struct pricelist *out)
{
	return db_one(op, "pricelist_create", &pricelist_shape, out, V(wanted->code),
		V(wanted->name), V(price_currency(op, wanted->currency)),
		V(wanted->priority), V(wanted->valid_from), V(wanted->valid_until));
}

enum err pricelist_show(struct op *op, const char *code, struct stamp as_of,
	int64_t limit, struct rows *out)
{
	return db_rows(op, "pricelist_show", &pricelist_price_shape, out, V(code),
		V(as_of), V(limit));
}

enum err pricelist_set(
	struct op *op, const struct pricelist_wish *w, struct price_change *out)
{
	struct money m = { 0 };

	if (w->amount)
		TRY(money_parse(op, w->amount, &m));
	return db_one(op, "pricelist_set", &price_change_shape, out, V(w->code),
		V(w->sku), V(m), V(w->from), V(w->until));
}

enum err pricelist_customers(struct op *op, const char *code, struct rows *out)
{
	return db_rows(
		op, "pricelist_customers", &pricelist_customer_shape, out, V(code));
}

enum err pricelist_assign(
	struct op *op, const char *code, struct texts whom, bool has, struct rows *out)
{
	return db_rows(op, "pricelist_assign", &pricelist_customer_shape, out, V(code),
		V(whom), V(has));
}
