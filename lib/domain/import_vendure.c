/* Vendure's product files: a product's first row names it, those below are its
 * variants. */
#include "domain/import_cell.h"
#include "domain/import_draft.h"

#include <string.h>

enum own {
	ASSETS,
	FACETS,
	GROUPS,
	VALUES,
	VARIANT_ASSETS,
	VARIANT_FACETS,
};

/* A column stands alone, or once in each language: name:en, name:de. */
#define SPOKEN(name, to, how)                                                          \
	{                                                                              \
		.glob = name ":*", .target = (to), .parse = (how)                      \
	}

static const struct import_column columns[] = {
	{ "name", T_TITLE, cell_line },
	SPOKEN("name", T_TITLE, cell_line),
	{ "slug", T_HANDLE, cell_line },
	SPOKEN("slug", T_HANDLE, cell_line),
	{ "description", T_DESCRIPTION, NULL, "" },
	SPOKEN("description", T_DESCRIPTION, NULL),
	{ "assets", T_OWN + ASSETS, cell_line },
	{ "facets", T_OWN + FACETS, cell_line },
	SPOKEN("facets", T_OWN + FACETS, cell_line),
	{ "optiongroups", T_OWN + GROUPS, cell_line },
	SPOKEN("optionGroups", T_OWN + GROUPS, cell_line),
	{ "optionvalues", T_OWN + VALUES, cell_line },
	SPOKEN("optionValues", T_OWN + VALUES, cell_line),
	{ "sku", T_SKU, cell_sku },
	{ "price", T_PRICE, cell_money },
	{ "taxcategory", T_TAX_CLASS, cell_line, "standard" },
	{ "stockonhand", T_ON_HAND, cell_quantity },
	{ "trackinventory", T_VARIANT_KEY, cell_line, .key = "track_inventory" },
	{ "variantassets", T_OWN + VARIANT_ASSETS, cell_line },
	{ "variantfacets", T_OWN + VARIANT_FACETS, cell_line },
	SPOKEN("variantFacets", T_OWN + VARIANT_FACETS, cell_line),
	{ .glob = "product:*", .target = T_PRODUCT_KEY, .parse = cell_line },
	{ .glob = "variant:*", .target = T_VARIANT_KEY, .parse = cell_line },
	IMPORT_REJECT_COLUMNS(T_NOTHING),
};

/* "category:Electronics|brand:Apple": the first category and the brand have a place. */
static void read_facets(struct import_draft *d, const char *text, enum target keep)
{
	size_t i, n = 0;
	const char **v = text ? cell_list(d->op, text, '|', &n) : NULL;
	const char *more = NULL;

	for (i = 0; i < n; i++) {
		const char *mark = strchr(v[i], ':');
		size_t length = mark ? (size_t)(mark - v[i]) : 0;
		enum target to = T_COUNT;

		if (keep == T_PRODUCT_KEY && length == 8 &&
			!strncasecmp(v[i], "category", length))
			to = T_CATEGORY;
		if (keep == T_PRODUCT_KEY && length == 5 &&
			!strncasecmp(v[i], "brand", length))
			to = T_BRAND;
		if (to != T_COUNT && !d->values[to])
			d->values[to] = mark + 1;
		else
			more = op_printf(d->op, "%s%s%s", more ? more : "",
				more ? "|" : "", v[i]);
	}
	if (more)
		draft_keep(d, keep, "facets", more);
}

static void read_options(struct import_draft *d, bool head)
{
	size_t n = 0, m = 0;
	const char **names = draft_own(d, GROUPS)
				     ? cell_list(d->op, draft_own(d, GROUPS), '|', &n)
				     : NULL;
	const char **values = draft_own(d, VALUES)
				      ? cell_list(d->op, draft_own(d, VALUES), '|', &m)
				      : NULL;

	d->values[T_OPTIONS] = cell_array(d->op, values, m);
	if (!head)
		return;
	d->values[T_OPTION_NAMES] = cell_array(d->op, names, n);
	if (n == m)
		return;
	fail(d->op, E_DATA, "options_have_names",
		"%zu option values for %zu option groups", m, n);
	fail_hint(d->op, "a variant has a value for each group: small|beige");
	draft_problem(d, "optionValues");
}

static void read_assets(struct import_draft *d)
{
	const char *text = draft_own(d, ASSETS), *own = draft_own(d, VARIANT_ASSETS);
	size_t i, n = 0;
	const char **v = text ? cell_list(d->op, text, '|', &n) : NULL;

	for (i = 0; i < n; i++)
		draft_image(d, v[i]);
	v = own ? cell_list(d->op, own, '|', &n) : NULL;
	for (i = 0; own && i < n; i++)
		draft_image(d, v[i]);
	if (own && n)
		d->values[T_VARIANT_IMAGE] = v[0];
}

static bool row(struct import_draft *d)
{
	bool head = d->values[T_TITLE] != NULL;

	if (head && !d->values[T_HANDLE])
		d->values[T_HANDLE] = cell_slug(d->op, d->values[T_TITLE]);
	else if (!head && !d->values[T_HANDLE] && d->state->handle.n)
		d->values[T_HANDLE] = op_strdup(d->op, d->state->handle.s);
	read_facets(d, draft_own(d, FACETS), T_PRODUCT_KEY);
	read_facets(d, draft_own(d, VARIANT_FACETS), T_VARIANT_KEY);
	read_options(d, head);
	read_assets(d);
	if (head && !d->values[T_STATUS])
		d->values[T_STATUS] = "active"; /* what Vendure imports is for sale */
	return true;
}

const struct import_dialect import_vendure = { "vendure", IMPORT_DIALECT(columns),
	.row = row,
	.required = "name|slug|description|assets|facets|optionGroups|optionValues|sku|"
		    "price|taxCategory|variantAssets|variantFacets" };
