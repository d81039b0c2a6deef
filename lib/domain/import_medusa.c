/* Medusa's product files: a row a variant, each with all that its product is. */
#include "domain/import_cell.h"
#include "domain/import_draft.h"

#include <ctype.h>
#include <string.h>

enum own {
	VARIANT_ID,
};

enum { IMAGES, TAGS };

static enum err cell_state(
	struct op *op, const struct import_cell *cell, const char **out)
{
	static const struct {
		const char *word, *status;
	} words[] = { { "published", "active" }, { "draft", "draft" },
		{ "proposed", "draft" }, { "rejected", "archived" } };
	size_t i;

	TRY(cell_line(op, cell, out));
	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcasecmp(*out, words[i].word)) {
			*out = words[i].status;
			return OK;
		}
	fail(op, E_DATA, "product_status_is_known", "\"%.40s\" is not a status", *out);
	return fail_hint(op, "one of: draft, proposed, published, rejected");
}

#define KEPT(name, word)                                                               \
	{                                                                              \
		name, T_PRODUCT_KEY, cell_line, .key = (word)                          \
	}
#define KEPT_OF_VARIANT(name, word)                                                    \
	{                                                                              \
		name, T_VARIANT_KEY, cell_line, .key = (word)                          \
	}

static const struct import_column columns[] = {
	{ "product id", T_NOTHING },
	{ "product handle", T_HANDLE, cell_line },
	{ "product title", T_TITLE, cell_line },
	{ "product status", T_STATUS, cell_state },
	{ "product description", T_DESCRIPTION, NULL, "" },
	KEPT("product subtitle", "subtitle"),
	KEPT("product external id", "external_id"),
	{ "product thumbnail", T_IMAGE, cell_line },
	KEPT("product collection id", "collection_id"),
	KEPT("product collection title", "collection"),
	KEPT("product collection handle", "collection_handle"),
	KEPT("product type id", "type_id"),
	{ "product type", T_TYPE, cell_line, "" },
	{ "product created at", T_NOTHING },
	{ "product updated at", T_NOTHING },
	{ "product deleted at", T_NOTHING },
	KEPT("product discountable", "discountable"),
	KEPT("product height", "height"),
	KEPT("product hs code", "hs_code"),
	KEPT("product is giftcard", "gift_card"),
	KEPT("product length", "length"),
	KEPT("product material", "material"),
	KEPT("product mid code", "mid_code"),
	KEPT("product origin country", "country_of_origin"),
	KEPT("product weight", "weight"),
	KEPT("product width", "width"),
	{ "product tags", T_TAGS, cell_tags, "{}" },
	{ "variant id", T_OWN + VARIANT_ID, cell_line },
	KEPT_OF_VARIANT("variant title", "title"),
	{ "variant sku", T_SKU, cell_sku },
	{ "variant barcode", T_BARCODE, cell_line, "" },
	KEPT_OF_VARIANT("variant upc", "upc"),
	KEPT_OF_VARIANT("variant ean", "ean"),
	KEPT_OF_VARIANT("variant hs code", "hs_code"),
	KEPT_OF_VARIANT("variant mid code", "mid_code"),
	KEPT_OF_VARIANT("variant manage inventory", "track_inventory"),
	KEPT_OF_VARIANT("variant allow backorder", "backorders"),
	{ "variant inventory quantity", T_ON_HAND, cell_quantity },
	{ "variant created at", T_NOTHING },
	{ "variant updated at", T_NOTHING },
	{ "variant deleted at", T_NOTHING },
	{ "variant product id", T_NOTHING },
	{ "variant variant rank", T_NOTHING },
	KEPT_OF_VARIANT("variant height", "height"),
	KEPT_OF_VARIANT("variant length", "length"),
	KEPT_OF_VARIANT("variant material", "material"),
	KEPT_OF_VARIANT("variant metadata", "metadata"),
	KEPT_OF_VARIANT("variant origin country", "country_of_origin"),
	KEPT_OF_VARIANT("variant weight", "weight"),
	KEPT_OF_VARIANT("variant width", "width"),
	{ "variant option 1 name|option 1 name", T_NAME1, cell_line },
	{ "variant option 1 value|option 1 value", T_VALUE1, cell_line },
	{ "variant option 2 name|option 2 name", T_NAME2, cell_line },
	{ "variant option 2 value|option 2 value", T_VALUE2, cell_line },
	{ "variant option 3 name|option 3 name", T_NAME3, cell_line },
	{ "variant option 3 value|option 3 value", T_VALUE3, cell_line },
	{ .glob = "product image [0-9]*",
		.target = T_LIST + IMAGES,
		.parse = cell_line },
	{ .glob = "image [0-9]* url", .target = T_LIST + IMAGES, .parse = cell_line },
	{ .glob = "product tag [0-9]*", .target = T_LIST + TAGS, .parse = cell_line },
	{ .glob = "variant price *", .target = T_AMOUNT },
	{ .glob = "price *", .target = T_AMOUNT },
	IMPORT_REJECT_COLUMNS(T_NOTHING),
};

static void read_lists(struct import_draft *d)
{
	const char *tags[IMPORT_LIST_MAX];
	size_t i, n = 0;

	for (i = 1; i <= IMPORT_LIST_MAX; i++) {
		if (d->lists[IMAGES][i])
			draft_image(d, d->lists[IMAGES][i]);
		if (d->lists[TAGS][i])
			tags[n++] = d->lists[TAGS][i];
	}
	if (n)
		d->values[T_TAGS] = cell_array(d->op, tags, n);
}

/* "Variant Price EUR" is a price in euro; one that ends with [EUR] is a region's. */
static void read_price(struct import_draft *d, size_t i)
{
	const char *name = d->state->map->names[i], *text = d->row->cells[i].s;
	size_t n = strlen(name);
	const char *currency = name + n - 3;
	const struct import_cell code = { n > 3 ? currency : "", NULL };
	struct import_cell cell = { text, NULL };
	const char *amount;

	if (name[n - 1] == ']') {
		fail(d->op, E_DATA, "price_has_no_region",
			"\"%.40s\" is the price of a region", text);
		fail_hint(d->op, "empty the column, and make it a price list: "
				 "shopctl pricelist create");
	} else if (cell_currency(d->op, &code, &cell.currency) == OK &&
		   cell_money(d->op, &cell, &amount) == OK) {
		bool ours = d->state->currency &&
			    !strcmp(cell.currency, d->state->currency);

		if (ours) {
			d->values[T_CURRENCY] = cell.currency;
			d->values[T_PRICE] = amount;
		} else {
			draft_extra(d, EXTRA_PRICES,
				op_printf(d->op, "[\"%s\",%s]", cell.currency, amount));
		}
		return;
	}
	draft_problem(d, name);
}

static bool row(struct import_draft *d)
{
	const struct import_map *map = d->state->map;
	size_t i;

	read_lists(d);
	for (i = 0; i < map->n && i < d->row->n; i++)
		if (map->columns[i] && map->columns[i]->target == T_AMOUNT &&
			d->row->cells[i].n)
			read_price(d, i);
	d->id = draft_own(d, VARIANT_ID);
	return true;
}

const struct import_dialect import_medusa = { "medusa", IMPORT_DIALECT(columns),
	.row = row, .strict = "@(product|variant) *" };
