/* Cells of an import that measure: weights, quantities with decimals, dates, lists. */
#include "domain/import_cell.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS = 12, DECIMALS = 9 };

static const char *trimmed(struct op *op, const char *s)
{
	const char *out = s;
	const struct import_cell cell = { s, NULL };

	return cell_line(op, &cell, &out) == OK ? out : s;
}

/* "2,50" as 2500000000 billionths; false when it is no decimal, or too long a one. */
static bool decimal(const char *s, int64_t *out)
{
	size_t whole = strspn(s, "0123456789"), i;
	const char *p = s + whole;
	size_t fraction = *p == '.' || *p == ',' ? strspn(p + 1, "0123456789") : 0;
	int64_t n = 0;

	if (*p == '.' || *p == ',')
		p++;
	if (whole + fraction == 0 || whole > DIGITS || p[fraction])
		return false;
	for (i = 0; i < whole; i++)
		n = n * 10 + (s[i] - '0');
	*out = n;
	for (i = 0; i < DECIMALS; i++) {
		if (n > INT64_MAX / 10 - 1)
			return false;
		n = n * 10 + (i < fraction ? p[i] - '0' : 0);
	}
	*out = n;
	return true;
}

/* A weight in units of so many micrograms; half a gram and more is rounded up. */
static enum err grams_of(
	struct op *op, const struct import_cell *cell, int64_t unit, const char **out)
{
	const char *s = trimmed(op, cell->text);
	int64_t n;
	__int128 grams;

	if (decimal(s, &n)) {
		grams = ((__int128)n * unit / 1000000000 + 500000) / 1000000;
		if (grams < 1000000000000) {
			*out = op_printf(op, "%" PRId64, (int64_t)grams);
			return OK;
		}
	}
	fail(op, E_DATA, "weight_is_in_grams", "\"%.40s\" is not a weight", s);
	return fail_hint(op, "write digits only: 1.5");
}

enum err cell_kilograms(struct op *op, const struct import_cell *cell, const char **out)
{
	return grams_of(op, cell, 1000000000, out);
}

enum err cell_whole_grams(
	struct op *op, const struct import_cell *cell, const char **out)
{
	return grams_of(op, cell, 1000000, out);
}

enum err cell_pounds(struct op *op, const struct import_cell *cell, const char **out)
{
	return grams_of(op, cell, 453592370, out);
}

enum err cell_ounces(struct op *op, const struct import_cell *cell, const char **out)
{
	return grams_of(op, cell, 28349523, out);
}

import_parse *cell_weight_in(const char *unit)
{
	static const struct {
		const char *unit;
		import_parse *parse;
	} units[] = {
		{ "g", cell_whole_grams },
		{ "kg", cell_kilograms },
		{ "kgs", cell_kilograms },
		{ "lb", cell_pounds },
		{ "lbs", cell_pounds },
		{ "oz", cell_ounces },
	};
	size_t i;

	for (i = 0; i < sizeof units / sizeof *units; i++)
		if (!strcasecmp(units[i].unit, unit))
			return units[i].parse;
	return NULL;
}

/* "100.0000" is a hundred; half a piece is none. */
enum err cell_quantity(struct op *op, const struct import_cell *cell, const char **out)
{
	char *s = op_strdup(op, trimmed(op, cell->text));
	struct import_cell whole = *cell;
	char *point = strchr(s, '.');

	if (point && point != s && point[1] && !point[1 + strspn(point + 1, "0")])
		*point = '\0';
	whole.text = s;
	return cell_count(op, &whole, out);
}

static bool is_real_day(int y, int m, int d)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

	return y >= 1000 && m >= 1 && m <= 12 && d >= 1 &&
	       d <= days[m - 1] + (m == 2 && leap);
}

struct moment {
	int y, m, d, h, min, sec;
};

/* 2026-05-01, 2026-05-01 9:30, 2026-05-01T09:30:00 */
static bool read_iso(const char *s, struct moment *t)
{
	int at = 0;

	if (sscanf(s, "%4d-%2d-%2d%n", &t->y, &t->m, &t->d, &at) != 3)
		return false;
	s += at;
	if (!*s)
		return true;
	return strchr(" T", *s) && !s[strspn(s, " T0123456789:Z")] &&
	       sscanf(s + 1, "%2d:%2d:%2d", &t->h, &t->min, &t->sec) >= 2;
}

/* 5/1/26, 9:30 AM */
static bool read_american(const char *s, struct moment *t)
{
	int at = 0;
	char half = 0;

	if (sscanf(s, "%2d/%2d/%4d%n", &t->m, &t->d, &t->y, &at) != 3)
		return false;
	s += at;
	if (t->y < 100)
		t->y += 2000;
	if (!*s)
		return true;
	if (s[strspn(s, ", 0123456789:APMapm")] ||
		sscanf(s, ", %2d:%2d %c", &t->h, &t->min, &half) < 2)
		return false;
	if (half)
		t->h = t->h % 12 + (toupper((unsigned char)half) == 'P' ? 12 : 0);
	return true;
}

/* "2026-05-01", "2026-05-01 9:30:00" and "5/1/26, 9:30 AM": as RFC 3339, in UTC. */
enum err cell_moment(struct op *op, const struct import_cell *cell, const char **out)
{
	const char *s = trimmed(op, cell->text);
	struct moment t = { 0 }, u = { 0 };

	if (!read_iso(s, &t)) {
		if (!read_american(s, &u))
			u.y = 0;
		t = u;
	}
	if (is_real_day(t.y, t.m, t.d) && t.h >= 0 && t.h < 24 && t.min >= 0 &&
		t.min < 60 && t.sec >= 0 && t.sec < 60) {
		*out = op_printf(op, "%04d-%02d-%02dT%02d:%02d:%02dZ", t.y, t.m, t.d,
			t.h, t.min, t.sec);
		return OK;
	}
	fail(op, E_DATA, "value_is_date", "\"%.40s\" is not a date", s);
	return fail_hint(op, "write it as 2026-12-24 or 2026-12-24 18:30:00");
}

/* "a, b\, c" with ',': "a" and "b, c"; what is empty is left out. */
const char **cell_list(struct op *op, const char *text, char mark, size_t *n)
{
	const char **v = op_alloc(op, (strlen(text) / 2 + 2) * sizeof *v);
	struct text part = { 0 };
	const char *p = text;

	for (*n = 0;; p++) {
		if (*p == '\\' && p[1] == mark) {
			text_add_char(op, &part, *++p);
			continue;
		}
		if (*p && *p != mark) {
			text_add_char(op, &part, *p);
			continue;
		}
		if (part.n && *(v[*n] = trimmed(op, part.s)))
			(*n)++;
		text_clear(&part);
		if (!*p)
			return v;
	}
}
