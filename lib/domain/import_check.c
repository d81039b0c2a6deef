/* What an import would make of a file, without a database. */
#include "domain/import_check.h"

#include "base/csv.h"
#include "domain/import_kind.h"
#include "domain/import_names.h"
#include "domain/import_source.h"

#include <string.h>

const struct shape import_column_check_shape = SHAPE(import_column_check,
	FIELD(import_column_check, column), FIELD(import_column_check, header),
	FIELD(import_column_check, field), FIELD(import_column_check, note));

static const char *kinds_there_are(struct op *op)
{
	const struct import_kind *const *k;
	const char *all = "";

	for (k = import_kinds; *k; k++)
		all = op_printf(op, "%s%s%s", all, *all ? ", " : "", (*k)->noun);
	return all;
}

static enum err kind_named(
	struct op *op, const char *noun, const struct import_kind **out)
{
	*out = import_kind_named(noun);
	if (*out)
		return OK;
	fail(op, E_USAGE, "import_kind_is_known", "there is no import of \"%s\"", noun);
	return fail_hint(op, "one of: %s", kinds_there_are(op));
}

/* Columns that it reads, and those that it has beside: the kind of fewer is meant. */
static void score(const struct import_kind *kind, const struct import_map *map,
	size_t *known, size_t *width)
{
	size_t i;

	*known = 0;
	*width = map->dialect->n;
	for (i = 0; i < map->n; i++) {
		const struct import_column *c = map->columns[i];

		*known += c && c->target != kind->nothing &&
			  !(c->glob && !strcmp(c->glob, "*")); /* that knows any */
	}
}

struct guess {
	const struct import_kind *kind;
	struct import_map *map;
	size_t known, width;
};

/* Recognise the header as this kind's, silently; better than the best so far? */
static void try_kind(struct op *op, const struct import_kind *kind,
	const struct import_names *names, const struct csv_row *header,
	struct guess *best)
{
	struct guess g = { kind, op_alloc(op, sizeof *g.map), 0, 0 };
	bool quiet = op->quiet;
	enum err e;

	op->quiet = true;
	e = import_names_recognise(op, names, kind, header, g.map);
	op->quiet = quiet;
	if (e != OK)
		return;
	score(kind, g.map, &g.known, &g.width);
	if (!best->kind || g.known > best->known ||
		(g.known == best->known && g.width < best->width))
		*best = g;
}

static enum err recognise(struct op *op, const struct import_check *what,
	const struct csv_row *header, struct guess *out)
{
	const struct import_kind *const *k, *only = NULL;
	struct import_names names;

	TRY(import_names_read(op, what->map, &names));
	if (what->kind)
		TRY(kind_named(op, what->kind, &only));
	for (k = import_kinds; *k; k++) {
		if (only && *k != only)
			continue;
		try_kind(op, *k, &names, header, out);
		if (!out->kind && only)
			op->fault.code = E_NO;
		else if (!only || out->kind)
			fault_clear(op);
	}
	if (out->kind)
		return OK;
	if (only)
		return E_NO;
	fail(op, E_NO, "csv_header_is_known", "no kind of import knows this header");
	return fail_hint(op,
		"the kinds are %s: shopctl import template KIND shows the columns; "
		"--map FILE says which column is which",
		kinds_there_are(op));
}

/* "body_html": the first of the names that a column goes by, or its header. */
static const char *field_of(
	struct op *op, const struct import_column *c, const char *header)
{
	const char *name = c->names ? c->names : import_plain(op, header);
	char *s = op_strndup(op, name, strcspn(name, "|")), *p;

	for (p = s; *p; p++)
		*p = *p == ' ' ? '_' : *p;
	return s;
}

static struct import_column_check explain(
	struct op *op, const struct guess *g, const struct csv_row *header, size_t i)
{
	const struct import_column *c = g->map->columns[i];
	struct import_column_check x = { .column = (int64_t)i + 1,
		.header = op_strdup(op, header->cells[i].s) };

	if (!c)
		x.note = "not known, ignored";
	else if (c->target == g->kind->nothing)
		x.note = strcmp(import_plain(op, x.header),
				 field_of(op, c, x.header)) != 0
				 ? "known, and not used here"
				 : "of a file of rejects, ignored";
	else {
		x.field = field_of(op, c, x.header);
		if (c->key)
			x.note = op_printf(op, "kept as the attribute %s", c->key);
	}
	return x;
}

static void explain_all(struct op *op, const struct guess *g,
	const struct csv_row *header, struct rows *out)
{
	struct import_column_check *all = op_alloc(op, (header->n + 1) * sizeof *all);
	size_t i;

	for (i = 0; i < header->n; i++)
		all[i] = explain(op, g, header, i);
	*out = (struct rows){ all, header->n };
}

/* To its end, so that what is no CSV is said with its line. */
static enum err count(struct op *op, struct csv_reader *reader, int64_t *rows)
{
	struct csv_row row;
	size_t i;

	for (*rows = 0;;) {
		TRY(csv_next(op, reader, &row));
		if (!row.n)
			return OK;
		for (i = 0; i < row.n && !row.cells[i].n; i++)
			continue;
		*rows += i < row.n;
		TRY(import_interrupted(op));
	}
}

enum err import_check(
	struct op *op, const struct import_check *what, struct import_checked *out)
{
	struct import_source source = { 0 };
	struct guess g = { 0 };
	struct csv_reader *reader;
	struct csv_row header;

	TRY(import_source_open(op, what->file, &source));
	reader = csv_reader_new(op, source.fd, source.name);
	TRY(csv_next(op, reader, &header));
	TRY(recognise(op, what, &header, &g));
	out->kind = g.kind->noun;
	out->dialect = g.map->dialect->name;
	explain_all(op, &g, &header, &out->columns);
	return count(op, reader, &out->rows);
}

enum err import_template(struct op *op, const char *noun, const char **out)
{
	const struct import_kind *kind;
	const struct import_dialect *d;
	struct text t = { 0 };
	size_t i;

	TRY(kind_named(op, noun, &kind));
	d = kind->dialects[0];
	for (i = 0; i < d->n; i++)
		if (d->columns[i].target != kind->nothing && d->columns[i].names)
			csv_put(op, &t, !t.n, field_of(op, &d->columns[i], ""));
	*out = t.s;
	return OK;
}
