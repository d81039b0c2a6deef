/* Files that are not what they are imported as: named, and what to do with them. */
#include "domain/import_foreign.h"

#include "domain/import_kind.h"

#include <string.h>

/* Other programs' files that nobody reads; all these columns give one away. */
static const struct {
	const char *columns, *what, *hint;
} foreign[] = {
	{ "url key|path|is anchor|include in menu", "a tree of Magento's categories",
		"products bring their categories along; or shopctl category create" },
	{ "simple action|discount amount|conditions serialized",
		"Magento's cart price rules",
		"make them anew, one by one: shopctl promotion create" },
	{ "country|region|zip|order subtotal|price", "Magento's table rates",
		"they are what shipping costs: make zones and rates of them" },
	{ "country code|state code|rate|tax name|tax class", "WooCommerce's tax rates",
		"make them anew, one by one: shopctl tax --help" },
};

static bool has_column(const struct import_map *map, const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < map->n; i++)
		if (strlen(map->names[i]) == n && !strncmp(map->names[i], name, n))
			return true;
	return false;
}

static bool has_all(const struct import_map *map, const char *columns)
{
	const char *p = columns;

	while (*p) {
		size_t n = strcspn(p, "|");

		if (!has_column(map, p, n))
			return false;
		p += n + (p[n] == '|');
	}
	return true;
}

enum err import_foreign(struct op *op, const struct import_kind *kind,
	const struct import_map *map, const struct csv_row *header)
{
	const struct import_kind *const *k;
	size_t i, known = import_known(map->dialect, map, header);
	const struct import_dialect *const *d;

	for (k = import_kinds; *k; k++)
		for (d = (*k)->dialects; *k != kind && *d; d++) {
			if (import_known(*d, map, header) <= known)
				continue;
			fail(op, E_DATA, "file_is_of_its_kind",
				"this is a file for `%s import` (%s)", (*k)->noun,
				(*d)->name);
			return fail_hint(op, "shopctl %s import FILE", (*k)->noun);
		}
	for (i = 0; i < sizeof foreign / sizeof *foreign; i++) {
		if (!has_all(map, foreign[i].columns))
			continue;
		fail(op, E_DATA, "file_is_of_its_kind",
			"these are %s, which `%s import` does not read",
			foreign[i].what, kind->noun);
		return fail_hint(op, "%s", foreign[i].hint);
	}
	return OK;
}
