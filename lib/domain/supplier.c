/* Suppliers: who delivers a product. */
#include "domain/supplier.h"

#include "db/db.h"

const struct shape supplier_shape =
	SHAPE(supplier, FIELD(supplier, slug, .flags = FIELD_ID), FIELD(supplier, name),
		FIELD(supplier, email), FIELD(supplier, products));

enum err supplier_find(struct op *op, int64_t limit, struct rows *out)
{
	return db_rows(op, "supplier_list", &supplier_shape, out, V(limit));
}

enum err supplier_create(
	struct op *op, const char *name, const char *email, struct supplier *out)
{
	return db_one(op, "supplier_create", &supplier_shape, out, V(name), V(email));
}

enum err supplier_set(struct op *op, const char *supplier, const char *name,
	const char *email, struct supplier *out)
{
	return db_one(op, "supplier_set", &supplier_shape, out, V(supplier), V(name),
		V(email));
}

enum err supplier_merge(
	struct op *op, const char *supplier, const char *into, struct supplier *out)
{
	return db_one(op, "supplier_merge", &supplier_shape, out, V(supplier), V(into));
}

enum err supplier_delete(struct op *op, const char *supplier, struct supplier *out)
{
	return db_one(op, "supplier_delete", &supplier_shape, out, V(supplier));
}
