/* The invariants of the shop, proven by queries that must return nothing. */
#include "domain/fsck.h"

#include "db/db.h"

const struct shape violation_shape = SHAPE(violation, FIELD(violation, code),
	FIELD(violation, rule), FIELD(violation, object), FIELD(violation, detail),
	FIELD(violation, repair), FIELD(violation, area, NULL, NULL, FIELD_HIDDEN),
	FIELD(violation, words, NULL, NULL, FIELD_HIDDEN),
	FIELD(violation, evidence, NULL, NULL, FIELD_HIDDEN));

const struct shape invariant_shape = SHAPE(invariant, FIELD(invariant, code),
	FIELD(invariant, area), FIELD(invariant, rule), FIELD(invariant, words),
	FIELD(invariant, repair, NULL, NULL, FIELD_HIDDEN));

struct check {
	struct stamp last, now;
};

static const struct shape check_shape =
	SHAPE(check, FIELD(check, last, NULL, NULL, FIELD_OPTIONAL), FIELD(check, now));

static const char *scope_of(struct op *op, const struct fsck_query *q)
{
	if (q->only.n)
		return "some invariants";
	if (q->order)
		return op_printf(op, "order %lld", (long long)q->order);
	if (q->incremental)
		return "since last";
	return q->since.us ? op_printf(op, "since %s", stamp_text(op, q->since))
			   : "all";
}

/* Roles are the server's, not this database's: they are only looked at on demand. */
static struct texts with_security(struct op *op, struct texts only)
{
	const char **v = op_alloc(op, (only.n + 1) * sizeof *v);
	size_t i;

	for (i = 0; i < only.n; i++)
		v[i] = only.v[i];
	v[i] = only.n ? "security" : "all+security";
	return (struct texts){ v, only.n + 1 };
}

enum err fsck_run(struct op *op, const struct fsck_query *q, struct rows *out)
{
	struct check check;
	struct stamp since = q->since;
	struct texts only = q->only;

	if (q->security)
		only = with_security(op, only);
	TRY(db_one(op, "fsck_begin", &check_shape, &check));
	if (q->incremental)
		since = check.last;
	if (q->order)
		TRY(db_rows(
			op, "fsck_order", &violation_shape, out, V(only), V(q->order)));
	else
		TRY(db_rows(op, "fsck", &violation_shape, out, V(only), V(q->order),
			V(since)));
	return db_do(op, "fsck_ran", V(scope_of(op, q)), V(check.now), V(out->n));
}

enum err fsck_list(struct op *op, struct rows *out)
{
	return db_rows(op, "fsck_list", &invariant_shape, out);
}
