/* Cells of an import: what each kind may hold, and how it is staged. */
#include "domain/import_cell.h"

#include "base/field.h"
#include "base/json.h"
#include "base/money.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

static const char *trimmed(struct op *op, const char *s)
{
	size_t n;

	while (isspace((unsigned char)*s))
		s++;
	n = strlen(s);
	while (n && isspace((unsigned char)s[n - 1]))
		n--;
	return op_strndup(op, s, n);
}

enum err cell_line(struct op *op, const struct import_cell *cell, const char **out)
{
	*out = trimmed(op, cell->text);
	return OK;
}

enum err cell_sku(struct op *op, const struct import_cell *cell, const char **out)
{
	*out = trimmed(op, cell->text);
	if (strlen(*out) <= 200)
		return OK;
	return fail(
		op, E_DATA, "variant_sku_is_not_empty", "it is longer than 200 bytes");
}

enum err cell_bool(struct op *op, const struct import_cell *cell, const char **out)
{
	static const struct {
		const char *word, *staged;
	} words[] = { { "true", "t" }, { "false", "f" }, { "1", "t" }, { "0", "f" },
		{ "yes", "t" }, { "no", "f" } };
	const char *s = trimmed(op, cell->text);
	size_t i;

	for (i = 0; i < sizeof words / sizeof *words; i++) {
		if (!strcasecmp(s, words[i].word)) {
			*out = words[i].staged;
			return OK;
		}
	}
	fail(op, E_DATA, "value_is_boolean", "\"%.40s\" is not true or false", s);
	return fail_hint(op, "write true or false");
}

enum err cell_count(struct op *op, const struct import_cell *cell, const char **out)
{
	const char *s = trimmed(op, cell->text), *p = s + (*s == '-');

	if (!*p || p[strspn(p, "0123456789")] || strlen(p) > 15) {
		fail(op, E_DATA, "value_is_integer", "\"%.40s\" is not a whole number",
			s);
		return fail_hint(op, "write digits only");
	}
	if (p != s && p[strspn(p, "0")]) {
		fail(op, E_DATA, "stock_never_oversold",
			"%s: nobody can have less than nothing", s);
		return fail_hint(
			op, "count it, or leave the cell empty to leave it as it is");
	}
	*out = p;
	return OK;
}

/* Grams may have decimals; half a gram and more is rounded up. */
enum err cell_grams(struct op *op, const struct import_cell *cell, const char **out)
{
	const char *s = trimmed(op, cell->text);
	size_t whole = strspn(s, "0123456789");
	size_t decimals = s[whole] == '.' || s[whole] == ','
				  ? strspn(s + whole + 1, "0123456789") + 1
				  : 0;

	if (!whole || whole > 12 || s[whole + decimals]) {
		fail(op, E_DATA, "weight_is_in_grams",
			"\"%.40s\" is not a weight in grams", s);
		return fail_hint(op, "write digits only: 1500");
	}
	*out = op_printf(op, "%lld",
		strtoll(s, NULL, 10) + (decimals > 1 && s[whole + 1] >= '5'));
	return OK;
}

/* "1,000" and "1.000" are a thousand to some and one to others: nobody guesses. */
static bool is_ambiguous(const char *s, const char *currency)
{
	const char *mark = s + strcspn(s, ".,");

	return *mark && strlen(mark) == 4 && money_exponent(currency) != 3;
}

enum err cell_money(struct op *op, const struct import_cell *cell, const char **out)
{
	const char *s = trimmed(op, cell->text);
	struct money m;

	if (!cell->currency) {
		fail(op, E_DATA, "currency_is_known",
			"no currency says what \"%.40s\" is", s);
		return fail_hint(op, "add --currency CODE or a currency column");
	}
	if (is_ambiguous(s, cell->currency)) {
		fail(op, E_DATA, "money_is_exact", "\"%.40s\" can be read in two ways",
			s);
		return fail_hint(op, "write it without thousands separator: 1000.00");
	}
	TRY(money_parse_as(op, s, cell->currency, &m));
	if (m.minor < 0) {
		fail(op, E_DATA, "price_is_not_negative",
			"\"%.40s\" is less than nothing", s);
		return fail_hint(op, "write the amount without a sign");
	}
	*out = op_printf(op, "%" PRId64, m.minor);
	return OK;
}

enum err cell_currency(struct op *op, const struct import_cell *cell, const char **out)
{
	char *s = op_strdup(op, trimmed(op, cell->text)), *p;

	for (p = s; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	*out = s;
	if (money_exponent(s) >= 0)
		return OK;
	fail(op, E_DATA, "currency_is_known", "\"%.40s\" is not a currency", s);
	return fail_hint(op, "write an ISO 4217 code: EUR, USD, JPY");
}

enum err cell_status(struct op *op, const struct import_cell *cell, const char **out)
{
	static const char known[] = "draft|active|archived";
	const char *s = trimmed(op, cell->text), *near;
	char *lower = op_strdup(op, s), *p;

	for (p = lower; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	*out = lower;
	if (!strcmp(lower, "draft") || !strcmp(lower, "active") ||
		!strcmp(lower, "archived"))
		return OK;
	near = nearest(op, lower, known);
	fail(op, E_DATA, "product_status_is_known", "\"%.40s\" is not a status", s);
	return near ? fail_hint(op, "did you mean \"%s\"? (%s)", near, known)
		    : fail_hint(op, "one of: %s", known);
}

/* Not published online is a draft to a shop that sells online. */
enum err cell_published(struct op *op, const struct import_cell *cell, const char **out)
{
	TRY(cell_bool(op, cell, out));
	*out = **out == 't' ? "active" : "draft";
	return OK;
}

enum err cell_taxable(struct op *op, const struct import_cell *cell, const char **out)
{
	TRY(cell_bool(op, cell, out));
	*out = **out == 't' ? "standard" : "exempt";
	return OK;
}

const char *cell_array(struct op *op, const char *const *v, size_t n)
{
	struct text t = { 0 };
	size_t i;
	const char *p;

	text_add_char(op, &t, '{');
	for (i = 0; i < n; i++) {
		text_add(op, &t, i ? ",\"" : "\"");
		for (p = v[i]; *p; p++) {
			if (*p == '"' || *p == '\\')
				text_add_char(op, &t, '\\');
			text_add_char(op, &t, *p);
		}
		text_add_char(op, &t, '"');
	}
	text_add_char(op, &t, '}');
	return t.s;
}

static bool among(const char *const *v, size_t n, const char *s)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(v[i], s))
			return true;
	return false;
}

/* "b, a,, b" has the tags b and a; "a\, b" is one. */
enum err cell_tags(struct op *op, const struct import_cell *cell, const char **out)
{
	size_t i, n, kept = 0;
	const char **tags = cell_list(op, cell->text, ',', &n);

	for (i = 0; i < n; i++)
		if (!among(tags, kept, tags[i]))
			tags[kept++] = tags[i];
	*out = cell_array(op, tags, kept);
	return OK;
}

enum err cell_object(struct op *op, const struct import_cell *cell, const char **out)
{
	const char *s = trimmed(op, cell->text);
	const struct json *node;

	*out = s;
	TRY(json_parse(op, s, strlen(s), &node));
	if (*s == '{')
		return OK;
	fail(op, E_DATA, "attributes_are_an_object", "it is not a JSON object");
	return fail_hint(op, "write {\"name\": \"value\"}");
}

const char *cell_slug(struct op *op, const char *name)
{
	char *s = op_alloc(op, strlen(name) + 1), *to = s;
	const char *p;

	for (p = name; *p; p++) {
		if (isalnum((unsigned char)*p) || (unsigned char)*p >= 0x80)
			*to++ = (char)tolower((unsigned char)*p);
		else if (to > s && to[-1] != '-')
			*to++ = '-';
	}
	while (to > s && to[-1] == '-')
		to--;
	*to = '\0';
	return s;
}
