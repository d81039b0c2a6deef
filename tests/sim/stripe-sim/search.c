/* GET /v1/payment_intents/search: metadata and status, joined by AND. */
#include "nouns.h"

enum { CLAUSES = 8, FOUND_MAX = 100 };

struct clause {
	const char *key, *value;
	bool metadata;
};

/* The text between a pair of quotes of either kind; *p moves behind it. */
static char *quoted(struct op *op, const char **p)
{
	const char *start = *p, *end;

	if (*start != '\'' && *start != '"')
		return NULL;
	end = strchr(start + 1, *start);
	if (!end)
		return NULL;
	*p = end + 1;
	return op_strndup(op, start + 1, (size_t)(end - start - 1));
}

/* metadata['payment_id']:'7' or status:'succeeded' */
static bool clause(struct op *op, const char **p, struct clause *out)
{
	out->metadata = !strncmp(*p, "metadata[", 9);
	if (out->metadata) {
		*p += 9;
		out->key = quoted(op, p);
		if (!out->key || **p != ']')
			return false;
		++*p;
	} else {
		size_t n = strspn(*p, "abcdefghijklmnopqrstuvwxyz_");

		out->key = op_strndup(op, *p, n);
		*p += n;
	}
	if (!*out->key || **p != ':')
		return false;
	++*p;
	out->value = quoted(op, p);
	return out->value;
}

static int parse(struct op *op, const char *p, struct clause out[CLAUSES])
{
	int n = 0;

	while (n < CLAUSES && clause(op, &p, &out[n])) {
		n++;
		if (!*p)
			return n;
		if (strncmp(p, " AND ", 5))
			return 0;
		p += 5;
	}
	return 0;
}

static bool fits(const cJSON *json, const struct clause *all, int n)
{
	for (int i = 0; i < n; i++) {
		const cJSON *in = all[i].metadata ? js_get(json, "metadata") : json;

		if (!js_is(in, all[i].key, all[i].value))
			return false;
	}
	return true;
}

/* Search lags behind at Stripe; --search-lag makes that visible. */
int intent_search(struct call *c)
{
	const struct list *l = &c->sim->things[PI];
	const char *query = js_text(c->query, "query");
	int64_t newest = sim_now_us(c->sim) - c->sim->set.search_lag_s * SECOND;
	struct clause all[CLAUSES];
	cJSON *out, *data;
	int n;

	if (!query)
		return missing_param(c, "query");
	n = parse(c->op, query, all);
	if (!n)
		return REFUSE(c, 400, .param = "query",
			.message = op_printf(c->op,
				"We were unable to parse your search query: %.200s",
				query));
	out = js("{\"object\":\"search_result\",\"has_more\":false,"
		 "\"next_page\":null,\"url\":\"/v1/payment_intents/search\"}");
	data = cJSON_CreateArray();
	for (size_t i = l->n; i-- > 0 && cJSON_GetArraySize(data) < FOUND_MAX;)
		if (l->v[i]->created_us <= newest && fits(l->v[i]->json, all, n))
			cJSON_AddItemToArray(
				data, cJSON_Duplicate(l->v[i]->json, true));
	js_put(out, "data", data);
	return answer_new(c, out);
}
