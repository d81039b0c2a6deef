/* The verbs of incidents. */
#include "domain/incident.h"

#include "db/db.h"

const struct shape incident_shape = SHAPE(incident,
	FIELD(incident, id, .flags = FIELD_ID), FIELD(incident, at),
	FIELD(incident, kind), FIELD(incident, state), FIELD(incident, owner),
	FIELD(incident, order_id, .flags = FIELD_ID | FIELD_OPTIONAL),
	FIELD(incident, payment_id, .flags = FIELD_ID | FIELD_OPTIONAL | FIELD_HIDDEN),
	FIELD(incident, words), FIELD(incident, remedy),
	FIELD(incident, detail, .flags = FIELD_HIDDEN),
	FIELD(incident, closed_at, .flags = FIELD_HIDDEN),
	FIELD(incident, closed_by, .flags = FIELD_HIDDEN),
	FIELD(incident, note, .flags = FIELD_HIDDEN));

const struct shape incident_full_shape = SHAPE(incident,
	FIELD(incident, id, .flags = FIELD_ID), FIELD(incident, at),
	FIELD(incident, kind), FIELD(incident, state), FIELD(incident, owner),
	FIELD(incident, order_id, .flags = FIELD_ID | FIELD_OPTIONAL),
	FIELD(incident, payment_id, .flags = FIELD_ID | FIELD_OPTIONAL),
	FIELD(incident, words), FIELD(incident, remedy), FIELD(incident, detail),
	FIELD(incident, closed_at), FIELD(incident, closed_by), FIELD(incident, note),
	FIELD(incident, history));

const struct shape incident_fate_shape =
	SHAPE(incident_fate, FIELD(incident_fate, id, .flags = FIELD_ID),
		FIELD(incident_fate, state), FIELD(incident_fate, owner));

enum err incident_list(struct op *op, const struct incident_query *q, struct rows *out)
{
	struct value any = { 0 };
	struct value order = q->order ? V(q->order) : any;

	return db_rows(op, "incident_list", &incident_shape, out, V(q->state),
		V(q->kind), V(q->owner), order, V(q->since),
		V(q->limit ? q->limit : 50));
}

enum err incident_get(struct op *op, int64_t id, struct incident *out)
{
	return db_one(op, "incident_get", &incident_full_shape, out, V(id));
}

enum err incident_own(
	struct op *op, int64_t id, const char *owner, struct incident_fate *out)
{
	return db_one(op, "incident_own", &incident_fate_shape, out, V(id), V(owner));
}

enum err incident_close(
	struct op *op, int64_t id, const char *note, struct incident_fate *out)
{
	return db_one(op, "incident_close", &incident_fate_shape, out, V(id), V(note));
}
