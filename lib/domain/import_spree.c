/* Spree's product files: a row for the product, and one for each of its variants. */
#include "domain/import_cell.h"
#include "domain/import_draft.h"

#include <string.h>

enum own {
	COMPARE_AT,
	WEIGHT,
	WEIGHT_UNIT,
	BACKORDERS,
	TRACKED,
	TAX_CATEGORY,
	DIGITAL,
	IMAGE1,
	IMAGE2,
	IMAGE3,
	CATEGORY1,
	CATEGORY2,
	CATEGORY3,
};

enum { NAMES, VALUES };

static const struct import_column columns[] = {
	{ "slug", T_HANDLE, cell_line },
	{ "sku", T_SKU, cell_sku },
	{ "name", T_TITLE, cell_line },
	{ "price", T_PRICE, cell_money },
	{ "compare at price", T_OWN + COMPARE_AT, cell_money },
	{ "currency", T_CURRENCY, cell_currency },
	{ "status", T_STATUS, cell_status },
	{ "seller name", T_PRODUCT_KEY, cell_line, .key = "seller" },
	{ "brand name", T_BRAND, cell_line, "" },
	{ "description", T_DESCRIPTION, NULL, "" },
	{ "meta title", T_PRODUCT_KEY, cell_line, .key = "seo_title" },
	{ "meta description", T_PRODUCT_KEY, NULL, .key = "seo_description" },
	{ "meta keywords", T_PRODUCT_KEY, NULL, .key = "seo_keywords" },
	{ "tags", T_TAGS, cell_tags, "{}" },
	{ "labels", T_PRODUCT_KEY, cell_line, .key = "labels" },
	{ "width", T_VARIANT_KEY, cell_line, .key = "width" },
	{ "height", T_VARIANT_KEY, cell_line, .key = "height" },
	{ "depth", T_VARIANT_KEY, cell_line, .key = "depth" },
	{ "dimensions unit", T_VARIANT_KEY, cell_line, .key = "dimensions_unit" },
	{ "weight", T_OWN + WEIGHT, cell_line },
	{ "weight unit", T_OWN + WEIGHT_UNIT, cell_line },
	{ "available on", T_PRODUCT_KEY, cell_line, .key = "available_on" },
	{ "discontinue on", T_PRODUCT_KEY, cell_line, .key = "discontinue_on" },
	{ "track inventory", T_OWN + TRACKED, cell_line },
	{ "inventory count", T_ON_HAND, cell_quantity },
	{ "inventory backorderable", T_OWN + BACKORDERS, cell_line },
	{ "tax category", T_OWN + TAX_CATEGORY, cell_line },
	{ "digital", T_OWN + DIGITAL, cell_bool },
	{ "product type", T_TYPE, cell_line, "" },
	{ "hs code", T_VARIANT_KEY, cell_line, .key = "hs_code" },
	{ "country of origin", T_VARIANT_KEY, cell_line, .key = "country_of_origin" },
	{ "customs description", T_VARIANT_KEY, cell_line,
		.key = "customs_description" },
	{ "image1 src", T_OWN + IMAGE1, cell_line },
	{ "image2 src", T_OWN + IMAGE2, cell_line },
	{ "image3 src", T_OWN + IMAGE3, cell_line },
	{ .glob = "option[0-9]_name", .target = T_LIST + NAMES, .parse = cell_line },
	{ .glob = "option[0-9]_value", .target = T_LIST + VALUES, .parse = cell_line },
	{ "category1", T_OWN + CATEGORY1, cell_line },
	{ "category2", T_OWN + CATEGORY2, cell_line },
	{ "category3", T_OWN + CATEGORY3, cell_line },
	{ .glob = "custom_field.*", .target = T_PRODUCT_KEY },
	IMPORT_REJECT_COLUMNS(T_NOTHING),
};

/* "Men -> Shirts" */
static const char *category_of(struct op *op, const char *s)
{
	const char *path = "", *mark;

	for (; (mark = strstr(s, "->")); s = mark + 2)
		path = op_printf(op, "%s%.*s > ", path, (int)(mark - s), s);
	return op_printf(op, "%s%s", path, s);
}

static void read_categories(struct import_draft *d, bool head)
{
	const char *more = NULL;
	int i;

	if (head && d->state->map->has[T_OWN + CATEGORY1])
		d->values[T_CATEGORY] = "";
	if (draft_own(d, CATEGORY1))
		d->values[T_CATEGORY] = category_of(d->op, draft_own(d, CATEGORY1));
	for (i = CATEGORY2; i <= CATEGORY3; i++)
		if (draft_own(d, i))
			more = op_printf(d->op, "%s%s%s", more ? more : "",
				more ? ", " : "", draft_own(d, i));
	if (more)
		draft_keep(d, T_PRODUCT_KEY, "categories", more);
}

/* Options make it a variant; of a product that has them the first row is none. */
static bool read_options(struct import_draft *d, bool head)
{
	bool any = false;
	size_t i;

	for (i = 1; i <= IMPORT_LIST_MAX; i++)
		if (d->lists[NAMES][i] && d->lists[VALUES][i]) {
			draft_extra(d, EXTRA_PAIRS,
				draft_pair(d, d->lists[NAMES][i], d->lists[VALUES][i]));
			any = true;
		}
	if (head && d->values[T_HANDLE])
		draft_extra(d, EXTRA_REFS, json_quote(d->op, d->values[T_HANDLE]));
	else if (any)
		d->parent = d->values[T_HANDLE];
	return any;
}

static void read_weight(struct import_draft *d)
{
	const char *unit = draft_own(d, WEIGHT_UNIT) ? draft_own(d, WEIGHT_UNIT) : "kg";
	const struct import_cell cell = { draft_own(d, WEIGHT), NULL };
	import_parse *parse = cell_weight_in(unit);

	if (!cell.text)
		return;
	if (!parse) {
		fail(d->op, E_DATA, "weight_is_in_grams",
			"\"%.20s\" is not a unit of weight", unit);
		fail_hint(d->op, "write g, kg, lb or oz");
		draft_problem(d, "weight_unit");
	} else if (parse(d->op, &cell, &d->values[T_WEIGHT]) != OK) {
		draft_problem(d, "weight");
	}
}

static void read_images(struct import_draft *d, bool variant)
{
	int i;

	for (i = IMAGE1; i <= IMAGE3; i++)
		if (draft_own(d, i))
			draft_image(d, draft_own(d, i));
	if (variant)
		d->values[T_VARIANT_IMAGE] = d->values[T_IMAGE];
}

static bool row(struct import_draft *d)
{
	bool head = d->values[T_TITLE] != NULL, variant = read_options(d, head);
	const char *tax = draft_own(d, TAX_CATEGORY), *was = draft_own(d, COMPARE_AT);

	read_categories(d, head);
	read_weight(d);
	read_images(d, variant);
	if (d->values[T_PRICE])
		d->values[T_COMPARE_AT] = was && strcmp(was, "0") != 0 ? was : "-1";
	if (tax)
		d->values[T_TAX_CLASS] = strcasecmp(tax, "Default") != 0
						 ? cell_slug(d->op, tax)
						 : "standard";
	if (draft_own(d, DIGITAL))
		d->values[T_SHIPPING] = *draft_own(d, DIGITAL) == 't' ? "f" : "t";
	if (!head && !variant)
		return true; /* another price of a variant */
	if (draft_own(d, BACKORDERS))
		draft_keep(d, T_VARIANT_KEY, "backorders", draft_own(d, BACKORDERS));
	if (draft_own(d, TRACKED))
		draft_keep(d, T_VARIANT_KEY, "track_inventory", draft_own(d, TRACKED));
	return true;
}

const struct import_dialect import_spree = { "spree", IMPORT_DIALECT(columns),
	.short_rows = true, .row = row };
