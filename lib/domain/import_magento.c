/* Magento's product files: configurable products name the rows that are their variants.
 */
#include "domain/import_cell.h"
#include "domain/import_draft.h"

#include <ctype.h>
#include <string.h>

enum own {
	STORE_VIEW,
	TYPE,
	CATEGORIES,
	PRICE,
	SPECIAL,
	SPECIAL_FROM,
	SPECIAL_TO,
	TAX_CLASS,
	ATTRIBUTES,
	IMAGES,
	SMALL,
	THUMBNAIL,
	SWATCH,
	VARIATIONS,
	ASSOCIATED,
	WEIGHT,
};

/* 1 is for sale; Magento writes 2 for what is not, and older ones 0. */
static enum err cell_online(
	struct op *op, const struct import_cell *cell, const char **out)
{
	static const struct {
		const char *word, *status;
	} words[] = { { "1", "active" }, { "2", "draft" }, { "0", "draft" } };
	size_t i;

	TRY(cell_line(op, cell, out));
	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(*out, words[i].word)) {
			*out = words[i].status;
			return OK;
		}
	fail(op, E_DATA, "product_status_is_known",
		"\"%.40s\" does not say whether it is for sale", *out);
	return fail_hint(op, "write 1 or 2");
}

/* "52.000000": zeros beyond the currency's decimals say nothing. */
static enum err cell_amount(
	struct op *op, const struct import_cell *cell, const char **out)
{
	const char *s = cell->text, *point = strchr(s, '.');
	struct import_cell amount = *cell;
	size_t n = strlen(s);

	if (point && strlen(point) > 3) {
		while (n > (size_t)(point - s) + 3 && s[n - 1] == '0')
			n--;
		amount.text = op_strndup(op, s, n);
	}
	return cell_money(op, &amount, out);
}

static const struct import_column columns[] = {
	{ "sku", T_SKU, cell_sku },
	{ "store view code", T_OWN + STORE_VIEW, cell_line },
	{ "attribute set code|attribute set", T_TYPE, cell_line, "" },
	{ "product type", T_OWN + TYPE, cell_line },
	{ "categories", T_OWN + CATEGORIES, cell_line },
	{ "product websites", T_PRODUCT_KEY, cell_line, .key = "websites" },
	{ "name", T_TITLE, cell_line },
	{ "description", T_DESCRIPTION, NULL, "" },
	{ "short description", T_PRODUCT_KEY, NULL, .key = "short_description" },
	{ "weight", T_OWN + WEIGHT, cell_line },
	{ "product online", T_STATUS, cell_online },
	{ "tax class name", T_OWN + TAX_CLASS, cell_line },
	{ "visibility", T_PRODUCT_KEY, cell_line, .key = "visibility" },
	{ "price", T_OWN + PRICE, cell_amount },
	{ "special price", T_OWN + SPECIAL, cell_amount },
	{ "special price from date", T_OWN + SPECIAL_FROM, cell_moment },
	{ "special price to date", T_OWN + SPECIAL_TO, cell_moment },
	{ "url key", T_HANDLE, cell_line },
	{ "meta title", T_PRODUCT_KEY, cell_line, .key = "seo_title" },
	{ "meta description", T_PRODUCT_KEY, NULL, .key = "seo_description" },
	{ "meta keywords|meta keyword", T_PRODUCT_KEY, NULL, .key = "seo_keywords" },
	{ "base image", T_IMAGE, cell_line },
	{ "base image label", T_IMAGE_ALT, NULL },
	{ "small image", T_OWN + SMALL, cell_line },
	{ "thumbnail image", T_OWN + THUMBNAIL, cell_line },
	{ "swatch image", T_OWN + SWATCH, cell_line },
	{ "additional images", T_OWN + IMAGES, cell_line },
	{ "country of manufacture", T_VARIANT_KEY, cell_line,
		.key = "country_of_origin" },
	{ "msrp price", T_VARIANT_KEY, cell_line, .key = "msrp_price" },
	{ "map price", T_VARIANT_KEY, cell_line, .key = "map_price" },
	{ "cost", T_COST, cell_amount, "-1" },
	{ "additional attributes", T_OWN + ATTRIBUTES, NULL },
	{ "qty", T_ON_HAND, cell_quantity },
	{ "out of stock qty", T_VARIANT_KEY, cell_line, .key = "out_of_stock_qty" },
	{ "allow backorders", T_VARIANT_KEY, cell_line, .key = "backorders" },
	{ "is in stock", T_VARIANT_KEY, cell_line, .key = "in_stock" },
	{ "notify on stock below", T_VARIANT_KEY, cell_line,
		.key = "low_stock_amount" },
	{ "related skus", T_PRODUCT_KEY, cell_line, .key = "related" },
	{ "crosssell skus", T_PRODUCT_KEY, cell_line, .key = "cross_sells" },
	{ "upsell skus", T_PRODUCT_KEY, cell_line, .key = "upsells" },
	{ "custom options", T_PRODUCT_KEY, NULL, .key = "custom_options" },
	{ "bundle values", T_PRODUCT_KEY, NULL, .key = "bundle_values" },
	{ "configurable variations", T_OWN + VARIATIONS, NULL },
	{ "associated skus", T_OWN + ASSOCIATED, NULL },
	/* How Magento shows, counts and sends; nothing of it is the product's. */
	{ .glob = "use_config_*", .target = T_NOTHING },
	{ .glob = "bundle_*", .target = T_NOTHING },
	{ .glob = "custom_*", .target = T_NOTHING },
	{ .glob = "*_position", .target = T_NOTHING },
	{ .glob = "*_image_label*", .target = T_NOTHING },
	{ .glob = "m??_cart_qty", .target = T_NOTHING },
	{ .glob = "new_*_date", .target = T_NOTHING },
	{ "additional image labels|hide from product page", T_NOTHING },
	{ "configurable variation labels|configurable variation prices", T_NOTHING },
	{ "created at", T_NOTHING },
	{ "updated at", T_NOTHING },
	{ "display product options in|product options container", T_NOTHING },
	{ "map enabled", T_NOTHING },
	{ "msrp display actual price type", T_NOTHING },
	{ "gift message available", T_NOTHING },
	{ "page layout", T_NOTHING },
	{ "is qty decimal", T_NOTHING },
	{ "manage stock", T_NOTHING },
	{ "qty increments|enable qty increments", T_NOTHING },
	{ "is decimal divided", T_NOTHING },
	{ "website id", T_NOTHING },
	{ "deferred stock update", T_NOTHING },
	{ "save rewrites history", T_NOTHING },
	IMPORT_REJECT_COLUMNS(T_NOTHING),
};

static const struct kind {
	const char *name;
	bool parent, configurable, digital, composed;
} kinds[] = {
	{ "simple" },
	{ "virtual", .digital = true },
	{ "downloadable", .digital = true },
	{ "giftcard", .digital = true },
	{ "configurable", .parent = true, .configurable = true },
	{ "grouped", .parent = true },
	{ "bundle", .parent = true, .composed = true },
};

static const struct kind *read_kind(struct import_draft *d)
{
	const char *type = draft_own(d, TYPE);
	size_t i;

	for (i = 0; type && i < sizeof kinds / sizeof *kinds; i++)
		if (!strcasecmp(kinds[i].name, type))
			return &kinds[i];
	if (type) {
		fail(d->op, E_DATA, "product_type_is_known",
			"\"%.40s\" is not a type of product that is sold here", type);
		fail_hint(d->op, "one of: simple, virtual, downloadable, giftcard, "
				 "configurable, grouped, bundle");
		draft_problem(d, "product_type");
	}
	return &kinds[0];
}

/* "Default Category/Men/Tops": what stands before the first mark is the shop's root. */
static const char *below_root(const char *path)
{
	const char *mark = strchr(path, '/');

	return mark ? mark + 1 : "";
}

/* The deepest of its categories is the product's, the first of several. */
static void read_categories(struct import_draft *d)
{
	const char *text = draft_own(d, CATEGORIES);
	size_t i, n = 0, deepest = 0;
	const char **v = text ? cell_list(d->op, text, ',', &n) : NULL;

	for (i = 0; i < n; i++) {
		const char *p = below_root(v[i]);
		size_t depth = *p ? 1 : 0;
		const char *from = p;

		for (; (p = strchr(p, '/')); p++)
			depth++;
		if (depth > deepest) {
			deepest = depth;
			d->values[T_CATEGORY] = from;
		}
	}
	if (!deepest && d->state->map->has[T_OWN + CATEGORIES])
		d->values[T_CATEGORY] = "";
	if (n > 1)
		draft_keep(d, T_PRODUCT_KEY, "categories", text);
}

/* Does what follows a comma begin another attribute, or go on with a value? */
static bool is_name(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && s[i] != '_')
			return false;
	return n > 0;
}

struct pair {
	const char *name, *value;
};

/* "size=XS,note=red, or blue": a comma that no name follows is part of the value. */
static size_t read_pairs(struct op *op, const char *s, struct pair *out, size_t room)
{
	size_t n = 0;

	while (*s) {
		size_t length = strcspn(s, ","), mark = strcspn(s, "=");
		bool named = mark < length && is_name(s, mark);

		if (named && n < room)
			out[n++] = (struct pair){ op_strndup(op, s, mark),
				op_strndup(op, s + mark + 1, length - mark - 1) };
		else if (!named && n)
			out[n - 1].value = op_printf(
				op, "%s,%.*s", out[n - 1].value, (int)length, s);
		s += length + (s[length] == ',');
	}
	return n;
}

enum { PAIRS = 200 };

static void read_attributes(struct import_draft *d, const struct kind *kind)
{
	static const char *const flags[] = { "has_options", "required_options" };
	const char *text = draft_own(d, ATTRIBUTES);
	struct pair *pairs = op_alloc(d->op, PAIRS * sizeof *pairs);
	size_t i, n = text ? read_pairs(d->op, text, pairs, PAIRS) : 0;

	for (i = 0; i < n; i++) {
		if (!strcmp(pairs[i].name, flags[0]) ||
			!strcmp(pairs[i].name, flags[1]))
			continue;
		draft_keep(d, T_PRODUCT_KEY, pairs[i].name, pairs[i].value);
		if (!kind->parent)
			draft_extra(d, EXTRA_PAIRS,
				draft_pair(d, pairs[i].name, pairs[i].value));
	}
}

/* One of "sku=TEE-S,size=S|sku=TEE-M,size=M". */
static void read_variation(struct import_draft *d, const char *text)
{
	struct pair *pairs = op_alloc(d->op, PAIRS * sizeof *pairs);
	size_t i, n = read_pairs(d->op, text, pairs, PAIRS);
	const char *sku = NULL, *json = "";

	for (i = 0; i < n; i++) {
		if (!strcmp(pairs[i].name, "sku"))
			sku = pairs[i].value;
		else
			json = op_printf(d->op, "%s,%s", json,
				draft_pair(d, pairs[i].name, pairs[i].value));
	}
	if (sku && *sku) {
		draft_extra(d, EXTRA_CHILDREN,
			op_printf(d->op, "[%s%s]", json_quote(d->op, sku), json));
		return;
	}
	fail(d->op, E_DATA, "variation_has_a_sku",
		"\"%.60s\" does not say which SKU it is", text);
	fail_hint(d->op, "write sku=SKU,name=value, and | between variations");
	draft_problem(d, "configurable_variations");
}

static void read_children(struct import_draft *d, const struct kind *kind)
{
	const char *text = draft_own(d, VARIATIONS), *skus = draft_own(d, ASSOCIATED);
	size_t i, n = 0;
	const char **v = text ? cell_list(d->op, text, '|', &n) : NULL;

	for (i = 0; i < n; i++)
		read_variation(d, v[i]);
	if (n || !skus)
		return;
	if (!kind->configurable) {
		draft_keep(d, T_PRODUCT_KEY, "grouped_products", skus);
		return;
	}
	v = cell_list(d->op, skus, ',', &n);
	for (i = 0; i < n; i++)
		draft_extra(d, EXTRA_CHILDREN,
			op_printf(d->op, "[%s]",
				json_quote(d->op,
					op_strndup(d->op, v[i], strcspn(v[i], "=")))));
}

static void read_images(struct import_draft *d)
{
	static const enum own roles[] = { SMALL, THUMBNAIL, SWATCH };
	const char *text = draft_own(d, IMAGES), *first = d->values[T_IMAGE];
	size_t i, n = 0;
	const char **v = text ? cell_list(d->op, text, ',', &n) : NULL;

	for (i = 0; i < sizeof roles / sizeof *roles; i++)
		if (draft_own(d, roles[i]) &&
			(!i || !draft_own(d, SMALL) ||
				strcmp(draft_own(d, roles[i]), draft_own(d, SMALL)) !=
					0))
			draft_image(d, draft_own(d, roles[i]));
	for (i = 0; i < n; i++)
		draft_image(d, v[i]);
	if (first)
		d->values[T_VARIANT_IMAGE] = first;
}

static void read_tax(struct import_draft *d)
{
	const char *class = draft_own(d, TAX_CLASS);

	if (!class)
		return;
	if (!strcasecmp(class, "Taxable Goods"))
		d->values[T_TAX_CLASS] = "standard";
	else if (!strcasecmp(class, "None"))
		d->values[T_TAX_CLASS] = "exempt";
	else
		d->values[T_TAX_CLASS] = cell_slug(d->op, class);
}

/* Magento keeps a number, and its shop's settings say of what. */
static void read_weight(struct import_draft *d)
{
	const char *weight = draft_own(d, WEIGHT);
	const struct import_cell cell = { weight, NULL };

	if (!weight)
		return;
	if (cell_kilograms(d->op, &cell, &d->values[T_WEIGHT]) != OK)
		draft_problem(d, "weight");
	else if (strcmp(d->values[T_WEIGHT], "0") != 0)
		draft_ignored(d, "the unit of weights, which the file does not say: "
				 "they are read as kilograms");
}

/* The handle is the key of its page, which Magento makes of the name. */
static void name_it(struct import_draft *d)
{
	if (!d->values[T_HANDLE] && d->values[T_TITLE])
		d->values[T_HANDLE] = cell_slug(d->op, d->values[T_TITLE]);
	if (d->values[T_SKU])
		return;
	fail(d->op, E_DATA, "row_names_a_product", "it has no SKU");
	fail_hint(d->op, "each row says which SKU it is about");
	draft_problem(d, "sku");
}

static bool row(struct import_draft *d)
{
	const struct kind *kind = read_kind(d);
	const char *view = draft_own(d, STORE_VIEW);
	const struct import_offer offer = { draft_own(d, PRICE), draft_own(d, SPECIAL),
		draft_own(d, SPECIAL_FROM), draft_own(d, SPECIAL_TO) };

	if (view && *view) {
		draft_ignored(d,
			op_printf(d->op,
				"the store view %s, which has texts of its own there",
				view));
		return false;
	}
	name_it(d);
	read_categories(d);
	read_attributes(d, kind);
	read_children(d, kind);
	read_images(d);
	read_tax(d);
	read_weight(d);
	draft_offer(d, &offer);
	if (draft_own(d, TYPE))
		draft_keep(d, T_PRODUCT_KEY, "type", draft_own(d, TYPE));
	if (kind->digital)
		d->values[T_SHIPPING] = "f";
	if (kind->composed) {
		draft_ignored(d, "a bundle; it is a draft without a price here");
		d->values[T_STATUS] = d->values[T_STATUS] ? "draft" : NULL;
	}
	d->plain = kind->parent;
	return true;
}

const struct import_dialect import_magento = { "magento", IMPORT_DIALECT(columns),
	.row = row };
