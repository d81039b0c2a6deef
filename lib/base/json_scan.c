/*
 * The strict scanner: refuses before the parser sees it whatever two parsers
 * could read differently (https://www.rfc-editor.org/rfc/rfc8259 and I-JSON,
 * https://www.rfc-editor.org/rfc/rfc7493).
 */
#include "base/json.h"

#include "base/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

struct key {
	const char *s;
	size_t n;
	const char *where;
};

struct scan {
	struct op *op;
	const char *text, *p, *end;
	struct key *keys; /* of all objects that are open now */
	size_t n_keys, room;
	int depth;
};

static enum err scan_value(struct scan *s);

/* Lines and columns count from 1; a column is a character, not a byte. */
static enum err fault_at(
	struct scan *s, const char *where, const char *rule, const char *what)
{
	size_t line = 1, column = 1;
	const char *p;

	for (p = s->text; p < where; p++) {
		if (*p == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)*p & 0xc0) != 0x80) {
			column++;
		}
	}
	return fail(
		s->op, E_DATA, rule, "%s at line %zu, column %zu", what, line, column);
}

static enum err malformed(struct scan *s, const char *what)
{
	return fault_at(s, s->p, "json_is_well_formed", what);
}

static bool at(const struct scan *s, char c)
{
	return s->p < s->end && *s->p == c;
}

static bool at_digit(const struct scan *s)
{
	return s->p < s->end && *s->p >= '0' && *s->p <= '9';
}

static void skip_space(struct scan *s)
{
	while (at(s, ' ') || at(s, '\n') || at(s, '\t') || at(s, '\r'))
		s->p++;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 32) >= 'a' && (c | 32) <= 'f')
		return (c | 32) - 'a' + 10;
	return -1;
}

/* The four digits of \uXXXX, or -1. */
static int hex4(const char *p, const char *end)
{
	int i, v = 0;

	if (end - p < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		int d = hex_digit(p[i]);

		if (d < 0)
			return -1;
		v = v * 16 + d;
	}
	return v;
}

/* After "\u": one unit, or a pair of surrogates in their order. */
static enum err scan_unicode(struct scan *s)
{
	int unit = hex4(s->p, s->end), low;

	if (unit < 0)
		return malformed(s, "four hex digits are missing");
	if (unit == 0)
		return fault_at(s, s->p, "json_has_no_nul", "a NUL character");
	if (unit >= 0xdc00 && unit <= 0xdfff)
		return malformed(s, "a low surrogate alone");
	s->p += 4;
	if (unit < 0xd800 || unit > 0xdbff)
		return OK;
	low = s->end - s->p >= 6 && s->p[0] == '\\' && s->p[1] == 'u'
		      ? hex4(s->p + 2, s->end)
		      : -1;
	if (low < 0xdc00 || low > 0xdfff)
		return malformed(s, "a high surrogate alone");
	s->p += 6;
	return OK;
}

static enum err scan_escape(struct scan *s)
{
	s->p++;
	if (at(s, 'u')) {
		s->p++;
		return scan_unicode(s);
	}
	if (s->p == s->end || !*s->p || !strchr("\"\\/bfnrt", *s->p))
		return malformed(s, "an unknown escape");
	s->p++;
	return OK;
}

static enum err scan_string(struct scan *s, bool *escaped)
{
	*escaped = false;
	s->p++;
	while (s->p < s->end) {
		unsigned char c = (unsigned char)*s->p;

		if (c == '"') {
			s->p++;
			return OK;
		}
		if (c < 0x20)
			return malformed(s, "a bare control character");
		if (c == '\\') {
			*escaped = true;
			TRY(scan_escape(s));
		} else {
			s->p++;
		}
	}
	return malformed(s, "the text ends inside a string");
}

/* What a checked string says once its escapes are read; never longer than it. */
static void unescape(struct scan *s, struct key *k)
{
	char *to = op_alloc(s->op, k->n + 1);
	const char *p = k->s, *end = k->s + k->n;
	size_t n = 0;

	while (p < end) {
		unsigned c;

		if (*p != '\\') {
			to[n++] = *p++;
		} else if (p[1] != 'u') {
			static const char from[] = "bfnrt", as[] = "\b\f\n\r\t";
			const char *f = strchr(from, p[1]);

			to[n++] = f ? as[f - from] : p[1];
			p += 2;
		} else {
			c = (unsigned)hex4(p + 2, end);
			p += 6;
			if (c >= 0xd800 && c <= 0xdbff) {
				c = 0x10000 + ((c - 0xd800) << 10) +
				    ((unsigned)hex4(p + 2, end) - 0xdc00);
				p += 6;
			}
			n += (size_t)utf8proc_encode_char(
				(utf8proc_int32_t)c, (utf8proc_uint8_t *)to + n);
		}
	}
	k->s = to;
	k->n = n;
}

static enum err scan_key(struct scan *s)
{
	struct key k = { .where = s->p };
	bool escaped;

	if (!at(s, '"'))
		return malformed(s, "a member name in quotes is missing");
	TRY(scan_string(s, &escaped));
	k.s = k.where + 1;
	k.n = (size_t)(s->p - k.s) - 1;
	if (escaped)
		unescape(s, &k);
	if (s->n_keys == s->room) {
		size_t more = s->room ? s->room * 2 : 32;

		s->keys = op_grow(s->op, s->keys, s->room * sizeof k, more * sizeof k);
		s->room = more;
	}
	s->keys[s->n_keys++] = k;
	return OK;
}

static int key_order(const void *a, const void *b)
{
	const struct key *x = a, *y = b;
	size_t least = x->n < y->n ? x->n : y->n;
	int d = memcmp(x->s, y->s, least);

	return d ? d : (x->n > y->n) - (x->n < y->n);
}

/* Sorted, so that an object of thousands of members costs no square of them. */
static enum err no_key_twice(struct scan *s, size_t from)
{
	struct key *k = s->keys + from;
	size_t n = s->n_keys - from, i;

	s->n_keys = from;
	if (n > 1)
		qsort(k, n, sizeof *k, key_order);
	for (i = 1; i < n; i++) {
		if (key_order(&k[i - 1], &k[i]) == 0) {
			const char *later = k[i].where > k[i - 1].where
						    ? k[i].where
						    : k[i - 1].where;

			return fault_at(
				s, later, "json_member_once", "a member given twice");
		}
	}
	return OK;
}

static enum err scan_member(struct scan *s)
{
	skip_space(s);
	TRY(scan_key(s));
	skip_space(s);
	if (!at(s, ':'))
		return malformed(s, "a colon is missing");
	s->p++;
	return scan_value(s);
}

static enum err scan_list(struct scan *s, char close, enum err (*item)(struct scan *))
{
	s->p++;
	skip_space(s);
	if (at(s, close)) {
		s->p++;
		return OK;
	}
	for (;;) {
		TRY(item(s));
		skip_space(s);
		if (at(s, close)) {
			s->p++;
			return OK;
		}
		if (!at(s, ','))
			return malformed(s, "a comma or the end of a list is missing");
		s->p++;
	}
}

static enum err scan_object(struct scan *s)
{
	size_t from = s->n_keys;

	TRY(scan_list(s, '}', scan_member));
	return no_key_twice(s, from);
}

static bool skip_digits(struct scan *s)
{
	const char *from = s->p;

	while (at_digit(s))
		s->p++;
	return s->p > from;
}

/* What the grammar allows may still not fit what programs keep numbers in. */
static enum err number_fits(struct scan *s, const char *from, bool whole)
{
	char copy[JSON_NUMBER + 1];
	size_t n = (size_t)(s->p - from);

	if (n > JSON_NUMBER)
		return fault_at(s, from, "json_number_fits", "a number too long");
	memcpy(copy, from, n);
	copy[n] = 0;
	if (whole && (n > 17 || llabs(strtoll(copy, NULL, 10)) > 9007199254740991))
		return fault_at(s, from, "json_number_fits",
			"an integer beyond 2^53, which must be a string,");
	if (!whole && !isfinite(strtod(copy, NULL)))
		return fault_at(
			s, from, "json_number_fits", "a number beyond a double");
	return OK;
}

static enum err scan_number(struct scan *s)
{
	const char *from = s->p;
	bool whole = true;

	s->p += at(s, '-');
	if (at(s, '0'))
		s->p++;
	else if (!skip_digits(s))
		return malformed(s, "an unexpected character");
	if (at(s, '.')) {
		whole = false;
		s->p++;
		if (!skip_digits(s))
			return malformed(s, "a digit after the point is missing");
	}
	if (at(s, 'e') || at(s, 'E')) {
		whole = false;
		s->p++;
		s->p += at(s, '+') || at(s, '-');
		if (!skip_digits(s))
			return malformed(s, "a digit of the exponent is missing");
	}
	return number_fits(s, from, whole);
}

static enum err scan_word(struct scan *s, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0)
		return malformed(s, "an unknown word");
	s->p += n;
	return OK;
}

static enum err scan_nested(struct scan *s)
{
	enum err e;

	if (++s->depth > JSON_DEPTH)
		return fault_at(s, s->p, "json_depth_is_bounded", "too many levels");
	e = *s->p == '{' ? scan_object(s) : scan_list(s, ']', scan_value);
	s->depth--;
	return e;
}

static enum err scan_value(struct scan *s)
{
	bool escaped;

	skip_space(s);
	if (s->p == s->end)
		return malformed(s, "a value is missing");
	switch (*s->p) {
	case '{':
	case '[':
		return scan_nested(s);
	case '"':
		return scan_string(s, &escaped);
	case 't':
		return scan_word(s, "true");
	case 'f':
		return scan_word(s, "false");
	case 'n':
		return scan_word(s, "null");
	default:
		return scan_number(s);
	}
}

enum err json_check(struct op *op, const char *text, size_t n)
{
	struct scan s = { .op = op, .text = text, .p = text, .end = text + n };
	size_t bad;

	if (n > JSON_BYTES)
		return fail(op, E_DATA, "json_size_is_bounded",
			"a JSON text of %zu bytes is more than %d", n, JSON_BYTES);
	bad = utf8_check(text, n);
	if (bad < n)
		return fault_at(
			&s, text + bad, "json_is_utf8", "a byte that is not UTF-8");
	TRY(scan_value(&s));
	skip_space(&s);
	return s.p == s.end ? OK : malformed(&s, "something after the end");
}
