/* The kinds of files that are understood, told apart by their header. */
#include "domain/import_dialect.h"

#include "base/field.h"
#include "base/out.h"
#include "domain/import_foreign.h"
#include "domain/import_kind.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

const char *import_plain(struct op *op, const char *header)
{
	char *s = op_alloc(op, strlen(header) + 1), *to = s;
	const char *p;

	for (p = header; *p; p++) {
		if (isalnum((unsigned char)*p) || (unsigned char)*p >= 0x80)
			*to++ = (char)tolower((unsigned char)*p);
		else if (to > s && to[-1] != ' ')
			*to++ = ' ';
	}
	if (to > s && to[-1] == ' ')
		to--;
	*to = '\0';
	return s;
}

static bool is_named(const char *names, const char *name)
{
	size_t n = strlen(name);
	const char *p = names;

	for (; p; p = strchr(p, '|')) {
		p += *p == '|';
		if (!strncmp(p, name, n) && (p[n] == '|' || !p[n]))
			return n > 0;
	}
	return false;
}

/* By its plain name, or by a pattern of the header as it stands. */
static const struct import_column *column_named(
	const struct import_dialect *d, const char *plain, const char *header)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		if (d->columns[i].names && is_named(d->columns[i].names, plain))
			return &d->columns[i];
	for (i = 0; i < d->n; i++)
		if (d->columns[i].glob &&
			!fnmatch(d->columns[i].glob, header, FNM_CASEFOLD))
			return &d->columns[i];
	return NULL;
}

size_t import_known(const struct import_dialect *d, const struct import_map *map,
	const struct csv_row *header)
{
	size_t i, n = 0;

	for (i = 0; i < map->n; i++) {
		const struct import_column *c =
			column_named(d, map->names[i], header->cells[i].s);

		n += c && !(c->glob && !strcmp(c->glob, "*")); /* that knows any */
	}
	return n;
}

/* The dialect that knows most of the columns; the first of several. */
static const struct import_dialect *dialect_of(const struct import_kind *kind,
	const struct import_map *map, const struct csv_row *header)
{
	const struct import_dialect *const *d = kind->dialects, *best = *d;

	for (; *d; d++)
		if (import_known(*d, map, header) > import_known(best, map, header))
			best = *d;
	return best;
}

static const char *nearest_column(
	struct op *op, const struct import_dialect *d, const char *name)
{
	const char *all = "";
	size_t i;

	for (i = 0; i < d->n; i++)
		if (d->columns[i].names)
			all = op_printf(
				op, "%s%s%s", all, i ? "|" : "", d->columns[i].names);
	return nearest(op, name, all);
}

/* A column of a pattern knows its number, and is kept under the name it has. */
static const struct import_column *matched(
	struct op *op, const struct import_column *c, const char *header)
{
	struct import_column *own = op_alloc(op, sizeof *own);
	const char *digits = header + strcspn(header, "0123456789");

	*own = *c;
	own->index = (size_t)strtoul(digits, NULL, 10);
	if (!own->key)
		own->key = op_strdup(op, header);
	if (own->target >= T_LIST && own->target < T_OWN &&
		(!own->index || own->index > IMPORT_LIST_MAX))
		return NULL;
	return own;
}

static void note_ignored(
	struct op *op, const struct import_map *map, size_t i, const char *header)
{
	const char *near = nearest_column(op, map->dialect, map->names[i]);

	if (near)
		out_note(op,
			"column %zu, \"%s\", is not known and ignored; did you mean "
			"\"%s\"?",
			i + 1, header, near);
	else
		out_note(op, "column %zu, \"%s\", is not known and ignored", i + 1,
			header);
}

static bool is_same(const struct import_column *a, const struct import_column *b)
{
	if (a->glob && b->glob && a->target >= T_LIST && a->target < T_OWN)
		return a->target == b->target && a->index == b->index;
	return a == b || (a->glob && b->glob && !strcasecmp(a->key, b->key));
}

static enum err given_twice(struct op *op, const struct import_kind *kind,
	const struct import_map *map, size_t i)
{
	size_t j;

	for (j = 0; j < i; j++)
		if (map->columns[j] && is_same(map->columns[j], map->columns[i]) &&
			map->columns[i]->target != kind->nothing)
			return fail(op, E_DATA, "csv_columns_differ",
				"columns %zu and %zu are both \"%s\"", j + 1, i + 1,
				map->names[i]);
	return OK;
}

static enum err unknown_header(struct op *op, const struct import_kind *kind)
{
	fail(op, E_DATA, "csv_header_is_known", "the header names %s", kind->lacks);
	return fail_hint(op,
		"the first line names the columns; see those that we write: "
		"shopctl import template %s",
		kind->noun);
}

/* Some shops' programs refuse a file that lacks one of these, and so it is not theirs.
 */
static enum err check_required(struct op *op, const struct import_map *map)
{
	const char *p = map->dialect->required, *lacking = "";
	size_t i;

	while (p && *p) {
		size_t n = strcspn(p, "|");
		const char *name = op_strndup(op, p, n);

		for (i = 0; i < map->n; i++)
			if (map->columns[i] && !strncasecmp(map->names[i], name, n) &&
				!isalnum((unsigned char)map->names[i][n]))
				break; /* name, or name:en */
		if (i == map->n)
			lacking = op_printf(
				op, "%s%s%s", lacking, *lacking ? ", " : "", name);
		p += n + (p[n] == '|');
	}
	if (!*lacking)
		return OK;
	fail(op, E_DATA, "csv_header_is_whole",
		"the header is that of a file of %s, without the columns %s",
		map->dialect->name, lacking);
	return fail_hint(op, "add them; their cells may be empty");
}

static enum err not_known(
	struct op *op, const struct import_map *map, size_t i, const char *header)
{
	const char *strict = map->dialect->strict;

	if (!strict || fnmatch(strict, header, FNM_CASEFOLD | FNM_EXTMATCH) != 0) {
		note_ignored(op, map, i, header);
		return OK;
	}
	fail(op, E_DATA, "csv_header_is_known",
		"column %zu, \"%s\", is none of a file of %s", i + 1, header,
		map->dialect->name);
	return fail_hint(op, "correct its name, or leave it out");
}

enum err import_recognise(struct op *op, const struct import_kind *kind,
	const struct csv_row *header, struct import_map *map)
{
	size_t i;

	map->n = header->n;
	for (i = 0; i < map->n; i++)
		map->names[i] = import_plain(op, header->cells[i].s);
	map->dialect = dialect_of(kind, map, header);
	TRY(import_foreign(op, kind, map, header));
	for (i = 0; i < map->n; i++) {
		const char *name = header->cells[i].s;
		const struct import_column *c =
			column_named(map->dialect, map->names[i], name);

		map->columns[i] = c && c->glob ? matched(op, c, name) : c;
		if (!map->columns[i]) {
			TRY(not_known(op, map, i, name));
			continue;
		}
		TRY(given_twice(op, kind, map, i));
		map->has[map->columns[i]->target] = true;
		map->names[i] = op_strdup(op, name);
	}
	if (!kind->knows(map))
		return unknown_header(op, kind);
	return check_required(op, map);
}
