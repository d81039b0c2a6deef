/* What stands behind the '?' of a request. */
#include "shop-httpd/query.h"

#include "base/utf8.h"

#include <string.h>

static int hex(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) % 16 : -1;
}

const char *percent_decode(struct op *op, const char *s, size_t n, bool plus)
{
	char *text = op_alloc(op, n + 1), *to = text;
	size_t i;

	for (i = 0; i < n; i++) {
		if (s[i] == '+' && plus) {
			*to++ = ' ';
		} else if (s[i] != '%') {
			*to++ = s[i];
		} else {
			if (n - i < 3 || hex(s[i + 1]) < 0 || hex(s[i + 2]) < 0)
				return NULL;
			*to++ = (char)(hex(s[i + 1]) << 4 | hex(s[i + 2]));
			i += 2;
		}
	}
	if (strlen(text) != (size_t)(to - text) ||
		utf8_check(text, strlen(text)) != strlen(text))
		return NULL;
	return text;
}

/* One name=value; `seen` has a bit for each member that was given. */
static enum err read_pair(struct request *r, const struct shape *s, void *item,
	const char *pair, uint64_t *seen)
{
	size_t n = strcspn(pair, "&"), name_n = strcspn(pair, "=&");
	const char *name = percent_decode(&r->op, pair, name_n, true);
	const char *value = percent_decode(
		&r->op, pair + name_n + (name_n < n), n - name_n - (name_n < n), true);
	const struct field *f = name && *name ? shape_find(s, name) : NULL;
	uint64_t bit;

	if (!name || !value)
		return fail(&r->op, E_USAGE, "parameter_is_readable",
			"the query string is not percent-encoded UTF-8");
	if (!f || strchr(name, '-'))
		return fail(&r->op, E_USAGE, "parameter_is_known",
			"there is no parameter %s", name);
	bit = UINT64_C(1) << (f - s->fields);
	if ((*seen & bit) && f->type != FIELD_TEXTS)
		return fail(&r->op, E_USAGE, "parameter_is_given_once",
			"the parameter %s is given twice", name);
	*seen |= bit;
	if (field_parse(&r->op, f, item, value) == OK)
		return OK;
	r->op.fault.code = E_USAGE;
	return E_USAGE;
}

enum err query_read(struct request *r, const struct shape *s, void *item)
{
	const char *pair = r->head.query ? r->head.query : "";
	uint64_t seen = 0;

	TRY(shape_defaults(&r->op, s, item));
	for (; *pair; pair += strcspn(pair, "&"), pair += *pair == '&')
		if (*pair != '&')
			TRY(read_pair(r, s, item, pair, &seen));
	return OK;
}
