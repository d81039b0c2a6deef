/* The tree of a checked text, by cJSON, and what programs read from it. */
#include "base/json.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* struct json is never defined: a node of ours is cJSON's, under another name. */
static const cJSON *tree(const struct json *node)
{
	return (const cJSON *)node;
}

static const struct json *node_of(const cJSON *item)
{
	return (const struct json *)item;
}

static void delete_tree(void *root)
{
	cJSON_Delete(root);
}

enum err json_parse(struct op *op, const char *text, size_t n, const struct json **out)
{
	cJSON *root;

	TRY(json_check(op, text, n));
	root = cJSON_ParseWithLength(text, n);
	if (!root)
		return fail(
			op, E_DATA, "json_is_well_formed", "the JSON cannot be read");
	op_defer(op, delete_tree, root);
	*out = node_of(root);
	return OK;
}

const struct json *json_get(const struct json *object, const char *name)
{
	if (!json_is_object(object))
		return NULL;
	return node_of(cJSON_GetObjectItemCaseSensitive(tree(object), name));
}

/* One step of a pointer: "~1" is a slash, "~0" a tilde. */
static const struct json *step(const struct json *node, const char *token, size_t n)
{
	char name[256];
	size_t used = 0, i;

	if (n >= sizeof name)
		return NULL;
	for (i = 0; i < n; i++) {
		bool escaped = token[i] == '~' && i + 1 < n;

		name[used++] = !escaped ? token[i] : token[++i] == '1' ? '/' : '~';
	}
	name[used] = 0;
	if (json_is_array(node) && used && strspn(name, "0123456789") == used &&
		used < 9)
		return node_of(
			cJSON_GetArrayItem(tree(node), (int)strtol(name, NULL, 10)));
	return json_get(node, name);
}

const struct json *json_find(const struct json *node, const char *pointer)
{
	while (node && *pointer == '/') {
		size_t n = strcspn(pointer + 1, "/");

		node = step(node, pointer + 1, n);
		pointer += n + 1;
	}
	return *pointer ? NULL : node;
}

bool json_is_object(const struct json *node)
{
	return cJSON_IsObject(tree(node));
}

bool json_is_array(const struct json *node)
{
	return cJSON_IsArray(tree(node));
}

bool json_is_null(const struct json *node)
{
	return cJSON_IsNull(tree(node));
}

bool json_is_bool(const struct json *node)
{
	return cJSON_IsBool(tree(node));
}

bool json_is_true(const struct json *node)
{
	return cJSON_IsTrue(tree(node));
}

const char *json_string(const struct json *node)
{
	return cJSON_GetStringValue(tree(node));
}

bool json_int(const struct json *node, int64_t *out)
{
	double v;

	if (!cJSON_IsNumber(tree(node)))
		return false;
	v = tree(node)->valuedouble;
	if (!(v >= -9007199254740991.0 && v <= 9007199254740991.0) ||
		v != (double)(int64_t)v)
		return false;
	*out = (int64_t)v;
	return true;
}

bool json_real(const struct json *node, double *out)
{
	if (!cJSON_IsNumber(tree(node)))
		return false;
	*out = tree(node)->valuedouble;
	return true;
}

size_t json_count(const struct json *node)
{
	const struct json *i;
	size_t n = 0;

	for (i = json_first(node); i; i = json_next(i))
		n++;
	return n;
}

const char *json_name(const struct json *member)
{
	return tree(member)->string;
}

const struct json *json_first(const struct json *node)
{
	bool list = json_is_object(node) || json_is_array(node);

	return list ? node_of(tree(node)->child) : NULL;
}

const struct json *json_next(const struct json *item)
{
	return node_of(tree(item)->next);
}

const char *json_text_of(struct op *op, const struct json *node)
{
	char *text = cJSON_PrintUnformatted(tree(node));
	const char *copy = op_strdup(op, text ? text : "null");

	free(text);
	return copy;
}
