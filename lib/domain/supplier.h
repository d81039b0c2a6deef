/* Suppliers: who delivers a product. */
#ifndef DOMAIN_SUPPLIER_H
#define DOMAIN_SUPPLIER_H

#include "base/field.h"
#include "base/op.h"

struct supplier {
	const char *slug, *name, *email;
	int64_t products;
};
extern const struct shape supplier_shape;

enum err supplier_find(struct op *op, int64_t limit, struct rows *out);

/* By name or slug; E_NOT_FOUND with rule supplier_exists. */
enum err supplier_create(
	struct op *op, const char *name, const char *email, struct supplier *out);

/* NULL leaves the name or the address as it is; an empty address takes it away. */
enum err supplier_set(struct op *op, const char *supplier, const char *name,
	const char *email, struct supplier *out);

/* The products of one become the other's, and the one is gone. */
enum err supplier_merge(
	struct op *op, const char *supplier, const char *into, struct supplier *out);

/* E_REFUSED while products are of it. */
enum err supplier_delete(struct op *op, const char *supplier, struct supplier *out);

#endif
