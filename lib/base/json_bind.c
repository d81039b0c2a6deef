/* Documents into structs; everything wrong with a document is said at once. */
#include "base/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_FAULTS = 20 };

const char *json_at(struct op *op, const char *at, const char *name)
{
	char *to = op_alloc(op, strlen(at) + 2 * strlen(name) + 2), *p = to;

	p = stpcpy(p, at);
	*p++ = '/';
	for (; *name; name++) {
		if (*name == '~' || *name == '/') {
			*p++ = '~';
			*p++ = *name == '~' ? '0' : '1';
		} else {
			*p++ = *name;
		}
	}
	return to;
}

const char *json_at_index(struct op *op, const char *at, size_t i)
{
	return op_printf(op, "%s/%zu", at, i);
}

void json_fault(
	struct json_reader *r, const char *at, const char *rule, const char *fmt, ...)
{
	va_list args;

	if (r->n == MOST_FAULTS)
		return;
	if (!r->faults)
		r->faults = op_alloc(r->op, MOST_FAULTS * sizeof *r->faults);
	va_start(args, fmt);
	r->faults[r->n++] = (struct json_fault){
		.pointer = op_strdup(r->op, at),
		.rule = rule,
		.text = op_vprintf(r->op, fmt, args),
	};
	va_end(args);
}

enum err json_done(struct json_reader *r)
{
	const char *all = "";
	size_t i;

	if (!r->n)
		return OK;
	for (i = 0; i < r->n; i++)
		all = op_printf(r->op, "%s%s%s: %s", all, i ? "; " : "",
			*r->faults[i].pointer ? r->faults[i].pointer : "the document",
			r->faults[i].text);
	return fail(r->op, E_DATA, "request_is_valid", "%s", all);
}

static void wrong_type(struct json_reader *r, const char *at, const char *wanted)
{
	json_fault(r, at, "member_has_its_type", "must be %s", wanted);
}

/* An id may be a string, because JSON numbers end at 2^53. */
static bool read_int(const struct json *node, const struct field *f, int64_t *out)
{
	const char *s = json_string(node);
	char *end;

	if (json_int(node, out))
		return true;
	if (!s || !(f->flags & FIELD_ID) || !*s ||
		strspn(s, "0123456789") != strlen(s) || strlen(s) > 18)
		return false;
	*out = strtoll(s, &end, 10);
	return true;
}

static bool read_money(const struct json *node, struct money *out)
{
	const char *currency = json_string(json_get(node, "currency"));

	if (json_count(node) != 2 || !json_int(json_get(node, "amount"), &out->minor) ||
		!currency || money_exponent(currency) < 0)
		return false;
	memcpy(out->currency, currency, 4);
	return true;
}

static bool read_texts(struct op *op, const struct json *node, struct texts *out)
{
	const struct json *i;

	if (!json_is_array(node))
		return false;
	out->v = op_alloc(op, (json_count(node) + 1) * sizeof *out->v);
	for (i = json_first(node); i; i = json_next(i)) {
		if (!json_string(i))
			return false;
		out->v[out->n++] = op_strdup(op, json_string(i));
	}
	return true;
}

/* Texts with choices, times and the like are read as everywhere else. */
static void parse_text(struct json_reader *r, const struct json *node, const char *at,
	const struct field *f, void *item)
{
	const char *s = json_string(node);

	if (!s) {
		wrong_type(r, at,
			f->type == FIELD_STAMP ? "a time (RFC 3339)" : "a string");
	} else if (field_parse(r->op, f, item, s) != OK) {
		json_fault(r, at, r->op->fault.rule, "%s", r->op->fault.text);
		fault_clear(r->op);
	}
}

static void bind_member(struct json_reader *r, const struct json *node, const char *at,
	const struct field *f, void *item)
{
	void *m = (char *)item + f->offset;

	switch (f->type) {
	case FIELD_BOOL:
		if (!json_is_bool(node))
			wrong_type(r, at, "true or false");
		*(bool *)m = json_is_true(node);
		break;
	case FIELD_INT:
		if (!read_int(node, f, m))
			wrong_type(r, at,
				f->flags & FIELD_ID ? "an id" : "a whole number");
		break;
	case FIELD_REAL:
		if (!json_real(node, m))
			wrong_type(r, at, "a number");
		break;
	case FIELD_MONEY:
		if (!read_money(node, m))
			wrong_type(
				r, at, "{\"amount\": minor units, \"currency\": code}");
		break;
	case FIELD_TEXTS:
		if (!read_texts(r->op, node, m))
			wrong_type(r, at, "an array of strings");
		break;
	case FIELD_JSON:
		((struct json_text *)m)->s = json_text_of(r->op, node);
		break;
	case FIELD_TEXT:
	case FIELD_STAMP:
		parse_text(r, node, at, f, item);
		break;
	}
}

/* Whether the name is one of "a|b|c". */
static bool is_part(const char *parts, const char *name)
{
	size_t n = strlen(name);
	const char *p;

	for (p = parts; p; p = strchr(p, '|')) {
		p += *p == '|';
		if (!strncmp(p, name, n) && (p[n] == '|' || !p[n]))
			return true;
	}
	return false;
}

/* shape_find() takes '-' for '_' as command lines need it; a document may not. */
static const struct field *field_named(const struct shape *s, const char *name)
{
	const struct field *f = shape_find(s, name);

	return f && strcmp(f->name, name) == 0 ? f : NULL;
}

static void unknown_member(
	struct json_reader *r, const char *at, const struct shape *s, const char *name)
{
	const char *near = shape_nearest(r->op, s, name);

	at = json_at(r->op, at, name);
	if (near)
		json_fault(r, at, "member_is_known",
			"is not a member here; did you mean \"%s\"?", near);
	else
		json_fault(r, at, "member_is_known", "is not a member here");
}

void json_bind(struct json_reader *r, const struct json *object, const char *at,
	const struct shape *s, void *item, const char *parts)
{
	const struct json *m;
	size_t i;

	if (!json_is_object(object)) {
		wrong_type(r, at, "an object");
		return;
	}
	for (m = json_first(object); m; m = json_next(m)) {
		const char *name = json_name(m);
		const struct field *f = field_named(s, name);

		if (f && !json_is_null(m))
			bind_member(r, m, json_at(r->op, at, name), f, item);
		else if (!f && !is_part(parts, name))
			unknown_member(r, at, s, name);
	}
	for (i = 0; i < s->count; i++) {
		m = json_get(object, s->fields[i].name);
		if ((s->fields[i].flags & FIELD_REQUIRED) && (!m || json_is_null(m)))
			json_fault(r, json_at(r->op, at, s->fields[i].name),
				"member_is_given", "is required");
	}
}

struct rows json_bind_rows(struct json_reader *r, const struct json *array,
	const char *at, const struct shape *s)
{
	struct rows rows = { 0 };
	const struct json *i;

	if (!json_is_array(array)) {
		wrong_type(r, at, "an array");
		return rows;
	}
	rows.items = op_alloc(r->op, (json_count(array) + 1) * s->size);
	for (i = json_first(array); i; i = json_next(i), rows.n++)
		json_bind(r, i, json_at_index(r->op, at, rows.n), s,
			row_at(s, rows, rows.n), NULL);
	return rows;
}

enum err json_into(
	struct op *op, const struct json *node, const struct shape *s, void *item)
{
	struct json_reader r = { .op = op };

	json_bind(&r, node, "", s, item, NULL);
	return json_done(&r);
}
