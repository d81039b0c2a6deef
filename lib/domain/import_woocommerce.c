/* WooCommerce's product files: a product and each of its variations are rows. */
#include "domain/import_cell.h"
#include "domain/import_draft.h"

#include <string.h>

enum own {
	ID,
	TYPE,
	SALE,
	REGULAR,
	STARTS,
	ENDS,
	TAX_STATUS,
	TAX_CLASS,
	STOCK,
	CATEGORIES,
	IMAGES,
	PARENT,
};

enum { NAMES, VALUES };

/*
 * Its texts have newlines as \n, and a backslash before one that is meant.  Cells that
 * a spreadsheet would take for a formula begin with an apostrophe.
 */
static enum err cell_text(
	struct op *op, const struct import_cell *cell, const char **out)
{
	const char *p = cell->text + (*cell->text == '\'' && cell->text[1] &&
					     strchr("=+-@", cell->text[1]));
	char *s = op_alloc(op, strlen(p) + 1), *to = s;

	for (; *p; p++) {
		if (p[0] == '\\' && p[1] == '\\' && p[2] == 'n') {
			*to++ = '\\';
			*to++ = 'n';
			p += 2;
		} else if (p[0] == '\\' && p[1] == 'n') {
			*to++ = '\n';
			p++;
		} else {
			*to++ = *p;
		}
	}
	*to = '\0';
	*out = s;
	return OK;
}

static enum err cell_name(
	struct op *op, const struct import_cell *cell, const char **out)
{
	struct import_cell text = *cell;

	TRY(cell_text(op, cell, &text.text));
	return cell_line(op, &text, out);
}

/* 1 is published; private, a draft and pending (0, -1, 2) are not for sale. */
static enum err cell_published_as(
	struct op *op, const struct import_cell *cell, const char **out)
{
	static const char *const drafts[] = { "0", "-1", "2" };
	size_t i;

	TRY(cell_line(op, cell, out));
	if (!strcmp(*out, "1")) {
		*out = "active";
		return OK;
	}
	for (i = 0; i < sizeof drafts / sizeof *drafts; i++)
		if (!strcmp(*out, drafts[i])) {
			*out = "draft";
			return OK;
		}
	fail(op, E_DATA, "product_status_is_known",
		"\"%.40s\" does not say whether it is published", *out);
	return fail_hint(op, "write 1 (published), 0 (private), -1 (draft) or 2 "
			     "(pending)");
}

/* "parent": the variations share what the product has. */
static enum err cell_stock(
	struct op *op, const struct import_cell *cell, const char **out)
{
	TRY(cell_line(op, cell, out));
	return strcmp(*out, "parent") != 0 ? cell_quantity(op, cell, out) : OK;
}

static const struct import_column columns[] = {
	{ "id", T_OWN + ID, cell_line },
	{ "type", T_OWN + TYPE, cell_line },
	{ "sku", T_SKU, cell_sku },
	{ "gtin upc ean or isbn", T_BARCODE, cell_line, "" },
	{ "name", T_TITLE, cell_name },
	{ "published", T_STATUS, cell_published_as },
	{ "is featured", T_PRODUCT_KEY, cell_line, .key = "featured" },
	{ "visibility in catalog", T_PRODUCT_KEY, cell_line, .key = "visibility" },
	{ "short description", T_PRODUCT_KEY, cell_text, .key = "short_description" },
	{ "description", T_DESCRIPTION, cell_text, "" },
	{ "date sale price starts", T_OWN + STARTS, cell_moment },
	{ "date sale price ends", T_OWN + ENDS, cell_moment },
	{ "tax status", T_OWN + TAX_STATUS, cell_line },
	{ "tax class", T_OWN + TAX_CLASS, cell_line },
	{ "in stock", T_VARIANT_KEY, cell_line, .key = "in_stock" },
	{ "stock", T_OWN + STOCK, cell_stock },
	{ "low stock amount", T_VARIANT_KEY, cell_line, .key = "low_stock_amount" },
	{ "backorders allowed", T_VARIANT_KEY, cell_line, .key = "backorders" },
	{ "sold individually", T_PRODUCT_KEY, cell_line, .key = "sold_individually" },
	{ "weight kg", T_WEIGHT, cell_kilograms },
	{ "weight g", T_WEIGHT, cell_whole_grams },
	{ "weight lbs|weight lb", T_WEIGHT, cell_pounds },
	{ "weight oz", T_WEIGHT, cell_ounces },
	{ .glob = "length (*)", .target = T_VARIANT_KEY, .parse = cell_line },
	{ .glob = "width (*)", .target = T_VARIANT_KEY, .parse = cell_line },
	{ .glob = "height (*)", .target = T_VARIANT_KEY, .parse = cell_line },
	{ "allow customer reviews", T_PRODUCT_KEY, cell_line, .key = "allow_reviews" },
	{ "purchase note", T_PRODUCT_KEY, cell_text, .key = "purchase_note" },
	{ "sale price", T_OWN + SALE, cell_money },
	{ "regular price", T_OWN + REGULAR, cell_money },
	{ "categories", T_OWN + CATEGORIES, cell_name },
	{ "tags", T_TAGS, cell_tags, "{}" },
	{ "shipping class", T_VARIANT_KEY, cell_line, .key = "shipping_class" },
	{ "images", T_OWN + IMAGES, cell_line },
	{ "download limit", T_VARIANT_KEY, cell_line, .key = "download_limit" },
	{ "download expiry days", T_VARIANT_KEY, cell_line, .key = "download_expiry" },
	{ "parent", T_OWN + PARENT, cell_line },
	{ "grouped products", T_PRODUCT_KEY, cell_line, .key = "grouped_products" },
	{ "upsells", T_PRODUCT_KEY, cell_line, .key = "upsells" },
	{ "cross sells", T_PRODUCT_KEY, cell_line, .key = "cross_sells" },
	{ "external url", T_PRODUCT_KEY, cell_line, .key = "external_url" },
	{ "button text", T_PRODUCT_KEY, cell_line, .key = "button_text" },
	{ "position", T_VARIANT_KEY, cell_line, .key = "position" },
	{ "cost of goods", T_COST, cell_money, "-1" },
	{ .glob = "attribute [0-9]* name",
		.target = T_LIST + NAMES,
		.parse = cell_name },
	{ .glob = "attribute [0-9]* value(s)",
		.target = T_LIST + VALUES,
		.parse = cell_name },
	{ .glob = "attribute [0-9]* visible", .target = T_NOTHING },
	{ .glob = "attribute [0-9]* global", .target = T_NOTHING },
	{ .glob = "attribute [0-9]* default",
		.target = T_PRODUCT_KEY,
		.parse = cell_name },
	{ .glob = "download [0-9]* *", .target = T_VARIANT_KEY, .parse = cell_line },
	{ .glob = "meta: *", .target = T_PRODUCT_KEY },
	IMPORT_REJECT_COLUMNS(T_NOTHING),
};

/* What each word of "simple, virtual" makes of a row. */
static const struct kind {
	const char *word;
	bool parent, variation, digital, elsewhere;
} kinds[] = {
	{ "simple" },
	{ "variable", .parent = true },
	{ "grouped", .parent = true },
	{ "variation", .variation = true },
	{ "external", .elsewhere = true },
	{ "virtual", .digital = true },
	{ "downloadable" },
};

static const struct kind *kind_named(struct import_draft *d, const char *word)
{
	size_t i;

	for (i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (!strcasecmp(kinds[i].word, word))
			return &kinds[i];
	fail(d->op, E_DATA, "product_type_is_known",
		"\"%.40s\" is not a type of product that is sold here", word);
	fail_hint(d->op, "one of: simple, variable, variation, grouped, external, "
			 "virtual, downloadable");
	draft_problem(d, "Type");
	return NULL;
}

static struct kind read_kind(struct import_draft *d)
{
	const char *type = draft_own(d, TYPE);
	struct kind all = { 0 };
	size_t i, n = 0;
	const char **words = type ? cell_list(d->op, type, ',', &n) : NULL;

	for (i = 0; i < n; i++) {
		const struct kind *k = kind_named(d, words[i]);

		if (!k)
			break;
		all.parent |= k->parent;
		all.variation |= k->variation;
		all.digital |= k->digital;
		all.elsewhere |= k->elsewhere;
	}
	if (type)
		draft_keep(
			d, all.variation ? T_VARIANT_KEY : T_PRODUCT_KEY, "type", type);
	return all;
}

/* The deepest of its categories is the product's, the first of several. */
static void read_categories(struct import_draft *d)
{
	const char *text = draft_own(d, CATEGORIES);
	size_t i, n = 0, deepest = 0;
	const char **v = text ? cell_list(d->op, text, ',', &n) : NULL;

	for (i = 0; i < n; i++) {
		const char *p;
		size_t depth = 1;

		for (p = v[i]; (p = strchr(p, '>')); p++)
			depth++;
		if (depth > deepest) {
			deepest = depth;
			d->values[T_CATEGORY] = v[i];
		}
	}
	if (!n && d->state->map->has[T_OWN + CATEGORIES])
		d->values[T_CATEGORY] = "";
	if (n > 1)
		draft_keep(d, T_PRODUCT_KEY, "categories", text);
}

static void read_images(struct import_draft *d, bool variation)
{
	const char *text = draft_own(d, IMAGES);
	size_t i, n = 0;
	const char **v = text ? cell_list(d->op, text, ',', &n) : NULL;

	for (i = 0; i < n; i++)
		draft_image(d, v[i]);
	if (variation && n)
		d->values[T_VARIANT_IMAGE] = v[0];
}

/* Attributes of a simple product are what they are; others may be options. */
static void read_attributes(struct import_draft *d, bool simple)
{
	size_t i;

	for (i = 1; i <= IMPORT_LIST_MAX; i++) {
		const char *name = d->lists[NAMES][i], *value = d->lists[VALUES][i];

		if (!name)
			continue;
		if (!simple)
			draft_extra(d, EXTRA_PAIRS,
				draft_pair(d, name, value ? value : ""));
		else if (value)
			draft_keep(d, T_PRODUCT_KEY, name, value);
	}
}

static void read_tax(struct import_draft *d, bool variation)
{
	const char *status = draft_own(d, TAX_STATUS), *class = draft_own(d, TAX_CLASS);

	if (status && !strcasecmp(status, "none"))
		d->values[T_TAX_CLASS] = "exempt";
	else if (class && !strcasecmp(class, "parent"))
		d->values[T_TAX_CLASS] = NULL; /* its product's */
	else if (class)
		d->values[T_TAX_CLASS] = cell_slug(d->op, class);
	else if (!variation && d->state->map->has[T_OWN + TAX_CLASS])
		d->values[T_TAX_CLASS] = "standard";
}

static void read_stock(struct import_draft *d, const struct kind *kind)
{
	const char *stock = draft_own(d, STOCK);

	if (!stock)
		return;
	if (kind->parent || !strcmp(stock, "parent"))
		draft_ignored(d, "stock that variations share; give each its own");
	else
		d->values[T_ON_HAND] = stock;
}

/* Its product's handle and its options: what other shops' files call such a one here.
 */
static void name_variation(struct import_draft *d)
{
	const char *sku = d->values[T_HANDLE];
	size_t i;

	if (d->values[T_SKU])
		return;
	for (i = 1; i <= IMPORT_LIST_MAX; i++)
		if (d->lists[NAMES][i] && d->lists[VALUES][i])
			sku = op_printf(d->op, "%s-%s", sku,
				cell_slug(d->op, d->lists[VALUES][i]));
	d->values[T_SKU] = sku;
	d->derived = true;
}

/* A variation says nothing of its product, whose row says what both are called. */
static void read_variation(struct import_draft *d)
{
	int i;

	for (i = T_TITLE; i < T_OPTIONS; i++)
		if (i != T_STATUS)
			d->values[i] = NULL;
	d->attributes[0] = (struct text){ 0 };
	d->parent = draft_own(d, PARENT);
	if (d->parent) {
		d->values[T_HANDLE] = cell_slug(d->op, d->parent);
		name_variation(d);
		return;
	}
	fail(d->op, E_DATA, "variation_has_a_parent",
		"it does not say which product it is a variation of");
	fail_hint(d->op, "write the SKU of the variable product, or id: and its ID");
	draft_problem(d, "Parent");
}

/* What other rows call this one: its SKU, and id:741. */
static void name_it(struct import_draft *d)
{
	const char *id = draft_own(d, ID), *sku = d->values[T_SKU];
	const char *name = sku ? sku : d->values[T_TITLE];

	if (sku)
		draft_extra(d, EXTRA_REFS, json_quote(d->op, sku));
	if (id)
		draft_extra(d, EXTRA_REFS,
			json_quote(d->op, op_printf(d->op, "id:%s", id)));
	if (name && *cell_slug(d->op, name))
		d->values[T_HANDLE] = cell_slug(d->op, name);
	else if (id)
		d->values[T_HANDLE] = op_printf(d->op, "id-%s", id);
}

static bool row(struct import_draft *d)
{
	struct kind kind = read_kind(d);
	const struct import_offer offer = { draft_own(d, REGULAR), draft_own(d, SALE),
		draft_own(d, STARTS), draft_own(d, ENDS) };

	read_categories(d);
	read_tax(d, kind.variation);
	read_stock(d, &kind);
	read_attributes(d, !kind.parent && !kind.variation);
	if (kind.variation)
		read_variation(d);
	else
		name_it(d);
	read_images(d, kind.variation);
	draft_offer(d, &offer);
	if (kind.digital)
		d->values[T_SHIPPING] = "f";
	if (kind.elsewhere && d->values[T_STATUS])
		d->values[T_STATUS] = "draft"; /* it is sold in another shop */
	d->plain = kind.parent;
	return true;
}

const struct import_dialect import_woocommerce = { "woocommerce",
	IMPORT_DIALECT(columns), .row = row };
