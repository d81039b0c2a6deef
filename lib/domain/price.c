/* Prices, one api call a verb. */
#include "domain/price.h"

#include "base/config.h"
#include "db/db.h"

#include <ctype.h>
#include <string.h>

const struct shape price_shape = SHAPE(price, FIELD(price, sku, .flags = FIELD_ID),
	FIELD(price, price), FIELD(price, compare_at), FIELD(price, scheduled),
	FIELD(price, valid_from), FIELD(price, valid_until));

const struct shape price_range_shape = SHAPE(price_range, FIELD(price_range, pricelist),
	FIELD(price_range, price), FIELD(price_range, compare_at),
	FIELD(price_range, state), FIELD(price_range, scheduled),
	FIELD(price_range, valid_from), FIELD(price_range, valid_until));

const struct shape price_change_shape = SHAPE(price_change,
	FIELD(price_change, sku, .flags = FIELD_ID), FIELD(price_change, before),
	FIELD(price_change, after), FIELD(price_change, compare_at),
	FIELD(price_change, valid_from), FIELD(price_change, valid_until));

const struct shape price_event_shape = SHAPE(price_event, FIELD(price_event, at),
	FIELD(price_event, actor), FIELD(price_event, action),
	FIELD(price_event, reason), FIELD(price_event, pricelist),
	FIELD(price_event, before), FIELD(price_event, after));

const char *price_currency(struct op *op, const char *given)
{
	char *code = op_strdup(op, given ? given : op->config->shop.currency), *p;

	for (p = code; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	return code;
}

enum err price_find(struct op *op, const struct price_filter *f, struct rows *out)
{
	return db_rows(op, "price_list", &price_shape, out, V(f->where),
		V(f->currency ? price_currency(op, f->currency) : NULL), V(f->as_of),
		V(f->scheduled), V(f->limit));
}

enum err price_show(
	struct op *op, const char *sku, struct stamp as_of, struct rows *out)
{
	return db_rows(op, "price_show", &price_range_shape, out, V(sku), V(as_of));
}

/* What is crossed out, as the api wants it: NULL keeps, "-1" takes away, or minor
 * units; 29.99 without a code is in the currency of the price. */
static enum err crossed_out(
	struct op *op, const char *given, struct money price, const char **out)
{
	struct money m;

	*out = NULL;
	if (!given)
		return OK;
	if (!strcmp(given, "none")) {
		*out = "-1";
		return OK;
	}
	if (strspn(given, "0123456789., ") < strlen(given))
		TRY(money_parse(op, given, &m));
	else
		TRY(money_parse_as(op, given, price.currency, &m));
	if (strcmp(m.currency, price.currency) != 0)
		return fail(op, E_USAGE, "currencies_agree",
			"--compare-at is in %s and the price in %s", m.currency,
			price.currency);
	*out = op_printf(op, "%lld", (long long)m.minor);
	return OK;
}

enum err price_set(struct op *op, const struct price_wish *w, struct price_change *out)
{
	struct money amount;
	const char *compare;

	TRY(money_parse(op, w->amount, &amount));
	TRY(crossed_out(op, w->compare_at, amount, &compare));
	return db_one(op, "price_set", &price_change_shape, out, V(w->sku), V(amount),
		V(compare), V(w->from));
}

enum err price_schedule(
	struct op *op, const struct price_wish *w, struct price_change *out)
{
	struct money amount;
	const char *compare;

	TRY(money_parse(op, w->amount, &amount));
	TRY(crossed_out(op, w->compare_at, amount, &compare));
	return db_one(op, "price_schedule", &price_change_shape, out, V(w->sku),
		V(amount), V(compare), V(w->from), V(w->until));
}

enum err price_cancel(struct op *op, const char *sku, const char *currency,
	struct stamp from, struct price_change *out)
{
	return db_one(op, "price_cancel", &price_change_shape, out, V(sku),
		V(price_currency(op, currency)), V(from));
}

enum err price_bulk(struct op *op, const struct price_bulk *b,
	enum err (*each)(struct op *op, void *ctx, void *change), void *ctx)
{
	const char *currency = price_currency(op, b->currency), *floor = b->floor;
	struct money least;

	if (!b->where.n) {
		fail(op, E_USAGE, "filter_is_given", "nothing says which prices");
		return fail_hint(op, "add --where CONDITION; all: --where 'sku~'");
	}
	if (floor && strcmp(floor, "cost") != 0) {
		TRY(money_parse_as(op, floor, currency, &least));
		floor = op_printf(op, "%lld", (long long)least.minor);
	}
	return db_each(op, "price_bulk", &price_change_shape, each, ctx, V(b->where),
		V(currency), V(b->expr), V(b->round), V(floor), V(b->from),
		V(b->until));
}

enum err price_history(struct op *op, const char *sku, int64_t limit, struct rows *out)
{
	return db_rows(op, "price_history", &price_event_shape, out, V(sku), V(limit));
}
