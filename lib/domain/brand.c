/* Brands. */
#include "domain/brand.h"

#include "db/db.h"

const struct shape brand_shape = SHAPE(brand, FIELD(brand, slug, .flags = FIELD_ID),
	FIELD(brand, name), FIELD(brand, products));

enum err brand_find(struct op *op, int64_t limit, struct rows *out)
{
	return db_rows(op, "brand_list", &brand_shape, out, V(limit));
}

enum err brand_create(struct op *op, const char *name, struct brand *out)
{
	return db_one(op, "brand_create", &brand_shape, out, V(name));
}

enum err brand_set(
	struct op *op, const char *brand, const char *name, struct brand *out)
{
	return db_one(op, "brand_set", &brand_shape, out, V(brand), V(name));
}

enum err brand_merge(
	struct op *op, const char *brand, const char *into, struct brand *out)
{
	return db_one(op, "brand_merge", &brand_shape, out, V(brand), V(into));
}

enum err brand_delete(struct op *op, const char *brand, struct brand *out)
{
	return db_one(op, "brand_delete", &brand_shape, out, V(brand));
}
