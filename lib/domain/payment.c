/* The verbs of payments. */
#include "domain/payment.h"

#include "base/config.h"
#include "db/db.h"

#include <string.h>

const struct shape payment_action_shape =
	SHAPE(payment_action, FIELD(payment_action, action),
		FIELD(payment_action, op_id, .flags = FIELD_OPTIONAL),
		FIELD(payment_action, key), FIELD(payment_action, provider),
		FIELD(payment_action, payment_id), FIELD(payment_action, order_id),
		FIELD(payment_action, refund_id, .flags = FIELD_OPTIONAL),
		FIELD(payment_action, ref), FIELD(payment_action, amount),
		FIELD(payment_action, method), FIELD(payment_action, customer),
		FIELD(payment_action, since), FIELD(payment_action, capture),
		FIELD(payment_action, final));

struct sent {
	bool go;
	const char *body_text;
};
static const struct shape sent_shape =
	SHAPE(sent, FIELD(sent, go), FIELD(sent, body_text));

const struct shape payment_shape = SHAPE(payment, FIELD(payment, id, .flags = FIELD_ID),
	FIELD(payment, order_id, .flags = FIELD_ID),
	FIELD(payment, provider, .flags = FIELD_HIDDEN), FIELD(payment, provider_ref),
	FIELD(payment, state), FIELD(payment, applied), FIELD(payment, unmatched),
	FIELD(payment, amount), FIELD(payment, captured), FIELD(payment, refunded),
	FIELD(payment, declines), FIELD(payment, last_error),
	FIELD(payment, created_at));

const struct shape payment_full_shape =
	SHAPE(payment_full, FIELD(payment_full, id, .flags = FIELD_ID),
		FIELD(payment_full, order_id, .flags = FIELD_ID),
		FIELD(payment_full, order_state), FIELD(payment_full, provider),
		FIELD(payment_full, provider_ref), FIELD(payment_full, charge_ref),
		FIELD(payment_full, state), FIELD(payment_full, live),
		FIELD(payment_full, applied), FIELD(payment_full, unmatched),
		FIELD(payment_full, capture), FIELD(payment_full, capture_before),
		FIELD(payment_full, amount), FIELD(payment_full, captured),
		FIELD(payment_full, refunded), FIELD(payment_full, declines),
		FIELD(payment_full, last_error), FIELD(payment_full, created_at),
		FIELD(payment_full, checked_at), FIELD(payment_full, calls));

/* What the shop decided about payments that are not begun yet; null: the usual. */
static struct json_text policy(struct op *op)
{
	const struct payment_config *c = &op->config->payment;

	if (!strcmp(c->capture, "automatic") && !strcmp(c->late, "reserve") &&
		!strcmp(c->surplus, "refund"))
		return (struct json_text){ 0 };
	return (struct json_text){ op_printf(op,
		"{\"capture\":\"%s\",\"late\":\"%s\",\"surplus\":\"%s\"}", c->capture,
		c->late, c->surplus) };
}

enum err payment_load(
	struct op *op, int64_t payment_id, bool sync, struct payment_action *out)
{
	return db_one(op, "payment_load", &payment_action_shape, out, V(payment_id),
		V(sync), V(op->config->shop.cancel_grace_minutes), V(policy(op)));
}

enum err payment_expire(struct op *op, int64_t order_id, struct payment_action *out)
{
	return db_one(op, "order_expire_begin", &payment_action_shape, out, V(order_id),
		V(op->config->shop.cancel_grace_minutes));
}

enum err payment_sent(struct op *op, int64_t call_id, const char **body)
{
	struct bytes bytes = { *body, strlen(*body) };
	struct sent s = { 0 };

	TRY(db_one(op, "op_sent", &sent_shape, &s, V(call_id), V(bytes)));
	*body = s.go ? s.body_text : NULL;
	return OK;
}

enum err payment_record(
	struct op *op, const struct payment_action *a, const struct payment_result *r)
{
	struct value none = { 0 };
	struct value call = a->op_id ? V(a->op_id) : none;
	bool refund = a->refund_id != 0;

	return db_do(op, refund ? "refund_record" : "payment_record",
		V(refund ? a->refund_id : a->payment_id), call, V(r->verdict),
		V(r->status), V(r->request_id), V(r->error), V(r->retry_after_s),
		V(r->facts));
}

enum err payment_list(struct op *op, const struct payment_query *q, struct rows *out)
{
	struct value any = { 0 };
	struct value order = q->order ? V(q->order) : any;

	return db_rows(op, "payment_list", &payment_shape, out, V(q->state), order,
		V(q->since), V(q->limit ? q->limit : 50), V(q->provider),
		V(q->unmatched));
}

enum err payment_get(struct op *op, int64_t id, struct payment_full *out)
{
	return db_one(op, "payment_get", &payment_full_shape, out, V(id));
}

const struct shape payment_moved_shape = SHAPE(payment_moved,
	FIELD(payment_moved, payment_id, .flags = FIELD_ID),
	FIELD(payment_moved, state), FIELD(payment_moved, order_id, .flags = FIELD_ID),
	FIELD(payment_moved, order_state), FIELD(payment_moved, amount),
	FIELD(payment_moved, captured), FIELD(payment_moved, asked));

const struct shape payment_attempt_shape =
	SHAPE(payment_attempt, FIELD(payment_attempt, payment_id, .flags = FIELD_ID),
		FIELD(payment_attempt, provider), FIELD(payment_attempt, state),
		FIELD(payment_attempt, waits_for, .flags = FIELD_ID | FIELD_OPTIONAL));

const struct shape payment_matched_shape =
	SHAPE(payment_matched, FIELD(payment_matched, payment_id, .flags = FIELD_ID),
		FIELD(payment_matched, state), FIELD(payment_matched, order_state),
		FIELD(payment_matched, captured), FIELD(payment_matched, applied),
		FIELD(payment_matched, replayed));

enum err payment_capture(struct op *op, int64_t number, struct money amount, bool final,
	struct payment_moved *out)
{
	struct value none = { 0 };
	bool given = *amount.currency != 0;

	return db_one(op, "payment_capture", &payment_moved_shape, out, V(number),
		given ? V(amount.minor) : none,
		given ? V((const char *)amount.currency) : none, V(final));
}

enum err payment_void(struct op *op, int64_t number, struct payment_moved *out)
{
	return db_one(op, "payment_void", &payment_moved_shape, out, V(number));
}

enum err payment_retry(struct op *op, int64_t order_id, const char *provider,
	const char *method, struct payment_attempt *out)
{
	return db_one(op, "payment_retry", &payment_attempt_shape, out, V(order_id),
		V(provider), V(method));
}

enum err payment_match(struct op *op, int64_t order_id, struct money amount,
	const char *reference, struct payment_matched *out)
{
	return db_one(op, "payment_match", &payment_matched_shape, out, V(order_id),
		V(amount.minor), V((const char *)amount.currency), V(reference));
}
