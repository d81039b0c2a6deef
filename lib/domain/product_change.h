/* Changes of products, variants and pictures by hand; each is in the product's history.
 */
#ifndef DOMAIN_PRODUCT_CHANGE_H
#define DOMAIN_PRODUCT_CHANGE_H

#include "base/field.h"
#include "base/op.h"

/* What became of a product; changed is false when it was so already. */
struct product_after {
	const char *handle;
	int64_t version;
	const char *status;
	bool changed;
};
extern const struct shape product_after_shape;

/*
 * Products by handle or SKU, or those of all conditions (`KEY OP VALUE`).  Changes are
 * texts NAME=VALUE; version 0 is any.  E_REFUSED product_version_is_current when it is
 * not the product's.
 */
struct product_change {
	struct texts products, where, changes;
	int64_t if_version;
};
enum err product_set(struct op *op, const struct product_change *c, struct rows *out);

/* To draft, active or archived. */
enum err product_move(struct op *op, const struct product_change *c, const char *status,
	struct rows *out);

/* A product with one variant.  handle NULL: made of the title; no price: none. */
struct product_new {
	const char *handle, *sku, *title;
	struct money price;
	struct texts changes;
};
enum err product_create(
	struct op *op, const struct product_new *p, struct product_after *out);

/* One more variant of a product; options as NAME=VALUE in the product's order. */
struct variant_new {
	const char *product, *sku;
	struct texts option;
	struct money price;
};
enum err variant_add(
	struct op *op, const struct variant_new *v, struct product_after *out);
enum err variant_set(struct op *op, const char *sku, struct texts changes,
	struct product_after *out);
enum err variant_archive(
	struct op *op, const char *sku, bool archived, struct product_after *out);

/* position 0: where it is, or at the end. */
struct product_image {
	const char *product, *url, *alt;
	int64_t position;
};
enum err product_image_put(
	struct op *op, const struct product_image *i, struct product_after *out);
enum err product_image_remove(
	struct op *op, const char *product, const char *url, struct product_after *out);

/* A change of a product, of a variant or of a price, newest first. */
struct product_past {
	struct stamp at;
	const char *actor, *object, *action, *reason;
	struct json_text before, after;
};
extern const struct shape product_past_shape;
enum err product_history(
	struct op *op, const char *product, int64_t limit, struct rows *out);

/*
 * A product as one JSON document that a person can change as a whole, and the same
 * document back: what it lacks stays as it is.  The version is in it.
 */
enum err product_document(struct op *op, const char *product, const char **json);
enum err product_put(struct op *op, const char *json, struct product_after *out);

#endif
