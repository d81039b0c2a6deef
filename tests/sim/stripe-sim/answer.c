/* Refusals in Stripe's shape, and the parameters many endpoints share. */
#include "api.h"

#include <ctype.h>

static void put_some(cJSON *o, const char *name, const char *value)
{
	if (value)
		js_put_text(o, name, value);
}

int refuse(struct call *c, const struct refusal *r)
{
	cJSON *body = cJSON_CreateObject(), *e = cJSON_CreateObject();

	put_some(e, "charge", r->charge);
	put_some(e, "code", r->code);
	put_some(e, "decline_code", r->decline_code);
	if (r->code)
		js_put_text(e, "doc_url",
			op_printf(c->op, "https://stripe.com/docs/error-codes/%s",
				r->code));
	js_put_text(e, "message", r->message ? r->message : "");
	put_some(e, "param", r->param);
	if (r->intent)
		js_put(e, "payment_intent", cJSON_Duplicate(r->intent, true));
	js_put_text(e, "type", r->type ? r->type : "invalid_request_error");
	cJSON_AddItemToObject(body, "error", e);
	c->out = op_json(c, body);
	return c->status = r->status;
}

int missing_param(struct call *c, const char *name)
{
	return REFUSE(c, 400, .code = "parameter_missing", .param = name,
		.message = op_printf(c->op, "Missing required param: %s.", name));
}

int absent(
	struct call *c, int status, const char *what, const char *id, const char *param)
{
	return REFUSE(c, status, .code = "resource_missing", .param = param,
		.message = op_printf(c->op, "No such %s: '%.100s'", what, id));
}

int64_t param_amount(const cJSON *form, const char *name)
{
	const char *text = js_text(form, name);

	if (!text)
		return js_get(form, name) ? -1 : 0;
	if (!*text || strlen(text) > 12 || strspn(text, "0123456789") != strlen(text))
		return -1;
	return strtoll(text, NULL, 10) ? strtoll(text, NULL, 10) : -1;
}

static int bad_metadata(struct call *c, const char *message)
{
	return REFUSE(c, 400, .param = "metadata", .message = message);
}

/* An empty value drops the key, an empty metadata drops them all. */
int metadata_put(struct call *c, cJSON *object)
{
	const cJSON *given = js_get(c->form, "metadata"), *one;
	cJSON *kept = js_get(object, "metadata");

	if (!given)
		return 0;
	if (!cJSON_IsObject(given)) {
		if (*cJSON_GetStringValue(given))
			return bad_metadata(c, "Invalid hash");
		js_put(object, "metadata", cJSON_CreateObject());
		return 0;
	}
	cJSON_ArrayForEach(one, given)
	{
		const char *value = cJSON_GetStringValue(one);

		if (!value)
			return bad_metadata(c, "Metadata values must be strings.");
		if (strlen(one->string) > 40 || strlen(value) > 500)
			return bad_metadata(c, "Metadata keys are up to 40 and values "
					       "up to 500 characters long.");
		cJSON_DeleteItemFromObjectCaseSensitive(kept, one->string);
		if (*value)
			js_put_text(kept, one->string, value);
	}
	return cJSON_GetArraySize(kept) > 50
		       ? bad_metadata(c, "Metadata can have up to 50 keys.")
		       : 0;
}

static bool spread(struct call *c, cJSON *at, const char *path)
{
	size_t n = strcspn(path, ".");
	const char *name = op_strndup(c->op, path, n);
	cJSON *value = js_get(at, name), *one;
	struct thing *t;

	if (!value)
		return false;
	if (cJSON_IsString(value) && (t = thing_any(c->sim, value->valuestring)) &&
		t->json) {
		js_put(at, name, cJSON_Duplicate(t->json, true));
		value = js_get(at, name);
	}
	if (!path[n] || cJSON_IsNull(value))
		return true;
	if (!cJSON_IsArray(value))
		return spread(c, value, path + n + 1);
	cJSON_ArrayForEach(one, value) if (!spread(c, one, path + n + 1)) return false;
	return true;
}

int expand(struct call *c)
{
	const cJSON *asked = js_get(c->form, "expand"), *one;

	if (!asked)
		asked = js_get(c->query, "expand");
	if (!asked)
		return 0;
	c->out = op_json(c, cJSON_Duplicate(c->out, true));
	cJSON_ArrayForEach(one, asked)
	{
		const char *path = cJSON_GetStringValue(one), *p = path;
		int dots = 0;

		while (p && *p)
			dots += *p++ == '.';
		if (!path || dots > 3 || !spread(c, c->out, path))
			return REFUSE(c, 400, .param = "expand",
				.message = op_printf(c->op,
					"This property cannot be expanded (%.80s).",
					path ? path : ""));
	}
	return 0;
}
