/* The verbs of refunds. */
#include "domain/refund.h"

#include "db/db.h"

#include <stdlib.h>
#include <string.h>

const struct shape refund_shape = SHAPE(refund, FIELD(refund, id, .flags = FIELD_ID),
	FIELD(refund, order_id, .flags = FIELD_ID),
	FIELD(refund, payment_id, .flags = FIELD_ID | FIELD_HIDDEN),
	FIELD(refund, state), FIELD(refund, amount), FIELD(refund, reason),
	FIELD(refund, automatic), FIELD(refund, provider_ref),
	FIELD(refund, last_error), FIELD(refund, lines, .flags = FIELD_HIDDEN),
	FIELD(refund, created_at), FIELD(refund, settled_at),
	FIELD(refund, replayed, .flags = FIELD_HIDDEN));

/* "DOG-5KG:1" as a JSON object; a SKU may have colons of its own. */
static enum err line_json(struct op *op, const char *text, const char **out)
{
	const char *colon = strrchr(text, ':');
	char *end = NULL;
	long long qty = colon ? strtoll(colon + 1, &end, 10) : 0;

	if (!colon || colon == text || !colon[1] || *end || qty < 1 || qty > 1000000) {
		fail(op, E_USAGE, "refund_line_is_sku_and_count",
			"%s is not a SKU and how many of it", text);
		return fail_hint(op, "--line DOG-5KG:1");
	}
	*out = op_printf(op, "{\"sku\":%s,\"qty\":%lld}",
		json_quote(op, op_strndup(op, text, (size_t)(colon - text))), qty);
	return OK;
}

static enum err lines_json(struct op *op, struct texts lines, struct json_text *out)
{
	const char *json = "[", *one = NULL;

	if (lines.n == 0)
		return OK;
	for (size_t i = 0; i < lines.n; i++) {
		TRY(line_json(op, lines.v[i], &one));
		json = op_printf(op, "%s%s%s", json, i ? "," : "", one);
	}
	out->s = op_printf(op, "%s]", json);
	return OK;
}

enum err refund_create(struct op *op, const struct refund_wish *w, struct refund *out)
{
	struct value none = { 0 };
	struct json_text lines = { 0 };
	bool amount = w->amount.currency[0] != '\0';
	const char *currency = w->amount.currency;

	if (amount && w->lines.n > 0)
		return fail(op, E_USAGE, "refund_is_of_lines_or_an_amount",
			"a refund is of lines or of an amount, not of both");
	TRY(lines_json(op, w->lines, &lines));
	return db_one(op, "refund_create", &refund_shape, out, V(w->order_id),
		V(w->key), amount ? V(w->amount.minor) : none,
		amount ? V(currency) : none, V(lines), V(w->reason));
}

enum err refund_list(struct op *op, const struct refund_query *q, struct rows *out)
{
	struct value any = { 0 };
	struct value order = q->order ? V(q->order) : any;

	return db_rows(op, "refund_list", &refund_shape, out, V(q->state), order,
		V(q->since), V(q->limit ? q->limit : 50));
}

enum err refund_get(struct op *op, int64_t id, struct refund *out)
{
	return db_one(op, "refund_get", &refund_shape, out, V(id));
}

enum err refund_load(struct op *op, int64_t refund_id, struct payment_action *out)
{
	return db_one(op, "refund_load", &payment_action_shape, out, V(refund_id));
}
