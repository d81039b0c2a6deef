/* Answers, whatever the provider. */
#include "provider/api.h"

static void free_json(void *json)
{
	cJSON_Delete(json);
}

cJSON *op_json(struct call *c, cJSON *json)
{
	op_defer(c->op, free_json, keep(json));
	return json;
}

int answer(struct call *c, cJSON *json)
{
	c->out = json;
	return c->status = 200;
}

int answer_new(struct call *c, cJSON *json)
{
	return answer(c, op_json(c, json));
}

void answer_header(struct call *c, const char *name, const char *value)
{
	if (c->n_headers + 2 > sizeof c->headers / sizeof *c->headers)
		return;
	c->headers[c->n_headers++] = name;
	c->headers[c->n_headers++] = value;
}
