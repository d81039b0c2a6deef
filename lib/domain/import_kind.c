/* The kinds of imports; and the rows of those that need no code of their own. */
#include "domain/import_kind.h"

#include "domain/import_cell.h"
#include "domain/import_source.h"

#include <inttypes.h>
#include <string.h>

#define KIND(noun) &import_##noun,
const struct import_kind *const import_kinds[] = {
#include "domain/import_kinds.h"
	NULL
};
#undef KIND

const struct import_kind *import_kind_named(const char *noun)
{
	const struct import_kind *const *k;

	for (k = import_kinds; *k; k++)
		if (!strcmp((*k)->noun, noun))
			return *k;
	return NULL;
}

bool import_flat_knows(const struct import_map *map)
{
	const struct import_dialect *d = map->dialect;
	size_t i;

	for (i = 0; i < d->n; i++)
		if (d->columns[i].needed && !map->has[d->columns[i].target])
			return false;
	return true;
}

/* A row while it is read. */
struct flat {
	struct op *op;
	const struct import_state *state;
	const struct csv_row *row;
	const char *values[IMPORT_TARGETS_MAX];
	struct import_problems problems;
};

void import_problem(struct op *op, struct import_problems *p, const char *column)
{
	const struct fault *f = &op->fault;

	if (p->n + 4 <= sizeof p->v / sizeof *p->v) {
		p->v[p->n++] = column;
		p->v[p->n++] = f->rule;
		p->v[p->n++] = f->text;
		p->v[p->n++] = f->hint ? f->hint : "";
	}
	fault_clear(op);
}

static void problem(struct flat *d, const char *column)
{
	import_problem(d->op, &d->problems, column);
}

static void read_cell(struct flat *d, size_t i, const char *currency)
{
	const struct import_column *c = d->state->map->columns[i];
	const struct import_cell cell = { d->row->cells[i].s, currency };
	const char *value = cell.text;

	if (!c || c->target == d->state->kind->nothing)
		return;
	if (!d->row->cells[i].n)
		value = c->none;
	else if (c->parse && c->parse(d->op, &cell, &value) != OK) {
		problem(d, d->state->map->names[i]);
		return;
	}
	d->values[c->target] = value && *value ? value : c->none;
}

/* The currency comes first: it says what the amounts are. */
static const char *row_currency(struct flat *d)
{
	const struct import_map *map = d->state->map;
	size_t i;

	for (i = 0; i < d->row->n && i < map->n; i++)
		if (map->columns[i] && map->columns[i]->parse == cell_currency) {
			read_cell(d, i, NULL);
			if (d->values[map->columns[i]->target])
				return d->values[map->columns[i]->target];
		}
	return d->state->currency;
}

static void check_row(struct flat *d)
{
	const struct import_map *map = d->state->map;
	size_t i;

	if (d->row->n > map->n || (d->row->n < map->n && !map->dialect->short_rows)) {
		fail(d->op, E_DATA, "csv_rows_fit_the_header",
			"it has %zu cells and the header names %zu columns", d->row->n,
			map->n);
		fail_hint(d->op, "quote cells that have a comma in them, and keep the "
				 "commas of empty ones");
		problem(d, "row");
	}
	for (i = 0; i < map->n && !d->problems.n; i++) {
		if (!map->columns[i] || !map->columns[i]->needed ||
			d->values[map->columns[i]->target])
			continue;
		fail(d->op, E_DATA, "import_row_is_complete", "it is empty");
		fail_hint(d->op, "each row needs it");
		problem(d, map->names[i]);
	}
}

void import_flat_row(
	struct op *scratch, void *ctx, const struct csv_row *row, struct text *out)
{
	const struct import_state *state = ctx;
	struct flat d = { .op = scratch, .state = state, .row = row };
	const char *currency = row_currency(&d);
	size_t i;
	int t;

	for (i = 0; i < row->n && i < state->map->n; i++)
		if (state->map->columns[i] &&
			state->map->columns[i]->parse != cell_currency)
			read_cell(&d, i, currency);
	check_row(&d);
	text_add(state->op, out, op_printf(scratch, "%" PRId64 "\t", row->line));
	import_put(state->op, out,
		d.problems.n ? cell_array(scratch, d.problems.v, d.problems.n) : NULL);
	for (t = 0; t < state->kind->staged; t++) {
		text_add_char(state->op, out, '\t');
		import_put(state->op, out, d.values[t]);
	}
	text_add_char(state->op, out, '\n');
}
