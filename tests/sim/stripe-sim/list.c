/* Pages of objects, newest first. */
#include "api.h"

enum { LIMIT = 10, LIMIT_MAX = 100 };

/* An event keeps its text; every other object is there already. */
static cJSON *view(struct thing *t)
{
	return t->json ? cJSON_Duplicate(t->json, true) : js(t->text);
}

static bool in_range(const cJSON *range, int64_t created)
{
	static const struct {
		const char *name;
		int low, high; /* created - limit must be within */
	} tests[] = { { "gt", 1, 2 }, { "gte", 0, 2 }, { "lt", -2, -1 },
		{ "lte", -2, 0 } };

	if (!range)
		return true;
	if (cJSON_IsString(range))
		return strtoll(range->valuestring, NULL, 10) == created;
	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
		const char *text = js_text(range, tests[i].name);
		int64_t limit = text ? strtoll(text, NULL, 10) : 0;
		int sign = created > limit ? 1 : created < limit ? -1 : 0;

		if (text && (sign < tests[i].low || sign > tests[i].high))
			return false;
	}
	return true;
}

/* A transaction does not say its payout; it can only be asked for by it. */
static bool is(
	struct call *c, const struct thing *t, const char *name, const char *value)
{
	if (t->kind == EVENT)
		return strstr(t->text, op_printf(c->op, "\"type\":\"%s\"", value));
	if (t->kind == TXN && !strcmp(name, "payout"))
		return !strcmp(t->payout, value);
	return js_is(t->json, name, value);
}

static bool passes(struct call *c, const struct thing *t, const char *filters)
{
	const char *delivered = js_text(c->query, "delivery_success");
	const cJSON *one;

	if (!in_range(js_get(c->query, "created"), t->created_us / SECOND))
		return false;
	if (delivered && t->undelivered != !strcmp(delivered, "false"))
		return false;
	cJSON_ArrayForEach(one, c->query)
	{
		const char *value = cJSON_GetStringValue(one);

		if (!value || !strstr(filters, one->string))
			continue;
		if (!is(c, t, one->string, value))
			return false;
	}
	return true;
}

static int page(struct call *c, int kind, const char *filters, size_t from)
{
	const struct list *l = &c->sim->things[kind];
	const char *asked = js_text(c->query, "limit");
	int64_t limit = asked ? strtoll(asked, NULL, 10) : LIMIT;
	cJSON *out = js("{\"object\":\"list\"}"), *data = cJSON_CreateArray();
	bool more = false;

	for (size_t i = from; i-- > 0 && !more;) {
		if (!passes(c, l->v[i], filters))
			continue;
		if (cJSON_GetArraySize(data) == limit)
			more = true;
		else
			cJSON_AddItemToArray(data, view(l->v[i]));
	}
	js_put_bool(out, "has_more", more);
	js_put_text(out, "url", c->path);
	js_put(out, "data", data);
	return answer_new(c, out);
}

int answer_list(struct call *c, int kind, const char *filters)
{
	const char *after = js_text(c->query, "starting_after");
	const char *asked = js_text(c->query, "limit");
	size_t from = c->sim->things[kind].n;

	if (asked &&
		(strtoll(asked, NULL, 10) < 1 || strtoll(asked, NULL, 10) > LIMIT_MAX))
		return REFUSE(c, 400, .param = "limit",
			.message = "This value must be between 1 and 100.");
	if (after) {
		struct thing *t = thing_find(c->sim, after, kind);

		if (!t)
			return absent(c, 400, "object", after, "starting_after");
		from = t->index;
	}
	return page(c, kind, filters, from);
}
