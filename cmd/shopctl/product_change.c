/* shopctl product: what is changed by hand - of products, their variants and pictures.
 */
#include "shopctl/product_change.h"

#include "base/cli.h"
#include "base/out.h"
#include "domain/product.h"
#include "domain/product_change.h"

#include <string.h>

static enum err put(struct op *op, enum err e, const struct product_after *after)
{
	return e == OK ? out_one(op, &product_after_shape, after) : e;
}

const struct shape product_create_args = SHAPE(product_new,
	FIELD(product_new, title, "TITLE", "as customers read it",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(product_new, changes, "NAME=VALUE",
		"brand, category, status, attribute.X, ...", FIELD_OPERAND),
	FIELD(product_new, sku, "SKU", "of its first variant", FIELD_REQUIRED),
	FIELD(product_new, handle, "HANDLE",
		"its name in links (default from the title)"),
	FIELD(product_new, price, "AMOUNT", "of that variant: 29.99EUR"));

enum err product_create_run(struct op *op, const void *args)
{
	struct product_after after;

	return put(op, product_create(op, args, &after), &after);
}

/* Operands are products, and changes wherever a `=` is; of both any number. */
struct set {
	struct texts words, where;
	int64_t if_version;
};

#define WHERE(tag)                                                                     \
	FIELD(tag, where, "CONDITION",                                                 \
		"those of which it holds: brand=acme, price<20EUR")

const struct shape product_set_args = SHAPE(set,
	FIELD(set, words, "PRODUCT|NAME=VALUE", "handles or SKUs; and what to change",
		FIELD_OPERAND | FIELD_REQUIRED),
	WHERE(set),
	FIELD(set, if_version, "N", "only when the product has that version"));

enum err product_set_run(struct op *op, const void *args)
{
	const struct set *a = args;
	struct product_change c = { .where = a->where, .if_version = a->if_version };
	struct rows rows;
	size_t i;

	c.products.v = op_alloc(op, a->words.n * sizeof *c.products.v);
	c.changes.v = op_alloc(op, a->words.n * sizeof *c.changes.v);
	for (i = 0; i < a->words.n; i++) {
		struct texts *to =
			strchr(a->words.v[i], '=') ? &c.changes : &c.products;

		to->v[to->n++] = a->words.v[i];
	}
	TRY(product_set(op, &c, &rows));
	return out_rows(op, &product_after_shape, rows);
}

const struct shape product_chosen_args = SHAPE(product_change,
	FIELD(product_change, products, "PRODUCT", "handles or SKUs", FIELD_OPERAND),
	WHERE(product_change));

static enum err move(struct op *op, const void *args, const char *status)
{
	struct rows rows;

	TRY(product_move(op, args, status, &rows));
	return out_rows(op, &product_after_shape, rows);
}

enum err product_publish_run(struct op *op, const void *args)
{
	return move(op, args, "active");
}

enum err product_archive_run(struct op *op, const void *args)
{
	return move(op, args, "archived");
}

enum err product_restore_run(struct op *op, const void *args)
{
	return move(op, args, "draft");
}

struct history {
	const char *product;
	int64_t limit;
};

const struct shape product_history_args = SHAPE(history,
	FIELD(history, product, "PRODUCT", "its handle, or a SKU of it",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(history, limit, "N", "at most N, newest first", .initial = "50"));

enum err product_history_run(struct op *op, const void *args)
{
	const struct history *a = args;
	struct rows rows;

	TRY(product_history(op, a->product, a->limit, &rows));
	return out_rows(op, &product_past_shape, rows);
}

struct named {
	const char *name;
};

const struct shape variant_args = SHAPE(
	named, FIELD(named, name, "SKU", "the variant, or the handle of its product",
		       FIELD_OPERAND | FIELD_REQUIRED));

enum err variant_list_run(struct op *op, const void *args)
{
	const struct named *a = args;
	struct rows rows;

	TRY(product_variants(op, a->name, &rows));
	return out_rows(op, &variant_shape, rows);
}

const struct shape variant_add_args = SHAPE(variant_new,
	FIELD(variant_new, product, "PRODUCT", "its handle, or a SKU of it",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(variant_new, sku, "SKU", "of the new variant",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(variant_new, option, "NAME=VALUE", "in the product's order: size=M"),
	FIELD(variant_new, price, "AMOUNT", "29.99EUR"));

enum err variant_add_run(struct op *op, const void *args)
{
	struct product_after after;

	return put(op, variant_add(op, args, &after), &after);
}

struct variant_set {
	const char *sku;
	struct texts changes;
};

const struct shape variant_set_args = SHAPE(variant_set,
	FIELD(variant_set, sku, "SKU", "the variant", FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(variant_set, changes, "NAME=VALUE",
		"barcode, weight, tax_class, shipping, cost, options, image, "
		"attribute.X",
		FIELD_OPERAND | FIELD_REQUIRED));

enum err variant_set_run(struct op *op, const void *args)
{
	const struct variant_set *a = args;
	struct product_after after;

	return put(op, variant_set(op, a->sku, a->changes, &after), &after);
}

enum err variant_archive_run(struct op *op, const void *args)
{
	const struct named *a = args;
	struct product_after after;

	return put(op, variant_archive(op, a->name, true, &after), &after);
}

enum err variant_restore_run(struct op *op, const void *args)
{
	const struct named *a = args;
	struct product_after after;

	return put(op, variant_archive(op, a->name, false, &after), &after);
}

#define IMAGE                                                                          \
	FIELD(product_image, product, "PRODUCT", "its handle, or a SKU of it",         \
		FIELD_OPERAND | FIELD_REQUIRED),                                       \
		FIELD(product_image, url, "URL", "of the picture",                     \
			FIELD_OPERAND | FIELD_REQUIRED)

const struct shape image_put_args = SHAPE(product_image, IMAGE,
	FIELD(product_image, alt, "TEXT", "what is to be seen on it"),
	FIELD(product_image, position, "N", "its place, from 1 (default the last)"));
const struct shape image_remove_args = SHAPE(product_image, IMAGE);

enum err image_put_run(struct op *op, const void *args)
{
	struct product_after after;

	return put(op, product_image_put(op, args, &after), &after);
}

enum err image_remove_run(struct op *op, const void *args)
{
	const struct product_image *a = args;
	struct product_after after;

	return put(op, product_image_remove(op, a->product, a->url, &after), &after);
}
