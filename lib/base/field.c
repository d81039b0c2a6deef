/* Members of structs to text and back, by the shape that describes them. */
#include "base/field.h"

#include "base/utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (*a != *b && !(*a == '-' && *b == '_') && !(*a == '_' && *b == '-'))
			return false;
	return *a == *b;
}

const struct field *shape_find(const struct shape *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		if (same_name(s->fields[i].name, name))
			return &s->fields[i];
	return NULL;
}

static void *member(const struct field *f, const void *item)
{
	return (char *)(uintptr_t)item + f->offset;
}

static bool is_choice(const char *choices, const char *text)
{
	size_t n = strlen(text);
	const char *p = choices;

	for (; p; p = strchr(p, '|')) {
		p += *p == '|';
		if (!strncmp(p, text, n) && (p[n] == '|' || !p[n]))
			return true;
	}
	return false;
}

static enum err bad_choice(struct op *op, const struct field *f, const char *text)
{
	const char *near = nearest(op, text, f->choices);

	fail(op, E_USAGE, "value_is_known", "%s cannot be \"%s\"", f->name, text);
	return near ? fail_hint(op, "did you mean \"%s\"? (%s)", near, f->choices)
		    : fail_hint(op, "one of: %s", f->choices);
}

static enum err parse_bool(
	struct op *op, const struct field *f, const char *text, bool *out)
{
	if (is_choice("t|true|1|yes|on", text))
		*out = true;
	else if (is_choice("f|false|0|no|off", text))
		*out = false;
	else
		return fail(op, E_USAGE, "value_is_boolean",
			"%s: \"%s\" is not true or false", f->name, text);
	return OK;
}

static enum err parse_int(
	struct op *op, const struct field *f, const char *text, int64_t *out)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(text, &end, 10);
	if (end == text || *end || errno)
		return fail(op, E_USAGE, "value_is_integer",
			"%s: \"%s\" is not a whole number", f->name, text);
	*out = n;
	return OK;
}

static enum err parse_real(
	struct op *op, const struct field *f, const char *text, double *out)
{
	char *end;

	*out = strtod(text, &end);
	if (end == text || *end || !isfinite(*out))
		return fail(op, E_USAGE, "value_is_number",
			"%s: \"%s\" is not a number", f->name, text);
	return OK;
}

static void texts_add(struct op *op, struct texts *t, const char *text)
{
	t->v = op_grow(op, t->v, t->n * sizeof *t->v, (t->n + 1) * sizeof *t->v);
	t->v[t->n++] = op_strdup(op, text);
}

/* The database's composite "(5998,EUR)" or what a person writes. */
static enum err parse_money(struct op *op, const char *text, struct money *out)
{
	char currency[4];
	int64_t minor;
	int end = 0;

	if (sscanf(text, "(%" SCNd64 ",%3[A-Z])%n", &minor, currency, &end) == 2 &&
		end == (int)strlen(text)) {
		out->minor = minor;
		memcpy(out->currency, currency, 4);
		return OK;
	}
	if (!strcmp(text, "(,)"))
		return OK;
	return money_parse(op, text, out);
}

enum err field_parse(struct op *op, const struct field *f, void *item, const char *text)
{
	void *m = member(f, item);

	if (f->choices && !is_choice(f->choices, text))
		return bad_choice(op, f, text);
	switch (f->type) {
	case FIELD_BOOL:
		return parse_bool(op, f, text, m);
	case FIELD_INT:
		return parse_int(op, f, text, m);
	case FIELD_REAL:
		return parse_real(op, f, text, m);
	case FIELD_TEXT:
		*(const char **)m = op_strdup(op, text);
		return OK;
	case FIELD_TEXTS:
		texts_add(op, m, text);
		return OK;
	case FIELD_MONEY:
		return parse_money(op, text, m);
	case FIELD_STAMP:
		return stamp_parse(op, text, m);
	case FIELD_JSON:
		((struct json_text *)m)->s = op_strdup(op, text);
		return OK;
	}
	return fail(op, E_BROKEN, "field_type_known", "field %s has no type", f->name);
}

enum err shape_defaults(struct op *op, const struct shape *s, void *item)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		if (s->fields[i].initial)
			TRY(field_parse(op, &s->fields[i], item, s->fields[i].initial));
	return OK;
}

static const char *texts_join(struct op *op, const struct texts *t,
	const char *(*each)(struct op *, const char *))
{
	const char *all = "";
	size_t i;

	for (i = 0; i < t->n; i++)
		all = op_printf(op, "%s%s%s", all, i ? "," : "", each(op, t->v[i]));
	return all;
}

static const char *as_is(struct op *op, const char *s)
{
	(void)op;
	return s;
}

const char *field_text(struct op *op, const struct field *f, const void *item)
{
	const void *m = member(f, item);
	const struct stamp *s = m;
	const struct money *money = m;

	switch (f->type) {
	case FIELD_BOOL:
		return *(const bool *)m ? "true" : "false";
	case FIELD_INT:
		if ((f->flags & FIELD_OPTIONAL) && !*(const int64_t *)m)
			return NULL;
		return op_printf(op, "%" PRId64, *(const int64_t *)m);
	case FIELD_REAL:
		return op_printf(op, "%.10g", *(const double *)m);
	case FIELD_TEXT:
		return *(const char *const *)m;
	case FIELD_TEXTS:
		return texts_join(op, m, as_is);
	case FIELD_MONEY:
		return *money->currency ? money_text(op, *money) : NULL;
	case FIELD_STAMP:
		return s->us ? stamp_text(op, *s) : NULL;
	case FIELD_JSON:
		return ((const struct json_text *)m)->s;
	}
	return NULL;
}

const char *field_json(struct op *op, const struct field *f, const void *item)
{
	const void *m = member(f, item);
	const char *text;

	if (f->type == FIELD_TEXTS)
		return op_printf(op, "[%s]", texts_join(op, m, json_quote));
	text = field_text(op, f, item);
	if (!text)
		return "null";
	if (f->type == FIELD_MONEY)
		return op_printf(op, "{\"minor\":%" PRId64 ",\"currency\":\"%s\"}",
			((const struct money *)m)->minor,
			((const struct money *)m)->currency);
	if (f->type == FIELD_TEXT || f->type == FIELD_STAMP || (f->flags & FIELD_ID))
		return json_quote(op, text);
	return text;
}

/* Damerau-Levenshtein distance, cut off at 64 characters. */
static size_t distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), i, j, row[65][65];

	if (n > 64 || m > 64)
		return 99;
	for (i = 0; i <= n; i++)
		row[i][0] = i;
	for (j = 0; j <= m; j++)
		row[0][j] = j;
	for (i = 1; i <= n; i++) {
		for (j = 1; j <= m; j++) {
			size_t best = row[i - 1][j - 1] + (a[i - 1] != b[j - 1]);

			if (row[i - 1][j] + 1 < best)
				best = row[i - 1][j] + 1;
			if (row[i][j - 1] + 1 < best)
				best = row[i][j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
				a[i - 2] == b[j - 1] && row[i - 2][j - 2] + 1 < best)
				best = row[i - 2][j - 2] + 1;
			row[i][j] = best;
		}
	}
	return row[n][m];
}

const char *nearest(struct op *op, const char *typed, const char *choices)
{
	const char *p = choices, *best = NULL;
	size_t least = strlen(typed) / 3 + 2;

	while (p && *p) {
		size_t n = strcspn(p, "|");
		char *choice = op_strndup(op, p, n);
		bool begins =
			strlen(typed) > 2 && !strncmp(choice, typed, strlen(typed));
		size_t d = begins ? 0 : distance(typed, choice);

		if (d < least) {
			least = d;
			best = choice;
		}
		p += n + (p[n] == '|');
	}
	return best;
}

const char *shape_nearest(struct op *op, const struct shape *s, const char *typed)
{
	const char *all = "";
	size_t i;

	for (i = 0; i < s->count; i++)
		all = op_printf(op, "%s%s%s", all, i ? "|" : "", s->fields[i].name);
	return nearest(op, typed, all);
}

const char *json_quote(struct op *op, const char *s)
{
	size_t n = strlen(s), used = 0;
	char *to = op_alloc(op, n * 6 + 3);
	const char *p = s;

	to[used++] = '"';
	while (*p) {
		unsigned char c = (unsigned char)*p;
		size_t bytes = utf8_length(p);

		if (c == '"' || c == '\\') {
			to[used++] = '\\';
			to[used++] = (char)c;
			p++;
		} else if (c < 0x20 || c == 0x7f) {
			used += (size_t)snprintf(to + used, 7, "\\u%04x", c);
			p++;
		} else if (!bytes) {
			memcpy(to + used, "\xef\xbf\xbd", 3);
			used += 3;
			p++;
		} else {
			memcpy(to + used, p, bytes);
			used += bytes;
			p += bytes;
		}
	}
	to[used++] = '"';
	return to;
}
