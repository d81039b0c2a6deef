/* The verbs of the audit log. */
#include "domain/audit.h"

#include "db/db.h"

enum { MOST = 5000 }; /* rows of a seal */

#define ROW(hidden)                                                                    \
	FIELD(audit_row, id, .flags = FIELD_ID), FIELD(audit_row, at),                 \
		FIELD(audit_row, actor), FIELD(audit_row, object),                     \
		FIELD(audit_row, action), FIELD(audit_row, reason),                    \
		FIELD(audit_row, role, .flags = hidden),                               \
		FIELD(audit_row, trace, .flags = hidden),                              \
		FIELD(audit_row, before, .flags = hidden),                             \
		FIELD(audit_row, after, .flags = hidden)

const struct shape audit_row_shape = SHAPE(audit_row, ROW(FIELD_HIDDEN));
const struct shape audit_row_full_shape = SHAPE(audit_row, ROW(0),
	FIELD(audit_row, seal, .flags = FIELD_OPTIONAL), FIELD(audit_row, digest));

const struct shape audit_fault_shape =
	SHAPE(audit_fault, FIELD(audit_fault, seal, .flags = FIELD_OPTIONAL),
		FIELD(audit_fault, id, .flags = FIELD_ID | FIELD_OPTIONAL),
		FIELD(audit_fault, problem), FIELD(audit_fault, detail));

const struct shape audit_sealed_shape = SHAPE(audit_sealed, FIELD(audit_sealed, done),
	FIELD(audit_sealed, seal, .flags = FIELD_OPTIONAL), FIELD(audit_sealed, root));

const struct shape audit_anchor_shape =
	SHAPE(audit_anchor, FIELD(audit_anchor, seal), FIELD(audit_anchor, root),
		FIELD(audit_anchor, sealed_at), FIELD(audit_anchor, unsealed));

enum err audit_list(struct op *op, const struct audit_query *q, struct rows *out)
{
	return db_rows(op, "audit_list", &audit_row_shape, out, V(q->object),
		V(q->actor), V(q->action), V(q->since), V(q->limit ? q->limit : 50));
}

enum err audit_get(struct op *op, int64_t id, struct audit_row *out)
{
	return db_one(op, "audit_get", &audit_row_full_shape, out, V(id));
}

enum err audit_verify(
	struct op *op, struct stamp since, const char *anchor, struct rows *out)
{
	return db_rows(
		op, "audit_verify", &audit_fault_shape, out, V(since), V(anchor));
}

enum err audit_seal(struct op *op, struct audit_sealed *out)
{
	int64_t done = 0;

	do {
		TRY(db_one(op, "audit_seal", &audit_sealed_shape, out, V(MOST)));
		done += out->done;
	} while (out->done >= MOST);
	out->done = done;
	return OK;
}

enum err audit_anchor(struct op *op, struct audit_anchor *out)
{
	return db_one_values(op, "audit_anchor", &audit_anchor_shape, out, NULL, 0);
}
