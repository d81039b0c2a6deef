/* The verbs of disputes. */
#include "domain/dispute.h"

#include "base/file.h"
#include "base/json.h"
#include "db/db.h"

#include <string.h>

enum { EVIDENCE_MAX = 20000 };

const struct shape dispute_shape = SHAPE(dispute, FIELD(dispute, id, .flags = FIELD_ID),
	FIELD(dispute, order_id, .flags = FIELD_ID),
	FIELD(dispute, payment_id, .flags = FIELD_ID | FIELD_HIDDEN),
	FIELD(dispute, provider, .flags = FIELD_HIDDEN), FIELD(dispute, provider_ref),
	FIELD(dispute, state), FIELD(dispute, reason), FIELD(dispute, amount),
	FIELD(dispute, lost, .flags = FIELD_HIDDEN),
	FIELD(dispute, refundable, .flags = FIELD_HIDDEN),
	FIELD(dispute, evidence, .flags = FIELD_HIDDEN), FIELD(dispute, submissions),
	FIELD(dispute, evidence_due_by), FIELD(dispute, money, .flags = FIELD_HIDDEN),
	FIELD(dispute, opened_at), FIELD(dispute, closed_at));

const struct shape dispute_action_shape =
	SHAPE(dispute_action, FIELD(dispute_action, action),
		FIELD(dispute_action, op_id, .flags = FIELD_OPTIONAL),
		FIELD(dispute_action, key), FIELD(dispute_action, provider),
		FIELD(dispute_action, payment_id), FIELD(dispute_action, order_id),
		FIELD(dispute_action, ref), FIELD(dispute_action, evidence),
		FIELD(dispute_action, submit));

enum err dispute_list(struct op *op, const struct dispute_query *q, struct rows *out)
{
	struct value any = { 0 };
	struct value order = q->order ? V(q->order) : any;

	return db_rows(op, "dispute_list", &dispute_shape, out, V(q->state), order,
		V(q->open), V(q->since), V(q->limit ? q->limit : 50));
}

enum err dispute_get(struct op *op, int64_t id, struct dispute *out)
{
	return db_one(op, "dispute_get", &dispute_shape, out, V(id));
}

/* "customer_name=Ada": the name as providers write them, and what comes after. */
static enum err split(
	struct op *op, const char *given, const char **name, const char **value)
{
	size_t n = strspn(given, "abcdefghijklmnopqrstuvwxyz0123456789_");

	if (n == 0 || n > 64 || given[n] != '=' || !given[n + 1]) {
		fail(op, E_USAGE, "dispute_evidence_is_named",
			"%s is not a field and what it says", given);
		return fail_hint(op, "--field customer_name='Ada Lovelace'");
	}
	*name = op_strndup(op, given, n);
	*value = given + n + 1;
	return OK;
}

static enum err put(struct json_writer *w, const char *name, const char *value)
{
	if (strlen(value) > EVIDENCE_MAX)
		return fail(w->op, E_DATA, "dispute_evidence_is_bounded",
			"%s is longer than %d bytes", name, EVIDENCE_MAX);
	json_put(w, name, value);
	return OK;
}

static enum err fields_json(
	struct op *op, const struct dispute_answer *a, struct json_text *out)
{
	struct json_writer w = { .op = op };
	const char *name, *value;

	json_object(&w, NULL);
	for (size_t i = 0; i < a->field.n; i++) {
		TRY(split(op, a->field.v[i], &name, &value));
		TRY(put(&w, name, value));
	}
	for (size_t i = 0; i < a->file.n; i++) {
		TRY(split(op, a->file.v[i], &name, &value));
		TRY(file_read_text(op, value, EVIDENCE_MAX, &value));
		TRY(put(&w, name, value));
	}
	json_close(&w);
	out->s = w.text;
	return OK;
}

enum err dispute_evidence(
	struct op *op, const struct dispute_answer *a, struct dispute *out)
{
	struct json_text fields;

	TRY(fields_json(op, a, &fields));
	return db_one(op, "dispute_evidence", &dispute_shape, out, V(a->dispute),
		V(fields), V(a->submit));
}

enum err dispute_accept(
	struct op *op, int64_t id, const char *reason, struct dispute *out)
{
	return db_one(op, "dispute_accept", &dispute_shape, out, V(id), V(reason));
}

enum err dispute_load(struct op *op, int64_t id, struct dispute_action *out)
{
	return db_one(op, "dispute_load", &dispute_action_shape, out, V(id));
}

enum err dispute_record(struct op *op, int64_t id, const struct dispute_action *a,
	const struct payment_result *r)
{
	struct value none = { 0 };

	return db_do(op, "dispute_record", V(id), a->op_id ? V(a->op_id) : none,
		V(r->verdict), V(r->status), V(r->request_id), V(r->error),
		V(r->retry_after_s), V(r->facts));
}
