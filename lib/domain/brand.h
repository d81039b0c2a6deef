/* Brands. */
#ifndef DOMAIN_BRAND_H
#define DOMAIN_BRAND_H

#include "base/field.h"
#include "base/op.h"

struct brand {
	const char *slug, *name;
	int64_t products;
};
extern const struct shape brand_shape;

enum err brand_find(struct op *op, int64_t limit, struct rows *out);

/* By name or slug; E_NOT_FOUND with rule brand_exists. */
enum err brand_create(struct op *op, const char *name, struct brand *out);
enum err brand_set(
	struct op *op, const char *brand, const char *name, struct brand *out);

/* The products of one become the other's, and the one is gone. */
enum err brand_merge(
	struct op *op, const char *brand, const char *into, struct brand *out);

/* E_REFUSED while products are of it. */
enum err brand_delete(struct op *op, const char *brand, struct brand *out);

#endif
