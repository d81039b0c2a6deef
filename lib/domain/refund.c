/* The verbs of refunds. */
#include "domain/refund.h"

#include "db/db.h"
#include "domain/units.h"

#include <string.h>

/* hidden: the flags of what a preview shows and a list does not. */
#define REFUND_FIELDS(hidden)                                                          \
	FIELD(refund, id, .flags = FIELD_ID),                                          \
		FIELD(refund, order_id, .flags = FIELD_ID),                            \
		FIELD(refund, payment_id, .flags = FIELD_ID | FIELD_HIDDEN),           \
		FIELD(refund, state), FIELD(refund, amount), FIELD(refund, reason),    \
		FIELD(refund, automatic),                                              \
		FIELD(refund, asked_by, .flags = FIELD_HIDDEN),                        \
		FIELD(refund, approved_by, .flags = FIELD_HIDDEN),                     \
		FIELD(refund, provider_ref),                                           \
		FIELD(refund, reference, .flags = FIELD_HIDDEN),                       \
		FIELD(refund, last_error), FIELD(refund, lines, .flags = hidden),      \
		FIELD(refund, postings, .flags = hidden), FIELD(refund, created_at),   \
		FIELD(refund, settled_at),                                             \
		FIELD(refund, replayed, .flags = FIELD_HIDDEN),                        \
		FIELD(refund, part_of,                                                 \
			.flags = FIELD_ID | FIELD_OPTIONAL | FIELD_HIDDEN)

const struct shape refund_shape = SHAPE(refund, REFUND_FIELDS(FIELD_HIDDEN));
const struct shape refund_preview_shape = SHAPE(refund, REFUND_FIELDS(0));

const struct shape refund_limit_shape = SHAPE(refund_limit, FIELD(refund_limit, role),
	FIELD(refund_limit, currency), FIELD(refund_limit, major));

/* The wanted shipping as one more part beside the lines. */
static enum err with_shipping(
	struct op *op, const char *shipping, struct json_text *parts)
{
	struct money money;
	const char *part = "{\"shipping\":\"all\"}";

	if (!shipping)
		return OK;
	if (strcmp(shipping, "0") == 0) {
		if (!parts->s)
			parts->s = "[]";
		return OK;
	}
	if (strcmp(shipping, "all") != 0) {
		TRY(money_parse(op, shipping, &money));
		part = op_printf(op, "{\"shipping\":%lld,\"currency\":\"%s\"}",
			(long long)money.minor, money.currency);
	}
	parts->s = parts->s ? op_printf(op, "%.*s,%s]", (int)strlen(parts->s) - 1,
				      parts->s, part)
			    : op_printf(op, "[%s]", part);
	return OK;
}

enum err refund_create(struct op *op, const struct refund_wish *w, struct refund *out)
{
	struct value none = { 0 };
	struct json_text lines = { 0 };
	bool amount = w->amount.currency[0] != '\0';
	const char *currency = w->amount.currency;

	if (amount && (w->lines.n > 0 || w->shipping))
		return fail(op, E_USAGE, "refund_is_of_lines_or_an_amount",
			"a refund is of lines or of an amount, not of both");
	TRY(units_json(op, w->lines, &lines));
	TRY(with_shipping(op, w->shipping, &lines));
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

enum err refund_approve(struct op *op, int64_t id, struct refund *out)
{
	return db_one(op, "refund_approve", &refund_shape, out, V(id));
}

enum err refund_decline(
	struct op *op, int64_t id, const char *reason, struct refund *out)
{
	return db_one(op, "refund_decline", &refund_shape, out, V(id), V(reason));
}

enum err refund_retry(struct op *op, int64_t id, const char *reason, struct refund *out)
{
	return db_one(op, "refund_retry", &refund_shape, out, V(id), V(reason));
}

enum err refund_settle(struct op *op, const struct refund_paid *paid,
	const char *reason, struct refund *out)
{
	return db_one(op, "refund_settle", &refund_shape, out, V(paid->refund),
		V(paid->reference), V(paid->via), V(reason));
}

enum err refund_limit_list(struct op *op, struct rows *out)
{
	return db_rows(op, "refund_limit_list", &refund_limit_shape, out);
}

enum err refund_limit_set(
	struct op *op, const struct refund_limit *limit, struct rows *out)
{
	return db_rows(op, "refund_limit_set", &refund_limit_shape, out, V(limit->role),
		V(limit->major), V(limit->currency));
}

enum err refund_load(struct op *op, int64_t refund_id, struct payment_action *out)
{
	return db_one(op, "refund_load", &payment_action_shape, out, V(refund_id));
}
