/*
 * Importing quantities: what is on hand of a SKU in a warehouse, from our own columns,
 * Shopify's inventory in its three layouts, Magento's sources and commercetools.
 * A row of the file may be about several warehouses; it is a row of the stage for each.
 */
#include "domain/import.h"
#include "domain/import_cell.h"
#include "domain/import_kind.h"
#include "domain/import_source.h"

#include <inttypes.h>
#include <string.h>

enum stock_target {
	SKU,
	HANDLE,
	OPTIONS,
	WAREHOUSE,
	ON_HAND,
	EXPECTED,
	STAGED,
	VALUE1 = STAGED,
	VALUE2,
	VALUE3,
	STATUS,
	LOCATION, /* a quantity in the warehouse that the header names */
	NOTHING,
	TARGETS,
};

/* Shopify writes "not stocked" where a location does not have the item: no change. */
static enum err cell_new(
	struct op *op, const struct import_cell *cell, const char **out)
{
	TRY(cell_line(op, cell, out));
	if (strcasecmp(*out, "not stocked") != 0)
		return cell_quantity(op, cell, out);
	*out = "";
	return OK;
}

/* What lay there when the file was written; it may have been less than nothing. */
static enum err cell_current(
	struct op *op, const struct import_cell *cell, const char **out)
{
	const char *s;

	TRY(cell_line(op, cell, &s));
	*out = s;
	if (!strcasecmp(s, "not stocked")) {
		*out = "0";
		return OK;
	}
	if (*s == '-' && s[1] && !s[1 + strspn(s + 1, "0123456789")] && strlen(s) < 16)
		return OK;
	return cell_quantity(op, cell, out);
}

static const struct import_column native[] = {
	{ "sku", SKU, cell_sku },
	{ "warehouse", WAREHOUSE, cell_line },
	{ "on hand", ON_HAND, cell_quantity },
	{ "expected", EXPECTED, cell_quantity },
	{ "reserved", NOTHING },
	{ "available", NOTHING },
	IMPORT_REJECT_COLUMNS(NOTHING),
};

/* What all of Shopify's layouts have. */
#define SHOPIFY                                                                        \
	{ "handle", HANDLE, cell_line }, { "title", NOTHING },                         \
		{ "option1 name", NOTHING }, { "option1 value", VALUE1, cell_line },   \
		{ "option2 name", NOTHING }, { "option2 value", VALUE2, cell_line },   \
		{ "option3 name", NOTHING }, { "option3 value", VALUE3, cell_line },   \
		{ "sku", SKU, cell_sku }, { "hs code", NOTHING }, { "coo", NOTHING },  \
		IMPORT_REJECT_COLUMNS(NOTHING)

static const struct import_column shopify_wide[] = {
	SHOPIFY,
	{ .glob = "*", .target = LOCATION, .parse = cell_new },
};

static const struct import_column shopify_states[] = {
	SHOPIFY,
	{ "location", WAREHOUSE, cell_line },
	{ "incoming", NOTHING },
	{ "unavailable", NOTHING },
	{ "committed", NOTHING },
	{ "available", NOTHING },
	{ "on hand", ON_HAND, cell_new },
};

static const struct import_column shopify_current[] = {
	SHOPIFY,
	{ "location", WAREHOUSE, cell_line },
	{ "bin name", NOTHING },
	{ "incoming not editable", NOTHING },
	{ "unavailable not editable", NOTHING },
	{ "committed not editable", NOTHING },
	{ "available not editable", NOTHING },
	{ "on hand current", EXPECTED, cell_current },
	{ "on hand new", ON_HAND, cell_new },
	{ .glob = "variant packed *", .target = NOTHING },
};

static const struct import_column magento[] = {
	{ "source code", WAREHOUSE, cell_line },
	{ "sku", SKU, cell_sku },
	{ "status", STATUS, cell_bool },
	{ "quantity", ON_HAND, cell_quantity },
	IMPORT_REJECT_COLUMNS(NOTHING),
};

static const struct import_column commercetools[] = {
	{ "sku", SKU, cell_sku },
	{ "quantityonstock", ON_HAND, cell_quantity },
	{ "supplychannel", WAREHOUSE, cell_line },
	{ "restockableindays", NOTHING },
	{ "expecteddelivery", NOTHING },
	IMPORT_REJECT_COLUMNS(NOTHING),
};

static const struct import_dialect ours = { "native", IMPORT_DIALECT(native) },
				   wide = { "shopify-inventory-wide",
					   IMPORT_DIALECT(shopify_wide),
					   .short_rows = true },
				   states = { "shopify-inventory",
					   IMPORT_DIALECT(shopify_states),
					   .short_rows = true },
				   current = { "shopify-inventory-current",
					   IMPORT_DIALECT(shopify_current),
					   .short_rows = true },
				   msi = { "magento-msi", IMPORT_DIALECT(magento) },
				   channels = { "commercetools-inventory",
					   IMPORT_DIALECT(commercetools) };

static const struct import_dialect *const dialects[] = { &ours, &wide, &states,
	&current, &msi, &channels, NULL };

/* A row while it is read. */
struct draft {
	struct op *op;
	const struct import_state *state;
	const struct csv_row *row;
	const char *values[TARGETS];
	struct import_problems problems;
};

static void problem(struct draft *d, const char *column)
{
	import_problem(d->op, &d->problems, column);
}

static const char *read_cell(struct draft *d, size_t i)
{
	const struct import_column *c = d->state->map->columns[i];
	const struct import_cell cell = { d->row->cells[i].s, NULL };
	const char *value = cell.text;

	if (!c || c->target == NOTHING || !d->row->cells[i].n)
		return NULL;
	if (c->parse(d->op, &cell, &value) != OK) {
		problem(d, d->state->map->names[i]);
		return NULL;
	}
	return *value ? value : NULL;
}

static void read_cells(struct draft *d)
{
	const struct import_map *map = d->state->map;
	size_t i;

	for (i = 0; i < map->n && i < d->row->n; i++)
		if (map->columns[i] && map->columns[i]->target != LOCATION)
			d->values[map->columns[i]->target] = read_cell(d, i);
	if (d->row->n <= map->n && (d->row->n == map->n || map->dialect->short_rows))
		return;
	fail(d->op, E_DATA, "csv_rows_fit_the_header",
		"it has %zu cells and the header names %zu columns", d->row->n, map->n);
	fail_hint(d->op, "quote cells that have a comma in them, and keep the commas "
			 "of empty ones");
	problem(d, "row");
}

/* A row names a SKU or, as Shopify's may, a product and what tells its variant apart.
 */
static void name_it(struct draft *d)
{
	const char *values[3];
	size_t n = 0;
	int i;

	for (i = VALUE1; i <= VALUE3; i++)
		if (d->values[i] && strcmp(d->values[i], "Default Title") != 0)
			values[n++] = d->values[i];
	if (d->values[HANDLE])
		d->values[OPTIONS] = cell_array(d->op, values, n);
	if (d->values[SKU] || d->values[HANDLE])
		return;
	fail(d->op, E_DATA, "row_names_a_product", "it has neither a SKU nor a handle");
	fail_hint(d->op, "each row says what lies there");
	problem(d, "SKU");
}

/* Magento keeps goods that are there and not for sale; here what is there is for sale.
 */
static void check_status(struct draft *d)
{
	if (!d->values[STATUS] || *d->values[STATUS] == 't' || !d->values[ON_HAND] ||
		!strcmp(d->values[ON_HAND], "0"))
		return;
	fail(d->op, E_DATA, "stock_is_for_sale",
		"%s are there and none of them is for sale", d->values[ON_HAND]);
	fail_hint(d->op, "write quantity 0, or status 1");
	problem(d, "status");
}

static void write_row(struct draft *d, struct text *out)
{
	struct op *op = d->state->op;
	int i;

	text_add(op, out, op_printf(d->op, "%" PRId64 "\t", d->row->line));
	import_put(op, out,
		d->problems.n ? cell_array(d->op, d->problems.v, d->problems.n) : NULL);
	for (i = 0; i < STAGED; i++) {
		text_add_char(op, out, '\t');
		import_put(op, out, d->values[i]);
	}
	text_add_char(op, out, '\n');
}

static void stock_row(
	struct op *scratch, void *ctx, const struct csv_row *row, struct text *out)
{
	const struct import_state *state = ctx;
	const struct import_map *map = state->map;
	struct draft d = { .op = scratch, .state = state, .row = row };
	size_t i;

	read_cells(&d);
	name_it(&d);
	check_status(&d);
	if (!map->has[LOCATION]) {
		write_row(&d, out);
		return;
	}
	for (i = 0; i < map->n && i < row->n; i++) {
		if (!map->columns[i] || map->columns[i]->target != LOCATION)
			continue;
		d.values[WAREHOUSE] = map->names[i];
		d.values[ON_HAND] = read_cell(&d, i);
		write_row(&d, out);
		d.problems.n = 0; /* said once */
	}
}

static bool knows(const struct import_map *map)
{
	return (map->has[SKU] || map->has[HANDLE]) &&
	       (map->has[ON_HAND] || map->has[LOCATION]);
}

const struct import_kind import_stock = {
	.noun = "stock",
	.columns = "line, problems, sku, handle, options, warehouse, on_hand, expected",
	.dialects = dialects,
	.row = stock_row,
	.knows = knows,
	.lacks = "neither a SKU with its quantity, nor places where it lies",
	.staged = STAGED,
	.nothing = NOTHING,
	.result = &import_flat_shape,
};
