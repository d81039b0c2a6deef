/* Taxes: classes of variants, rates of places, and what a basket is taxed. */
#ifndef DOMAIN_TAX_H
#define DOMAIN_TAX_H

#include "base/field.h"
#include "base/op.h"

/* A class that variants name and nobody set has no name. */
struct tax_class {
	const char *code, *name;
	int64_t rates, variants;
};
extern const struct shape tax_class_shape;
enum err tax_class_find(struct op *op, struct rows *out);
enum err tax_class_set(
	struct op *op, const char *code, const char *name, struct tax_class *out);

/* percent is exact, with at most four decimals; no time is for ever. */
struct tax_rate {
	int64_t id;
	const char *country, *region;
	struct texts postcodes;
	const char *tax_class;
	int64_t priority;
	const char *name, *percent;
	bool included, compound, shipping;
	struct stamp valid_from, valid_until;
};
extern const struct shape tax_rate_shape;

struct tax_rate_filter {
	const char *country, *tax_class;
	struct stamp as_of; /* none: now */
	bool all;           /* whenever they hold */
};
enum err tax_rate_find(
	struct op *op, const struct tax_rate_filter *f, struct rows *out);

/* Lay a rate; those of its place that follow or precede it are the answer. */
enum err tax_rate_set(struct op *op, const struct tax_rate *wish, struct rows *out);

/* It ends then; no time is now.  E_NOT_FOUND tax_rate_exists. */
enum err tax_rate_end(struct op *op, int64_t id, struct stamp at, struct rows *out);

/* A line, shipping, a rate, or the total of a quote: part says which. */
struct tax_row {
	const char *part, *sku;
	int64_t qty;
	struct money amount;
	const char *rates;
	struct money net, tax, gross;
};
extern const struct shape tax_row_shape;

/* lines are SKU or SKU:QTY; shipping is an amount or NULL, currency the shop's if NULL.
 */
struct tax_quote {
	struct texts lines;
	const char *country, *region, *postcode, *currency, *customer, *shipping;
	struct stamp as_of;
};
enum err tax_quote(struct op *op, const struct tax_quote *q, struct rows *out);

#endif
