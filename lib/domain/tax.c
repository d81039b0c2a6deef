/* Taxes, one api call a verb. */
#include "domain/tax.h"

#include "db/db.h"
#include "domain/price.h"

const struct shape tax_class_shape = SHAPE(tax_class,
	FIELD(tax_class, code, .flags = FIELD_ID), FIELD(tax_class, name),
	FIELD(tax_class, rates), FIELD(tax_class, variants));

const struct shape tax_rate_shape = SHAPE(tax_rate,
	FIELD(tax_rate, id, .flags = FIELD_ID), FIELD(tax_rate, country),
	FIELD(tax_rate, region), FIELD(tax_rate, postcodes), FIELD(tax_rate, tax_class),
	FIELD(tax_rate, priority), FIELD(tax_rate, name), FIELD(tax_rate, percent),
	FIELD(tax_rate, included), FIELD(tax_rate, compound), FIELD(tax_rate, shipping),
	FIELD(tax_rate, valid_from), FIELD(tax_rate, valid_until));

const struct shape tax_row_shape =
	SHAPE(tax_row, FIELD(tax_row, part), FIELD(tax_row, sku, .flags = FIELD_ID),
		FIELD(tax_row, qty, .flags = FIELD_OPTIONAL), FIELD(tax_row, amount),
		FIELD(tax_row, rates), FIELD(tax_row, net), FIELD(tax_row, tax),
		FIELD(tax_row, gross));

enum err tax_class_find(struct op *op, struct rows *out)
{
	return db_rows(op, "tax_class_list", &tax_class_shape, out);
}

enum err tax_class_set(
	struct op *op, const char *code, const char *name, struct tax_class *out)
{
	return db_one(op, "tax_class_set", &tax_class_shape, out, V(code), V(name));
}

enum err tax_rate_find(struct op *op, const struct tax_rate_filter *f, struct rows *out)
{
	return db_rows(op, "tax_rate_list", &tax_rate_shape, out, V(f->country),
		V(f->tax_class), V(f->as_of), V(f->all));
}

/* Which rate was touched, and where. */
struct touched {
	int64_t id;
	const char *country_code;
};
static const struct shape touched_shape =
	SHAPE(touched, FIELD(touched, id), FIELD(touched, country_code));

/* All rates of the country and class, so that what made room is seen, too. */
static enum err around(
	struct op *op, const struct touched *t, const char *tax_class, struct rows *out)
{
	const struct tax_rate_filter f = {
		.country = t->country_code, .tax_class = tax_class, .all = true
	};

	return tax_rate_find(op, &f, out);
}

enum err tax_rate_set(struct op *op, const struct tax_rate *w, struct rows *out)
{
	struct touched t = { 0 };

	TRY(db_one(op, "tax_rate_set", &touched_shape, &t, V(w->country), V(w->region),
		V(w->postcodes), V(w->tax_class), V(w->priority), V(w->name),
		V(w->percent), V(w->included), V(w->compound), V(w->shipping),
		V(w->valid_from), V(w->valid_until)));
	return around(op, &t, w->tax_class, out);
}

enum err tax_rate_end(struct op *op, int64_t id, struct stamp at, struct rows *out)
{
	struct touched t = { 0 };

	TRY(db_one(op, "tax_rate_end", &touched_shape, &t, V(id), V(at)));
	return around(op, &t, NULL, out);
}

enum err tax_quote(struct op *op, const struct tax_quote *q, struct rows *out)
{
	const char *currency = price_currency(op, q->currency), *shipping = NULL;
	struct money m;

	if (q->shipping) {
		TRY(money_parse_as(op, q->shipping, currency, &m));
		shipping = op_printf(op, "%lld", (long long)m.minor);
	}
	return db_rows(op, "tax_quote", &tax_row_shape, out, V(q->lines), V(shipping),
		V(currency), V(q->country), V(q->region), V(q->postcode),
		V(q->customer), V(q->as_of));
}
