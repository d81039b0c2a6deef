/* The little of cJSON that the simulator needs, with short names. */
#include "provider/js.h"

#include "base/err.h"

#include <unistd.h>

static cJSON *must(cJSON *o)
{
	if (!o)
		_exit(err_exit(E_BROKEN));
	return o;
}

cJSON *js(const char *text)
{
	return must(cJSON_Parse(text));
}

cJSON *js_get(const cJSON *o, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(o, name);
}

const char *js_text(const cJSON *o, const char *name)
{
	return cJSON_GetStringValue(js_get(o, name));
}

int64_t js_int(const cJSON *o, const char *name)
{
	const cJSON *v = js_get(o, name);

	if (!cJSON_IsNumber(v) || v->valuedouble > 1e15 || v->valuedouble < -1e15)
		return 0;
	return (int64_t)v->valuedouble;
}

bool js_true(const cJSON *o, const char *name)
{
	return cJSON_IsTrue(js_get(o, name));
}

bool js_is(const cJSON *o, const char *name, const char *value)
{
	const char *text = js_text(o, name);

	return text && !strcmp(text, value);
}

void js_put(cJSON *o, const char *name, cJSON *value)
{
	must(value);
	if (js_get(o, name))
		cJSON_ReplaceItemInObjectCaseSensitive(o, name, value);
	else
		cJSON_AddItemToObject(o, name, value);
}

void js_put_text(cJSON *o, const char *name, const char *value)
{
	js_put(o, name, value ? cJSON_CreateString(value) : cJSON_CreateNull());
}

void js_put_int(cJSON *o, const char *name, int64_t value)
{
	js_put(o, name, cJSON_CreateNumber((double)value));
}

void js_put_bool(cJSON *o, const char *name, bool value)
{
	js_put(o, name, cJSON_CreateBool(value));
}
