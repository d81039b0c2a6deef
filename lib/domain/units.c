/* Units of lines as a person writes them. */
#include "domain/units.h"

#include <stdlib.h>
#include <string.h>

/* "DOG-5KG:1" as a JSON object; a SKU may have colons of its own. */
static enum err unit_json(struct op *op, const char *text, const char **out)
{
	const char *colon = strrchr(text, ':');
	char *end = NULL;
	long long qty = colon ? strtoll(colon + 1, &end, 10) : 0;

	if (!colon || colon == text || !colon[1] || *end || qty < 1 || qty > 1000000) {
		fail(op, E_USAGE, "line_is_sku_and_quantity",
			"%s is not a SKU and how many of it", text);
		return fail_hint(op, "--line DOG-5KG:1");
	}
	*out = op_printf(op, "{\"sku\":%s,\"qty\":%lld}",
		json_quote(op, op_strndup(op, text, (size_t)(colon - text))), qty);
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
