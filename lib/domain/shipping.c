/* Shipping zones and rates, one api call a verb. */
#include "domain/shipping.h"

#include "db/db.h"
#include "domain/price.h"

const struct shape shipping_zone_shape = SHAPE(shipping_zone,
	FIELD(shipping_zone, code, .flags = FIELD_ID), FIELD(shipping_zone, name),
	FIELD(shipping_zone, areas), FIELD(shipping_zone, methods));

const struct shape shipping_rate_shape =
	SHAPE(shipping_rate, FIELD(shipping_rate, id, .flags = FIELD_ID),
		FIELD(shipping_rate, zone), FIELD(shipping_rate, method),
		FIELD(shipping_rate, name), FIELD(shipping_rate, price),
		FIELD(shipping_rate, per_kg), FIELD(shipping_rate, weight_from),
		FIELD(shipping_rate, weight_until, .flags = FIELD_OPTIONAL),
		FIELD(shipping_rate, total_from), FIELD(shipping_rate, total_until),
		FIELD(shipping_rate, free_above), FIELD(shipping_rate, valid_from),
		FIELD(shipping_rate, valid_until));

enum err shipping_zone_find(struct op *op, const char *code, struct rows *out)
{
	return db_rows(op, "shipping_zone_list", &shipping_zone_shape, out, V(code));
}

/* Which zone was touched. */
struct touched {
	int64_t id;
	const char *zone, *zone_code;
};
static const struct shape zone_touched_shape = SHAPE(touched, FIELD(touched, zone));
static const struct shape rate_touched_shape =
	SHAPE(touched, FIELD(touched, id), FIELD(touched, zone_code));

enum err shipping_zone_set(
	struct op *op, const struct shipping_zone *w, struct rows *out)
{
	struct touched t = { 0 };

	TRY(db_one(op, "shipping_zone_set", &zone_touched_shape, &t, V(w->code),
		V(w->name), V(w->areas)));
	return shipping_zone_find(op, t.zone, out);
}

enum err shipping_zone_remove(struct op *op, const char *code, const char **out)
{
	struct touched t = { 0 };

	TRY(db_one(op, "shipping_zone_remove", &zone_touched_shape, &t, V(code)));
	*out = t.zone;
	return OK;
}

enum err shipping_rate_find(
	struct op *op, const struct shipping_rate_filter *f, struct rows *out)
{
	return db_rows(op, "shipping_rate_list", &shipping_rate_shape, out, V(f->zone),
		V(f->method), V(f->as_of), V(f->all));
}

/* An amount of the rate's currency; none is null. */
static enum err minor_of(
	struct op *op, const char *amount, const char *currency, struct value *out)
{
	struct money m;

	*out = (struct value){ 0 };
	if (!amount)
		return OK;
	TRY(money_parse_as(op, amount, currency, &m));
	*out = V(m.minor);
	return OK;
}

/* All rates of the zone, so that what made room is seen, too. */
static enum err around(
	struct op *op, const struct touched *t, const char *method, struct rows *out)
{
	const struct shipping_rate_filter f = {
		.zone = t->zone_code, .method = method, .all = true
	};

	return shipping_rate_find(op, &f, out);
}

enum err shipping_rate_set(
	struct op *op, const struct shipping_rate_wish *w, struct rows *out)
{
	const char *currency = price_currency(op, w->currency);
	struct value none = { 0 }, price, per_kg, free_above, from, until;
	struct touched t = { 0 };

	TRY(minor_of(op, w->price, currency, &price));
	TRY(minor_of(op, w->per_kg, currency, &per_kg));
	TRY(minor_of(op, w->free_above, currency, &free_above));
	TRY(minor_of(op, w->total_from, currency, &from));
	TRY(minor_of(op, w->total_until, currency, &until));
	TRY(db_one(op, "shipping_rate_set", &rate_touched_shape, &t, V(w->zone),
		V(w->method), V(w->name), V(currency), price, per_kg, free_above,
		V(w->weight_from), w->weight_until ? V(w->weight_until) : none, from,
		until, V(w->from), V(w->until)));
	return around(op, &t, w->method, out);
}

enum err shipping_rate_remove(
	struct op *op, int64_t id, struct stamp at, struct rows *out)
{
	struct touched t = { 0 };

	TRY(db_one(op, "shipping_rate_remove", &rate_touched_shape, &t, V(id), V(at)));
	return around(op, &t, NULL, out);
}
