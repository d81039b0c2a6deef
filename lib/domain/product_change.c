/* Changes of products, variants and pictures by hand. */
#include "domain/product_change.h"

#include "db/db.h"

const struct shape product_after_shape = SHAPE(product_after,
	FIELD(product_after, handle, .flags = FIELD_ID), FIELD(product_after, version),
	FIELD(product_after, status), FIELD(product_after, changed));

const struct shape product_past_shape = SHAPE(product_past, FIELD(product_past, at),
	FIELD(product_past, actor), FIELD(product_past, object),
	FIELD(product_past, action), FIELD(product_past, reason),
	FIELD(product_past, before), FIELD(product_past, after));

/* 0 is none. */
static const char *number(struct op *op, int64_t n)
{
	return n ? op_printf(op, "%lld", (long long)n) : NULL;
}

enum err product_set(struct op *op, const struct product_change *c, struct rows *out)
{
	return db_rows(op, "product_set", &product_after_shape, out, V(c->products),
		V(c->where), V(c->changes), V(number(op, c->if_version)));
}

enum err product_move(struct op *op, const struct product_change *c, const char *status,
	struct rows *out)
{
	return db_rows(op, "product_move", &product_after_shape, out, V(c->products),
		V(c->where), V(status));
}

enum err product_create(
	struct op *op, const struct product_new *p, struct product_after *out)
{
	return db_one(op, "product_create", &product_after_shape, out, V(p->handle),
		V(p->sku), V(p->title), V(p->changes), V(p->price));
}

enum err variant_add(
	struct op *op, const struct variant_new *v, struct product_after *out)
{
	return db_one(op, "variant_add", &product_after_shape, out, V(v->product),
		V(v->sku), V(v->option), V(v->price));
}

enum err variant_set(
	struct op *op, const char *sku, struct texts changes, struct product_after *out)
{
	return db_one(op, "variant_set", &product_after_shape, out, V(sku), V(changes));
}

enum err variant_archive(
	struct op *op, const char *sku, bool archived, struct product_after *out)
{
	return db_one(
		op, "variant_archive", &product_after_shape, out, V(sku), V(archived));
}

enum err product_image_put(
	struct op *op, const struct product_image *i, struct product_after *out)
{
	return db_one(op, "product_image_put", &product_after_shape, out, V(i->product),
		V(i->url), V(i->alt), V(number(op, i->position)));
}

enum err product_image_remove(
	struct op *op, const char *product, const char *url, struct product_after *out)
{
	return db_one(op, "product_image_remove", &product_after_shape, out, V(product),
		V(url));
}

enum err product_history(
	struct op *op, const char *product, int64_t limit, struct rows *out)
{
	return db_rows(
		op, "product_history", &product_past_shape, out, V(product), V(limit));
}

struct document {
	struct json_text document;
};

static const struct shape document_shape = SHAPE(document, FIELD(document, document));

enum err product_document(struct op *op, const char *product, const char **json)
{
	struct document d;

	TRY(db_one(op, "product_document", &document_shape, &d, V(product)));
	*json = d.document.s;
	return OK;
}

enum err product_put(struct op *op, const char *json, struct product_after *out)
{
	return db_one(op, "product_put", &product_after_shape, out,
		V((struct json_text){ json }));
}
