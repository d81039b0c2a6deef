/* Products with their variants: lists, one product, export. */
#include "domain/product.h"

#include "base/config.h"
#include "base/csv.h"
#include "base/out.h"
#include "db/db.h"

#include <string.h>

const struct shape product_shape =
	SHAPE(product, FIELD(product, handle, .flags = FIELD_ID), FIELD(product, title),
		FIELD(product, brand), FIELD(product, category), FIELD(product, status),
		FIELD(product, variants), FIELD(product, price),
		FIELD(product, on_hand), FIELD(product, available));

const struct shape product_page_shape = SHAPE(product_page,
	FIELD(product_page, handle, .flags = FIELD_ID), FIELD(product_page, title),
	FIELD(product_page, description), FIELD(product_page, brand),
	FIELD(product_page, category), FIELD(product_page, supplier),
	FIELD(product_page, type), FIELD(product_page, tags),
	FIELD(product_page, status), FIELD(product_page, options),
	FIELD(product_page, attributes), FIELD(product_page, version),
	FIELD(product_page, created_at), FIELD(product_page, updated_at),
	FIELD(product_page, variants), FIELD(product_page, images));

const struct shape variant_shape =
	SHAPE(variant, FIELD(variant, sku, .flags = FIELD_ID),
		FIELD(variant, title, .flags = FIELD_HIDDEN), FIELD(variant, options),
		FIELD(variant, barcode), FIELD(variant, prices),
		FIELD(variant, on_hand), FIELD(variant, reserved),
		FIELD(variant, available), FIELD(variant, weight_grams),
		FIELD(variant, tax_class), FIELD(variant, requires_shipping),
		FIELD(variant, sellable), FIELD(variant, archived));

enum err product_find(struct op *op, const struct product_filter *f, struct rows *out)
{
	const char *currency = f->currency ? f->currency : op->config->shop.currency;

	return db_rows(op, "product_list", &product_shape, out, V(f->q), V(f->category),
		V(f->brand), V(f->status), V(currency), V(f->limit));
}

enum err product_show(struct op *op, const char *name, struct product_page *out)
{
	return db_one(op, "product_show", &product_page_shape, out, V(name));
}

static const struct shape product_shown_shape =
	SHAPE(product_shown, FIELD(product_shown, product));

enum err product_offer(struct op *op, const char *name, const char *currency,
	struct product_shown *out)
{
	return db_one(op, "product_offer", &product_shown_shape, out, V(name),
		V(currency ? currency : op->config->shop.currency));
}

enum err product_variants(struct op *op, const char *name, struct rows *out)
{
	return db_rows(op, "product_variants", &variant_shape, out, V(name));
}

struct line {
	struct texts cells;
};

static const struct shape line_shape = SHAPE(line, FIELD(line, cells));

static enum err put_line(struct op *op, void *ctx, void *item)
{
	const struct line *line = item;
	struct text t = { 0 };
	size_t i;

	(void)ctx;
	for (i = 0; i < line->cells.n; i++)
		csv_put(op, &t, i == 0, line->cells.v[i]);
	return out_text(op, "%s\n", t.s ? t.s : "");
}

enum err product_export(struct op *op, const struct product_export *what)
{
	const char *currency =
		what->currency ? what->currency : op->config->shop.currency;

	op->timeout_ms = 0;
	if (strcmp(what->dialect, "shopify") != 0)
		return db_each(op, "product_export", &line_shape, put_line, NULL);
	return db_each(op, "product_export_shopify", &line_shape, put_line, NULL,
		V(currency), V(what->warehouse));
}
