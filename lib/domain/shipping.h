/* What sending costs: zones of places, and the rates of each zone's methods. */
#ifndef DOMAIN_SHIPPING_H
#define DOMAIN_SHIPPING_H

#include "base/field.h"
#include "base/op.h"

/* areas: DE, US-CA, DE:80 for postcodes that begin so, * for the rest of the world. */
struct shipping_zone {
	const char *code, *name;
	struct texts areas;
	int64_t methods;
};
extern const struct shape shipping_zone_shape;

enum err shipping_zone_find(struct op *op, const char *code, struct rows *out);

/* Make or change a zone: a name of NULL stays, and so do areas when there are none. */
enum err shipping_zone_set(
	struct op *op, const struct shipping_zone *wish, struct rows *out);
enum err shipping_zone_remove(struct op *op, const char *code, const char **out);

/* Bands reach from one bound to below the other; an until of 0 is without end. */
struct shipping_rate {
	int64_t id;
	const char *zone, *method, *name;
	struct money price, per_kg, total_from, total_until, free_above;
	int64_t weight_from, weight_until; /* grams */
	struct stamp valid_from, valid_until;
};
extern const struct shape shipping_rate_shape;

struct shipping_rate_filter {
	const char *zone, *method;
	struct stamp as_of; /* none: now */
	bool all;           /* whenever they hold */
};
enum err shipping_rate_find(
	struct op *op, const struct shipping_rate_filter *f, struct rows *out);

/* Amounts as a person writes them, NULL for none; grams 0 for none. */
struct shipping_rate_wish {
	const char *zone, *method, *price, *name, *currency;
	const char *per_kg, *free_above, *total_from, *total_until;
	int64_t weight_from, weight_until;
	struct stamp from, until;
};

/* Lay a rate; those of its method are the answer.  E_REFUSED:
 * shipping_rates_never_overlap, shipping_rate_was_paid. */
enum err shipping_rate_set(
	struct op *op, const struct shipping_rate_wish *w, struct rows *out);

/* It ends then; no time is now.  E_NOT_FOUND shipping_rate_exists. */
enum err shipping_rate_remove(
	struct op *op, int64_t id, struct stamp at, struct rows *out);

#endif
