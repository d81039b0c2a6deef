/* application/x-www-form-urlencoded with brackets, as Stripe reads it. */
#include "form.h"

#include "provider/js.h"

#include "base/utf8.h"

#include <ctype.h>

enum { PAIRS_MAX = 400, DEPTH_MAX = 5, KEY_MAX = 256, VALUE_MAX = 20000 };

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* NULL when an escape is broken or the bytes are not text. */
static char *decode(struct op *op, const char *s, size_t n)
{
	char *to = op_alloc(op, n + 1);
	size_t i, w = 0;

	for (i = 0; i < n; i++) {
		int high, low;

		if (s[i] != '%') {
			to[w++] = (char)(s[i] == '+' ? ' ' : s[i]);
			continue;
		}
		if (i + 2 >= n || (high = hex(s[i + 1])) < 0 ||
			(low = hex(s[i + 2])) < 0 || !(high | low))
			return NULL;
		to[w++] = (char)(high << 4 | low);
		i += 2;
	}
	return memchr(to, '\0', w) || utf8_check(to, w) != w ? NULL : to;
}

/* The member called name, made an object when it is not one yet. */
static cJSON *descend(cJSON *o, const char *name)
{
	cJSON *child = js_get(o, name);

	if (!cJSON_IsObject(child)) {
		js_put(o, name, cJSON_CreateObject());
		child = js_get(o, name);
	}
	return child;
}

/* "a[b][]" from the outside in; [] takes the next free number as its name. */
static bool place(struct op *op, cJSON *o, char *key, const char *value)
{
	char *name = key, *rest = strchr(key, '[');
	int depth = 0;

	if (rest)
		*rest++ = '\0';
	if (!*name)
		return false;
	while (rest) {
		char *end = strchr(rest, ']');

		if (!end || (end[1] && end[1] != '[') || ++depth > DEPTH_MAX)
			return false;
		*end = '\0';
		o = descend(o, name);
		name = *rest ? rest : op_printf(op, "%d", cJSON_GetArraySize(o));
		rest = end[1] ? end + 2 : NULL;
	}
	js_put_text(o, name, value);
	return true;
}

static void free_json(void *json)
{
	cJSON_Delete(json);
}

enum err form_parse(struct op *op, const char *text, size_t n, cJSON **out)
{
	const char *end = text + n;
	int pairs = 0;

	*out = cJSON_CreateObject();
	op_defer(op, free_json, *out);
	while (text < end) {
		const char *stop = memchr(text, '&', (size_t)(end - text));
		const char *eq;
		char *key, *value;

		if (!stop)
			stop = end;
		eq = memchr(text, '=', (size_t)(stop - text));
		if (!eq)
			eq = stop;
		key = decode(op, text, (size_t)(eq - text));
		value = eq < stop ? decode(op, eq + 1, (size_t)(stop - eq - 1)) : "";
		if (!key || !value || strlen(key) > KEY_MAX ||
			strlen(value) > VALUE_MAX || ++pairs > PAIRS_MAX ||
			(stop > text && !place(op, *out, key, value)))
			return fail(op, E_DATA, "form_invalid",
				"Invalid request: the form cannot be read");
		text = stop + 1;
	}
	return OK;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

const char *form_canonical(struct op *op, const char *text, size_t n)
{
	char *copy = op_strndup(op, text, n), *pair;
	char **pairs = op_alloc(op, (PAIRS_MAX + 1) * sizeof *pairs);
	char *all = op_alloc(op, n + 2);
	size_t count = 0, i, w = 0;

	while ((pair = strsep(&copy, "&")) && count < PAIRS_MAX)
		pairs[count++] = pair;
	qsort(pairs, count, sizeof *pairs, by_text);
	for (i = 0; i < count; i++) {
		size_t length = strlen(pairs[i]);

		memcpy(all + w, pairs[i], length);
		w += length;
		if (i + 1 < count)
			all[w++] = '&';
	}
	return all;
}
