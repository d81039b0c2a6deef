/* The invariants of the shop, proven by queries that must return nothing. */
#include "domain/fsck.h"

#include "db/db.h"

const struct shape violation_shape = SHAPE(violation, FIELD(violation, code),
	FIELD(violation, rule), FIELD(violation, object), FIELD(violation, detail),
	FIELD(violation, repair), FIELD(violation, area, NULL, NULL, FIELD_HIDDEN),
	FIELD(violation, words, NULL, NULL, FIELD_HIDDEN));

const struct shape invariant_shape = SHAPE(invariant, FIELD(invariant, code),
	FIELD(invariant, area), FIELD(invariant, rule), FIELD(invariant, words),
	FIELD(invariant, repair, NULL, NULL, FIELD_HIDDEN));

enum err fsck_run(struct op *op, struct texts only, struct rows *out)
{
	return db_rows(op, "fsck", &violation_shape, out, V(only));
}

enum err fsck_list(struct op *op, struct rows *out)
{
	return db_rows(op, "fsck_list", &invariant_shape, out);
}
