/* Products with their variants, as operators look at them. */
#ifndef DOMAIN_PRODUCT_H
#define DOMAIN_PRODUCT_H

#include "base/field.h"
#include "base/op.h"

/* A line of a list; price is the lowest of the variants', in one currency. */
struct product {
	const char *handle, *title, *brand, *category, *status;
	int64_t variants;
	struct money price;
	int64_t on_hand, available;
};
extern const struct shape product_shape;

struct product_filter {
	const char *q, *category, *brand, *status, *currency;
	int64_t limit;
};
enum err product_find(struct op *op, const struct product_filter *f, struct rows *out);

/* One product; variants and images as JSON. */
struct product_page {
	const char *handle, *title, *description, *brand, *category, *supplier, *type;
	struct texts tags;
	const char *status;
	struct texts options;
	struct json_text attributes;
	int64_t version;
	struct stamp created_at, updated_at;
	struct json_text variants, images;
};
extern const struct shape product_page_shape;

/* By handle or by a SKU of it; E_NOT_FOUND with rule product_exists. */
enum err product_show(struct op *op, const char *name, struct product_page *out);

/* A product as a storefront shows it, as JSON; E_NOT_FOUND when it is not for sale. */
struct product_shown {
	struct json_text product;
};
enum err product_offer(struct op *op, const char *name, const char *currency,
	struct product_shown *out);

struct variant {
	const char *sku, *title;
	struct texts options;
	const char *barcode, *prices;
	int64_t on_hand, reserved, available, weight_grams;
	const char *tax_class;
	bool requires_shipping, sellable, archived;
};
extern const struct shape variant_shape;
enum err product_variants(struct op *op, const char *name, struct rows *out);

/*
 * Write the whole catalog as CSV to the result, a row at a time.  dialect is
 * native or shopify; the latter carries one currency and one warehouse.
 */
struct product_export {
	const char *dialect, *currency, *warehouse;
};
enum err product_export(struct op *op, const struct product_export *what);

#endif
