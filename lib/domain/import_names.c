/* What a file calls its columns, as a person has said it: --map FILE. */
#include "domain/import_names.h"

#include "base/field.h"
#include "base/json.h"
#include "base/yaml.h"
#include "domain/import_kind.h"

#include <string.h>

static void add(
	struct op *op, struct import_names *n, const char *header, const char *field)
{
	size_t had = n->headers.n * sizeof *n->headers.v;

	n->headers.v = op_grow(op, n->headers.v, had, had + sizeof *n->headers.v);
	n->fields.v = op_grow(op, n->fields.v, had, had + sizeof *n->fields.v);
	n->headers.v[n->headers.n++] = header;
	n->fields.v[n->fields.n++] = field;
}

struct reading {
	struct import_names *names;
	struct yaml_errors errors;
};

static void each(struct op *op, void *ctx, const struct yaml_value *value)
{
	struct reading *r = ctx;

	if (strcmp(value->section, "columns") != 0)
		yaml_error(op, &r->errors, value,
			"expected the section columns, not %s", value->section);
	else
		add(op, r->names, value->key, value->text);
}

enum err import_names_read(struct op *op, const char *file, struct import_names *out)
{
	struct reading r = { .names = out };

	*out = (struct import_names){ .file = file };
	if (!file)
		return OK;
	TRY(yaml_read(op, file, &r.errors, each, &r));
	if (!r.errors.n && out->headers.n)
		return OK;
	fail(op, E_DATA, "import_map_is_readable", "%s",
		r.errors.n ? r.errors.text
			   : op_printf(op, "%s names no columns", file));
	return fail_hint(op, "write `columns:` and below it, indented, `HEADER: FIELD` "
			     "lines; - for a field leaves the column out");
}

const char *import_names_json(struct op *op, const struct import_names *n)
{
	struct text t = { 0 };
	size_t i;

	text_add_char(op, &t, '{');
	for (i = 0; i < n->headers.n; i++)
		text_add(op, &t,
			op_printf(op, "%s%s:%s", i ? "," : "",
				json_quote(op, n->headers.v[i]),
				json_quote(op, n->fields.v[i])));
	text_add_char(op, &t, '}');
	return t.s;
}

enum err import_names_parse(struct op *op, const char *text, struct import_names *out)
{
	const struct json *all, *i;

	*out = (struct import_names){ .file = "the map of the run" };
	TRY(json_parse(op, text, strlen(text), &all));
	for (i = json_first(all); i; i = json_next(i))
		add(op, out, json_name(i), json_string(i));
	return OK;
}

static bool same(struct op *op, const char *a, const char *b)
{
	return !strcmp(import_plain(op, a), import_plain(op, b));
}

/* Which column the name is of. */
static enum err place_of(struct op *op, const struct import_names *n, size_t name,
	const struct csv_row *header, size_t *out)
{
	for (*out = 0; *out < header->n; (*out)++)
		if (same(op, header->cells[*out].s, n->headers.v[name]))
			return OK;
	fail(op, E_DATA, "import_map_fits_the_file",
		"%s: the file has no column \"%s\"", n->file, n->headers.v[name]);
	return fail_hint(op, "write the names as they stand in the file's first line");
}

static enum err unknown_field(struct op *op, const struct import_names *n, size_t name,
	const struct import_map *map)
{
	const struct import_dialect *d = map->dialect;
	const char *all = "", *near;
	size_t i;

	for (i = 0; i < d->n; i++)
		if (d->columns[i].names)
			all = op_printf(op, "%s%s%s", all, *all ? "|" : "",
				d->columns[i].names);
	near = nearest(op, import_plain(op, n->fields.v[name]), all);
	fail(op, E_USAGE, "import_map_names_fields",
		"%s: \"%s\" is no field of %s files", n->file, n->fields.v[name],
		d->name);
	return near ? fail_hint(op, "did you mean \"%s\"?", near)
		    : fail_hint(op, "shopctl import template lists the fields");
}

enum err import_names_recognise(struct op *op, const struct import_names *n,
	const struct import_kind *kind, const struct csv_row *header,
	struct import_map *out)
{
	struct csv_cell *cells = op_alloc(op, (header->n + 1) * sizeof *cells);
	struct csv_row renamed = { header->line, header->n, cells };
	size_t *at = op_alloc(op, (n->headers.n + 1) * sizeof *at), i;
	enum err e;

	if (!n->headers.n)
		return import_recognise(op, kind, header, out);
	memcpy(cells, header->cells, header->n * sizeof *cells);
	for (i = 0; i < n->headers.n; i++) {
		TRY(place_of(op, n, i, header, &at[i]));
		cells[at[i]].s = strcmp(n->fields.v[i], "-") ? n->fields.v[i] : "line";
	}
	e = import_recognise(op, kind, &renamed, out);
	for (i = 0; i < n->headers.n; i++) {
		if (!out->columns[at[i]]) {
			fault_clear(op); /* of a header that has not what it must */
			return unknown_field(op, n, i, out);
		}
		out->names[at[i]] = op_strdup(op, header->cells[at[i]].s);
	}
	return e;
}
