/* The verbs of refunds. */
#include "domain/refund.h"

#include "db/db.h"
#include "domain/units.h"

const struct shape refund_shape = SHAPE(refund, FIELD(refund, id, .flags = FIELD_ID),
	FIELD(refund, order_id, .flags = FIELD_ID),
	FIELD(refund, payment_id, .flags = FIELD_ID | FIELD_HIDDEN),
	FIELD(refund, state), FIELD(refund, amount), FIELD(refund, reason),
	FIELD(refund, automatic), FIELD(refund, provider_ref),
	FIELD(refund, last_error), FIELD(refund, lines, .flags = FIELD_HIDDEN),
	FIELD(refund, created_at), FIELD(refund, settled_at),
	FIELD(refund, replayed, .flags = FIELD_HIDDEN));

enum err refund_create(struct op *op, const struct refund_wish *w, struct refund *out)
{
	struct value none = { 0 };
	struct json_text lines = { 0 };
	bool amount = w->amount.currency[0] != '\0';
	const char *currency = w->amount.currency;

	if (amount && w->lines.n > 0)
		return fail(op, E_USAGE, "refund_is_of_lines_or_an_amount",
			"a refund is of lines or of an amount, not of both");
	TRY(units_json(op, w->lines, &lines));
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
