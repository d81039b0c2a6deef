/* The verbs of returns. */
#include "domain/return.h"

#include "db/db.h"
#include "domain/units.h"

#include <string.h>

const struct shape returned_shape = SHAPE(returned,
	FIELD(returned, id, .flags = FIELD_ID),
	FIELD(returned, order_id, .flags = FIELD_ID), FIELD(returned, state),
	FIELD(returned, units), FIELD(returned, received), FIELD(returned, accepted),
	FIELD(returned, reason), FIELD(returned, warehouse),
	FIELD(returned, lines, .flags = FIELD_HIDDEN),
	FIELD(returned, refund_id, .flags = FIELD_ID | FIELD_OPTIONAL),
	FIELD(returned, created_at), FIELD(returned, received_at),
	FIELD(returned, closed_at), FIELD(returned, replayed, .flags = FIELD_HIDDEN));

enum err return_create(struct op *op, const struct return_wish *w, struct returned *out)
{
	struct json_text lines = { 0 };

	TRY(units_json(op, w->lines, &lines));
	return db_one(op, "return_create", &returned_shape, out, V(w->order_id),
		V(w->key), V(lines), V(w->reason));
}

enum err return_approve(struct op *op, int64_t id, struct returned *out)
{
	return db_one(op, "return_approve", &returned_shape, out, V(id));
}

enum err return_reject(
	struct op *op, int64_t id, const char *reason, struct returned *out)
{
	return db_one(op, "return_reject", &returned_shape, out, V(id), V(reason));
}

enum err return_cancel(struct op *op, int64_t id, struct returned *out)
{
	return db_one(op, "return_cancel", &returned_shape, out, V(id));
}

enum err return_receive(struct op *op, int64_t id, struct texts lines,
	const char *warehouse, struct returned *out)
{
	struct json_text json = { 0 };

	TRY(units_json(op, lines, &json));
	return db_one(op, "return_receive", &returned_shape, out, V(id), V(json),
		V(warehouse));
}

/* "DOG-5KG:1:restock" as {"sku":"DOG-5KG","qty":1,"what":"restock"}. */
static enum err found_json(struct op *op, const char *text, const char **out)
{
	const char *colon = strrchr(text, ':');
	const char *line = colon ? op_strndup(op, text, (size_t)(colon - text)) : "";
	struct texts one = { &line, 1 };
	struct json_text json = { 0 };

	if (!colon ||
		(strcmp(colon, ":restock") != 0 && strcmp(colon, ":scrap") != 0)) {
		fail(op, E_USAGE, "return_line_says_what_becomes_of_it",
			"%s does not say whether to restock or to scrap it", text);
		return fail_hint(op, "--line DOG-5KG:1:restock");
	}
	TRY(units_json(op, one, &json));
	*out = op_printf(op, "%.*s,\"what\":\"%s\"}", (int)strlen(json.s) - 3,
		json.s + 1, colon + 1);
	return OK;
}

enum err return_inspect(struct op *op, int64_t id, struct texts lines,
	const char *grade, struct returned *out)
{
	struct json_text json = { .s = "[" };
	const char *one = NULL;

	for (size_t i = 0; i < lines.n; i++) {
		TRY(found_json(op, lines.v[i], &one));
		json.s = op_printf(op, "%s%s%s", json.s, i ? "," : "", one);
	}
	json.s = op_printf(op, "%s]", json.s);
	return db_one(
		op, "return_inspect", &returned_shape, out, V(id), V(json), V(grade));
}

enum err return_close(struct op *op, int64_t id, bool refund, const char *reason,
	struct returned *out)
{
	return db_one(
		op, "return_close", &returned_shape, out, V(id), V(refund), V(reason));
}

enum err return_list(struct op *op, const struct return_query *q, struct rows *out)
{
	struct value any = { 0 };
	struct value order = q->order ? V(q->order) : any;

	return db_rows(op, "return_list", &returned_shape, out, V(q->state), order,
		V(q->since), V(q->limit ? q->limit : 50));
}

enum err return_get(struct op *op, int64_t id, struct returned *out)
{
	return db_one(op, "return_get", &returned_shape, out, V(id));
}
