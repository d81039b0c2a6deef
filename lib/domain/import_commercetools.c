/* commercetools' product files: texts by language, prices by market, attributes of the
 * shop's own making. */
#include "domain/import_cell.h"
#include "domain/import_draft.h"

#include <ctype.h>
#include <string.h>

enum own {
	VARIANT_ID,
	PRICES,
	CATEGORIES,
	IMAGES,
	SIZE,
	COLOR,
	COMMON_SIZE,
};

static const struct import_column columns[] = {
	{ "producttype", T_TYPE, cell_line, "" },
	{ "variantid", T_OWN + VARIANT_ID, cell_line },
	{ "sku", T_SKU, cell_sku },
	{ "prices", T_OWN + PRICES, cell_line },
	{ "tax", T_TAX_CLASS, cell_line },
	{ "categories", T_OWN + CATEGORIES, cell_line },
	{ "images", T_OWN + IMAGES, cell_line },
	{ .glob = "name.*", .target = T_TITLE, .parse = cell_line },
	{ .glob = "description.*", .target = T_DESCRIPTION },
	{ .glob = "slug.*", .target = T_HANDLE, .parse = cell_line },
	{ .glob = "meta*.*", .target = T_PRODUCT_KEY, .parse = cell_line },
	{ "creationdate", T_NOTHING },
	{ "baseid", T_PRODUCT_KEY, cell_line, .key = "baseId" },
	{ "matrixid", T_VARIANT_KEY, cell_line, .key = "matrixId" },
	{ "articlenumbermanufacturer", T_VARIANT_KEY, cell_line,
		.key = "articleNumberManufacturer" },
	{ "size", T_OWN + SIZE, cell_line },
	{ "color", T_OWN + COLOR, cell_line },
	{ "commonsize", T_OWN + COMMON_SIZE, cell_line },
	{ "designer", T_BRAND, cell_line },
	{ .glob = "*", .target = T_VARIANT_KEY },
	IMPORT_REJECT_COLUMNS(T_NOTHING),
};

/* "EUR 18750" is everybody's price in cents; others are a country's, a group's, a
 * shop's. */
static bool read_price(struct import_draft *d, const char *text)
{
	const struct import_cell code = { op_strndup(d->op, text, 3), NULL };
	const char *currency, *amount = text + 4;

	if (strlen(text) < 5 || text[3] != ' ' ||
		amount[strspn(amount, "0123456789")] || strlen(amount) > 15)
		return false;
	if (cell_currency(d->op, &code, &currency) != OK) {
		draft_problem(d, "prices");
		return true;
	}
	if (d->state->currency && !strcmp(currency, d->state->currency)) {
		d->values[T_CURRENCY] = currency;
		d->values[T_PRICE] = amount;
	} else {
		draft_extra(d, EXTRA_PRICES,
			op_printf(d->op, "[\"%s\",%s]", currency, amount));
	}
	return true;
}

static void read_prices(struct import_draft *d)
{
	const char *text = draft_own(d, PRICES);
	size_t i, n = 0;
	const char **v = text ? cell_list(d->op, text, ';', &n) : NULL;
	bool others = false;

	for (i = 0; i < n; i++)
		others |= !read_price(d, v[i]);
	if (others)
		draft_ignored(d, "prices of countries, customer groups and channels, "
				 "which are price lists: shopctl pricelist create");
}

static void read_categories(struct import_draft *d)
{
	const char *text = draft_own(d, CATEGORIES);
	size_t i, n = 0, deepest = 0;
	const char **v = text ? cell_list(d->op, text, ';', &n) : NULL;

	for (i = 0; i < n; i++) {
		const char *p = v[i];
		size_t depth = 1;

		for (; (p = strchr(p, '>')); p++)
			depth++;
		if (depth > deepest) {
			deepest = depth;
			d->values[T_CATEGORY] = v[i];
		}
	}
	if (n > 1)
		draft_keep(d, T_PRODUCT_KEY, "categories", text);
}

/* What may tell variants apart, in this order; the number of the variant always does.
 */
static void read_options(struct import_draft *d)
{
	static const struct {
		enum own own;
		const char *name;
	} pairs[] = { { SIZE, "size" }, { COLOR, "color" },
		{ COMMON_SIZE, "commonSize" }, { VARIANT_ID, "variant" } };
	size_t i;

	for (i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		const char *value = draft_own(d, pairs[i].own);

		if (!value)
			continue;
		draft_extra(d, EXTRA_PAIRS, draft_pair(d, pairs[i].name, value));
		if (pairs[i].own != VARIANT_ID)
			draft_keep(d, T_VARIANT_KEY, pairs[i].name, value);
	}
	d->loose = true;
}

static bool row(struct import_draft *d)
{
	const char *text = draft_own(d, IMAGES);
	bool head = d->values[T_TITLE] != NULL;
	size_t i, n = 0;
	const char **v = text ? cell_list(d->op, text, ';', &n) : NULL;

	if (!head && !d->values[T_HANDLE] && d->state->handle.n)
		d->values[T_HANDLE] = op_strdup(d->op, d->state->handle.s);
	if (head && !d->values[T_HANDLE])
		d->values[T_HANDLE] = cell_slug(d->op, d->values[T_TITLE]);
	if (head && d->values[T_HANDLE])
		draft_extra(d, EXTRA_REFS, json_quote(d->op, d->values[T_HANDLE]));
	d->parent = d->values[T_HANDLE];
	for (i = 0; i < n; i++)
		draft_image(d, v[i]);
	if (n)
		d->values[T_VARIANT_IMAGE] = v[0];
	read_prices(d);
	read_categories(d);
	read_options(d);
	if (head)
		d->values[T_STATUS] = "active";
	return true;
}

const struct import_dialect import_commercetools = { "commercetools",
	IMPORT_DIALECT(columns), .row = row };
