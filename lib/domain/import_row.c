/*
 * One row of a file as one row of the stage.  What is wrong with a cell is
 * staged with the row, so that one bad row costs one line, not the file.
 */
#include "domain/import_row.h"

#include "base/field.h"
#include "base/out.h"
#include "domain/import_cell.h"
#include "domain/import_draft.h"
#include "domain/import_source.h"

#include <inttypes.h>
#include <string.h>

const char import_stage_columns[] =
	"line, head_line, problems, derived, handle, sku, title, description, brand, "
	"category, "
	"type, "
	"tags, status, attributes, option_names, options, barcode, weight_grams, "
	"tax_class, "
	"requires_shipping, cost, variant_image, variant_attributes, currency, price, "
	"compare_at, warehouse, on_hand, image_url, image_alt, image_position, extra";

static const char *const extras[] = { "images", "prices", "refs", "pairs", "sales",
	"children" };

static void read_cell(struct import_draft *d, size_t i, const char *currency)
{
	const struct import_column *c = d->state->map->columns[i];
	const struct import_cell cell = { d->row->cells[i].s, currency };
	const char *value = cell.text;

	if (!c || !d->row->cells[i].n || c->target == T_NOTHING ||
		c->target == T_AMOUNT)
		return;
	if (c->parse == cell_money && !currency && d->state->map->has[T_CURRENCY] &&
		d->problems.n)
		return; /* the currency was wrong, and that was said */
	if (c->parse && c->parse(d->op, &cell, &value) != OK) {
		draft_problem(d, d->state->map->names[i]);
		return;
	}
	if (!*value)
		return;
	if (c->target == T_PRODUCT_KEY || c->target == T_VARIANT_KEY)
		draft_keep(d, c->target, c->key, value);
	else if (c->target >= T_LIST && c->target < T_OWN)
		d->lists[c->target - T_LIST][c->index] = value;
	else if (c->glob && d->values[c->target])
		draft_ignored(d, "texts in other languages than the file's first");
	else
		d->values[c->target] = value;
}

/* The currency comes first: it says what the amounts are. */
static const char *row_currency(struct import_draft *d)
{
	const struct import_map *map = d->state->map;
	size_t i;

	for (i = 0; i < d->row->n && i < map->n; i++)
		if (map->columns[i] && map->columns[i]->target == T_CURRENCY)
			read_cell(d, i, NULL);
	if (!d->values[T_CURRENCY] && !d->problems.n)
		d->values[T_CURRENCY] = d->state->currency;
	return d->values[T_CURRENCY];
}

static void check_width(struct import_draft *d)
{
	const struct import_map *map = d->state->map;
	size_t i;

	for (i = map->n; i < d->row->n; i++) {
		if (!d->row->cells[i].n)
			continue;
		fail(d->op, E_DATA, "csv_rows_fit_the_header",
			"it has %zu cells and the header names %zu columns", d->row->n,
			map->n);
		fail_hint(d->op, "quote cells that have a comma in them");
		draft_problem(d, "row");
		return;
	}
	if (d->row->n < map->n && !map->dialect->short_rows) {
		fail(d->op, E_DATA, "csv_rows_fit_the_header",
			"it has %zu cells and the header names %zu columns", d->row->n,
			map->n);
		fail_hint(d->op, "leave cells empty, but keep their commas");
		draft_problem(d, "row");
	}
}

static void read_cells(struct import_draft *d)
{
	const char *currency = row_currency(d);
	const struct import_map *map = d->state->map;
	size_t i;

	for (i = 0; i < d->row->n && i < map->n; i++)
		if (map->columns[i] && map->columns[i]->target != T_CURRENCY)
			read_cell(d, i, currency);
	check_width(d);
	/* Active, but not published online: nobody may buy it here. */
	if (d->values[T_PUBLISHED] &&
		(!d->values[T_STATUS] || !strcmp(d->values[T_STATUS], "active")))
		d->values[T_STATUS] = d->values[T_PUBLISHED];
}

static size_t gather(struct import_draft *d, enum target first, const char **out)
{
	size_t n = 0;
	int i;

	for (i = 0; i < 3; i++)
		if (d->values[first + i])
			out[n++] = d->values[first + i];
	return n;
}

static bool is_any(const struct import_draft *d, enum target from, enum target to)
{
	int i;

	for (i = from; i < (int)to; i++)
		if (d->values[i])
			return true;
	return false;
}

/* "Title: Default Title" is how a product without options is written. */
static bool is_plain(const struct import_draft *d)
{
	return d->values[T_VALUE1] && !d->values[T_VALUE2] &&
	       !strcmp(d->values[T_VALUE1], "Default Title") &&
	       (!d->values[T_NAME1] || !strcmp(d->values[T_NAME1], "Title"));
}

static void read_options(struct import_draft *d, bool head)
{
	const char *names[3], *values[3];
	size_t n = gather(d, T_NAME1, names), m = gather(d, T_VALUE1, values);
	const struct import_map *map = d->state->map;

	if (!map->has[T_VALUE1])
		return;
	if (is_plain(d))
		n = m = 0;
	if (n || head || is_plain(d))
		d->values[T_OPTION_NAMES] = cell_array(d->op, names, n);
	if (m || head || is_plain(d) || is_any(d, T_BARCODE, T_CURRENCY))
		d->values[T_OPTIONS] = cell_array(d->op, values, m);
	if (!m && !n)
		return;
	if (head ? n != m : n && m && n != m) {
		fail(d->op, E_DATA, "options_have_names",
			"%zu option values for %zu option names", m, n);
		fail_hint(
			d->op, "a variant has a value for each option of its product");
		draft_problem(d, "option1_value");
	}
}

/* A file may leave out handles and SKUs; what is made of the rest is always the same.
 */
static void derive_handle(struct import_draft *d)
{
	const char **v = d->values;

	if (!v[T_HANDLE] && v[T_TITLE] && (!v[T_SKU] || d->state->map->has[T_HANDLE]))
		v[T_HANDLE] = cell_slug(d->op, v[T_TITLE]);
	if (v[T_HANDLE] || v[T_SKU])
		return;
	fail(d->op, E_DATA, "row_names_a_product", "it has neither a handle nor a SKU");
	fail_hint(d->op, "each row says which product it is about");
	draft_problem(d, "handle");
}

static void derive_sku(struct import_draft *d)
{
	const char **v = d->values, *sku = v[T_HANDLE];
	int i;

	if (d->plain)
		v[T_SKU] = NULL;
	if (v[T_SKU] || !v[T_HANDLE] || d->plain)
		return;
	if (!v[T_TITLE] && !v[T_VALUE1] && !v[T_PRICE] && !v[T_ON_HAND] &&
		!v[T_BARCODE])
		return; /* a picture */
	for (i = T_VALUE1; i <= T_VALUE3 && !is_plain(d); i++)
		if (v[i])
			sku = op_printf(d->op, "%s-%s", sku, cell_slug(d->op, v[i]));
	v[T_SKU] = sku;
	d->derived = true;
}

/* Is this the row that says what its product is?  Rows of one handle follow it. */
static bool is_head(struct import_draft *d)
{
	struct import_state *s = d->state;
	const char *handle =
		d->values[T_HANDLE] ? d->values[T_HANDLE] : d->values[T_SKU];
	bool same = s->handle.n && handle && !strcmp(s->handle.s, handle);
	bool head = d->values[T_TITLE] || (!s->map->has[T_TITLE] && !same);

	if (!same) {
		s->head_line = 0;
		text_clear(&s->handle);
		text_add(s->op, &s->handle, handle ? handle : "");
	}
	if (head)
		s->head_line = d->row->line;
	return head;
}

/* Empty cells of a row that carries its product, or its variant, say "none". */
static void fill_empty(struct import_draft *d, bool head)
{
	const struct import_map *map = d->state->map;
	bool variant = head || is_any(d, T_OPTIONS, T_CURRENCY);
	size_t i;

	for (i = 0; i < map->n; i++) {
		const struct import_column *c = map->columns[i];
		bool counts;

		if (!c || !c->none || d->values[c->target])
			continue;
		counts = c->target < T_OPTIONS    ? head
			 : c->target < T_CURRENCY ? variant
						  : d->values[T_PRICE] != NULL;
		if (counts)
			d->values[c->target] = c->none;
	}
}

/* What was gathered while the row was read. */
static void gather_lists(struct import_draft *d)
{
	struct text t = { 0 };
	int i;

	if (d->attributes[0].n)
		d->values[T_ATTRIBUTES] = op_printf(d->op, "%s}", d->attributes[0].s);
	if (d->attributes[1].n)
		d->values[T_VARIANT_ATTRIBUTES] =
			op_printf(d->op, "%s}", d->attributes[1].s);
	for (i = 0; i < EXTRA_COUNT; i++)
		if (d->extra[i].n)
			text_add(d->op, &t,
				op_printf(d->op, "%s\"%s\":[%s]", t.n ? "," : "{",
					extras[i], d->extra[i].s));
	if (d->parent)
		text_add(d->op, &t,
			op_printf(d->op, "%s\"parent\":%s", t.n ? "," : "{",
				json_quote(d->op, d->parent)));
	if (d->id)
		text_add(d->op, &t,
			op_printf(d->op, "%s\"id\":%s", t.n ? "," : "{",
				json_quote(d->op, d->id)));
	if (d->loose)
		text_add(d->op, &t, t.n ? ",\"loose\":true" : "{\"loose\":true");
	if (t.n)
		d->values[T_EXTRA] = op_printf(d->op, "%s}", t.s);
}

static void write_row(struct import_draft *d, struct text *out)
{
	struct op *op = d->state->op;
	int i;

	text_add(op, out, op_printf(d->op, "%" PRId64 "\t", d->row->line));
	import_put(op, out,
		d->state->head_line ? op_printf(d->op, "%" PRId64, d->state->head_line)
				    : NULL);
	text_add_char(op, out, '\t');
	import_put(op, out,
		d->problems.n ? cell_array(d->op, d->problems.v, d->problems.n) : NULL);
	text_add(op, out, d->derived ? "\tt" : "\tf");
	for (i = 0; i < T_STAGED; i++) {
		text_add_char(op, out, '\t');
		import_put(op, out, d->values[i]);
	}
	text_add_char(op, out, '\n');
}

void import_row(
	struct op *scratch, void *ctx, const struct csv_row *row, struct text *out)
{
	struct import_state *state = ctx;
	struct import_draft d = { .op = scratch, .state = state, .row = row };
	bool head;

	read_cells(&d);
	if (state->map->dialect->row && !state->map->dialect->row(&d))
		return;
	gather_lists(&d);
	derive_handle(&d);
	head = is_head(&d);
	derive_sku(&d);
	read_options(&d, head);
	fill_empty(&d, head);
	if (!d.values[T_SKU] && !d.values[T_PRICE])
		d.values[T_CURRENCY] = NULL;
	write_row(&d, out);
}
