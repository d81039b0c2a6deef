/* The kinds of files that are understood, told apart by their header. */
#include "domain/import_dialect.h"

#include "base/field.h"
#include "base/out.h"
#include "domain/import_cell.h"
#include "domain/import_kind.h"

#include <ctype.h>
#include <string.h>

/* What `product export` writes and `import template` explains. */
static const struct import_column native[] = {
	{ "handle|slug", T_HANDLE, cell_line },
	{ "sku", T_SKU, cell_sku },
	{ "title|name", T_TITLE, cell_line },
	{ "description", T_DESCRIPTION, NULL, "" },
	{ "brand|brand name", T_BRAND, cell_line, "" },
	{ "category", T_CATEGORY, cell_line, "" },
	{ "type", T_TYPE, cell_line, "" },
	{ "tags", T_TAGS, cell_tags, "{}" },
	{ "status", T_STATUS, cell_status },
	{ "attributes", T_ATTRIBUTES, cell_object },
	{ "option1 name", T_NAME1, cell_line },
	{ "option1 value", T_VALUE1, cell_line },
	{ "option2 name", T_NAME2, cell_line },
	{ "option2 value", T_VALUE2, cell_line },
	{ "option3 name", T_NAME3, cell_line },
	{ "option3 value", T_VALUE3, cell_line },
	{ "barcode", T_BARCODE, cell_line, "" },
	{ "weight grams", T_WEIGHT, cell_grams, "0" },
	{ "tax class|tax category", T_TAX_CLASS, cell_line, "standard" },
	{ "requires shipping", T_SHIPPING, cell_bool, "t" },
	{ "cost", T_COST, cell_money, "-1" },
	{ "variant image url", T_VARIANT_IMAGE, cell_line, "" },
	{ "variant attributes", T_VARIANT_ATTRIBUTES, cell_object },
	{ "currency", T_CURRENCY, cell_currency },
	{ "price", T_PRICE, cell_money },
	{ "compare at|compare at price", T_COMPARE_AT, cell_money, "-1" },
	{ "warehouse", T_WAREHOUSE, cell_line },
	{ "on hand|inventory count", T_ON_HAND, cell_count },
	{ "image url", T_IMAGE, cell_line },
	{ "image alt", T_IMAGE_ALT, NULL },
	{ "image position", T_IMAGE_POSITION, cell_count },
	/* What --rejects adds to a row. */
	{ "line", T_NOTHING },
	{ "column", T_NOTHING },
	{ "rule", T_NOTHING },
	{ "problem", T_NOTHING },
	{ "hint", T_NOTHING },
};

/* Product exports and the product template, in the old names and the new ones. */
static const struct import_column shopify[] = {
	{ "handle|url handle", T_HANDLE, cell_line },
	{ "title", T_TITLE, cell_line },
	{ "body html|body|description", T_DESCRIPTION, NULL, "" },
	{ "vendor", T_BRAND, cell_line, "" },
	{ "product category|standard product type", T_CATEGORY, cell_line, "" },
	{ "type|custom product type", T_TYPE, cell_line, "" },
	{ "tags", T_TAGS, cell_tags, "{}" },
	{ "status", T_STATUS, cell_status },
	{ "published|published on online store", T_PUBLISHED, cell_published },
	{ "option1 name", T_NAME1, cell_line },
	{ "option1 value", T_VALUE1, cell_line },
	{ "option2 name", T_NAME2, cell_line },
	{ "option2 value", T_VALUE2, cell_line },
	{ "option3 name", T_NAME3, cell_line },
	{ "option3 value", T_VALUE3, cell_line },
	{ "variant sku|sku", T_SKU, cell_sku },
	{ "variant barcode|variant barcodes|barcode", T_BARCODE, cell_line, "" },
	{ "variant grams|weight value grams", T_WEIGHT, cell_grams, "0" },
	{ "variant inventory qty|variant inventory quantity|inventory quantity",
		T_ON_HAND, cell_count },
	{ "variant price|price", T_PRICE, cell_money },
	{ "variant compare at price|compare at price", T_COMPARE_AT, cell_money, "-1" },
	{ "variant requires shipping|requires shipping", T_SHIPPING, cell_bool, "t" },
	{ "variant taxable|charge tax", T_TAX_CLASS, cell_taxable },
	{ "cost per item", T_COST, cell_money },
	{ "variant image|variant image url", T_VARIANT_IMAGE, cell_line, "" },
	{ "image src|product image url", T_IMAGE, cell_line },
	{ "image position", T_IMAGE_POSITION, cell_count },
	{ "image alt text", T_IMAGE_ALT, NULL },
	{ "gift card", T_PRODUCT_KEY, cell_line, .key = "gift_card" },
	{ "seo title", T_PRODUCT_KEY, cell_line, .key = "seo_title" },
	{ "seo description", T_PRODUCT_KEY, NULL, .key = "seo_description" },
	{ "google shopping google product category", T_PRODUCT_KEY, cell_line,
		.key = "google_product_category" },
	{ "google shopping gender", T_PRODUCT_KEY, cell_line, .key = "google_gender" },
	{ "google shopping age group", T_PRODUCT_KEY, cell_line,
		.key = "google_age_group" },
	{ "google shopping mpn|google shopping manufacturer part number mpn",
		T_PRODUCT_KEY, cell_line, .key = "google_mpn" },
	{ "google shopping ad group name|google shopping adwords grouping",
		T_PRODUCT_KEY, cell_line, .key = "google_ad_group" },
	{ "google shopping ads labels|google shopping adwords labels", T_PRODUCT_KEY,
		cell_line, .key = "google_ads_labels" },
	{ "google shopping condition", T_PRODUCT_KEY, cell_line,
		.key = "google_condition" },
	{ "google shopping custom product", T_PRODUCT_KEY, cell_line,
		.key = "google_custom_product" },
	{ "google shopping custom label 0", T_PRODUCT_KEY, cell_line,
		.key = "google_label_0" },
	{ "google shopping custom label 1", T_PRODUCT_KEY, cell_line,
		.key = "google_label_1" },
	{ "google shopping custom label 2", T_PRODUCT_KEY, cell_line,
		.key = "google_label_2" },
	{ "google shopping custom label 3", T_PRODUCT_KEY, cell_line,
		.key = "google_label_3" },
	{ "google shopping custom label 4", T_PRODUCT_KEY, cell_line,
		.key = "google_label_4" },
	{ "variant inventory tracker|inventory tracker", T_VARIANT_KEY, cell_line,
		.key = "inventory_tracker" },
	{ "variant inventory policy|continue selling when out of stock", T_VARIANT_KEY,
		cell_line, .key = "inventory_policy" },
	{ "variant fulfillment service|fulfillment service", T_VARIANT_KEY, cell_line,
		.key = "fulfillment_service" },
	{ "variant tax code|tax code", T_VARIANT_KEY, cell_line, .key = "tax_code" },
	{ "variant weight unit|weight unit for display", T_VARIANT_KEY, cell_line,
		.key = "weight_unit" },
	{ "line", T_NOTHING },
	{ "column", T_NOTHING },
	{ "rule", T_NOTHING },
	{ "problem", T_NOTHING },
	{ "hint", T_NOTHING },
};

const struct import_dialect product_dialects[] = {
	{ "native", native, sizeof native / sizeof *native, false },
	{ "shopify", shopify, sizeof shopify / sizeof *shopify, true },
	{ 0 },
};

const char *import_plain(struct op *op, const char *header)
{
	char *s = op_alloc(op, strlen(header) + 1), *to = s;
	const char *p;

	for (p = header; *p; p++) {
		if (isalnum((unsigned char)*p) || (unsigned char)*p >= 0x80)
			*to++ = (char)tolower((unsigned char)*p);
		else if (to > s && to[-1] != ' ')
			*to++ = ' ';
	}
	if (to > s && to[-1] == ' ')
		to--;
	*to = '\0';
	return s;
}

static bool is_named(const struct import_column *c, const char *name)
{
	size_t n = strlen(name);
	const char *p = c->names;

	for (; p; p = strchr(p, '|')) {
		p += *p == '|';
		if (!strncmp(p, name, n) && (p[n] == '|' || !p[n]))
			return n > 0;
	}
	return false;
}

static const struct import_column *column_named(
	const struct import_dialect *d, const char *name)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		if (is_named(&d->columns[i], name))
			return &d->columns[i];
	return NULL;
}

static size_t known(const struct import_dialect *d, const struct import_map *map)
{
	size_t i, n = 0;

	for (i = 0; i < map->n; i++)
		n += column_named(d, map->names[i]) != NULL;
	return n;
}

static const char *nearest_column(
	struct op *op, const struct import_dialect *d, const char *name)
{
	const char *all = "";
	size_t i;

	for (i = 0; i < d->n; i++)
		all = op_printf(op, "%s%s%s", all, i ? "|" : "", d->columns[i].names);
	return nearest(op, name, all);
}

static void note_ignored(
	struct op *op, const struct import_map *map, size_t i, const char *header)
{
	const char *near = nearest_column(op, map->dialect, map->names[i]);

	if (near)
		out_note(op,
			"column %zu, \"%s\", is not known and ignored; did you mean "
			"\"%s\"?",
			i + 1, header, near);
	else
		out_note(op, "column %zu, \"%s\", is not known and ignored", i + 1,
			header);
}

static enum err given_twice(struct op *op, const struct import_kind *kind,
	const struct import_map *map, size_t i)
{
	size_t j;

	for (j = 0; j < i; j++)
		if (map->columns[j] == map->columns[i] &&
			map->columns[i]->target != kind->nothing)
			return fail(op, E_DATA, "csv_columns_differ",
				"columns %zu and %zu are both \"%s\"", j + 1, i + 1,
				map->names[i]);
	return OK;
}

static enum err unknown_header(struct op *op, const struct import_kind *kind)
{
	fail(op, E_DATA, "csv_header_is_known", "the header names %s", kind->lacks);
	return fail_hint(op,
		"the first line names the columns; see those that we write: "
		"shopctl import template %s",
		kind->noun);
}

/* The dialect that knows most of the columns; the first of several. */
static const struct import_dialect *dialect_of(
	const struct import_kind *kind, const struct import_map *map)
{
	const struct import_dialect *d = kind->dialects, *best = d;

	for (; d->name; d++)
		if (known(d, map) > known(best, map))
			best = d;
	return best;
}

enum err import_recognise(struct op *op, const struct import_kind *kind,
	const struct csv_row *header, struct import_map *map)
{
	size_t i;

	map->n = header->n;
	for (i = 0; i < map->n; i++)
		map->names[i] = import_plain(op, header->cells[i].s);
	map->dialect = dialect_of(kind, map);
	for (i = 0; i < map->n; i++) {
		map->columns[i] = column_named(map->dialect, map->names[i]);
		if (!map->columns[i]) {
			note_ignored(op, map, i, header->cells[i].s);
			continue;
		}
		TRY(given_twice(op, kind, map, i));
		map->has[map->columns[i]->target] = true;
		map->names[i] = op_strdup(op, header->cells[i].s);
	}
	return kind->knows(map) ? OK : unknown_header(op, kind);
}
