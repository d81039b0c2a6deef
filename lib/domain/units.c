/* Units of lines as a person writes them. */
#include "domain/units.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A SKU may have colons of its own. */
enum err unit_parse(struct op *op, const char *text, const char **sku, int64_t *qty)
{
	const char *colon = strrchr(text, ':');
	char *end = NULL;
	long long n = colon ? strtoll(colon + 1, &end, 10) : 0;

	if (!colon || colon == text || !colon[1] || *end || n < 0 || n > 1000000) {
		fail(op, E_USAGE, "line_is_sku_and_quantity",
			"%s is not a SKU and how many of it", text);
		return fail_hint(op, "--line DOG-5KG:1");
	}
	*sku = op_strndup(op, text, (size_t)(colon - text));
	*qty = n;
	return OK;
}

/* "DOG-5KG:1" as a JSON object. */
static enum err unit_json(struct op *op, const char *text, const char **out)
{
	const char *sku;
	int64_t qty;

	TRY(unit_parse(op, text, &sku, &qty));
	if (qty < 1) {
		fail(op, E_USAGE, "line_is_sku_and_quantity",
			"%s is not a SKU and how many of it", text);
		return fail_hint(op, "--line DOG-5KG:1");
	}
	*out = op_printf(
		op, "{\"sku\":%s,\"qty\":%" PRId64 "}", json_quote(op, sku), qty);
	return OK;
}

enum err units_json(struct op *op, struct texts lines, struct json_text *out)
{
	const char *json = "[", *one = NULL;

	if (lines.n == 0)
		return OK;
	for (size_t i = 0; i < lines.n; i++) {
		TRY(unit_json(op, lines.v[i], &one));
		json = op_printf(op, "%s%s%s", json, i ? "," : "", one);
	}
	out->s = op_printf(op, "%s]", json);
	return OK;
}
