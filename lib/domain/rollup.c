/* The verbs of rollups. */
#include "domain/rollup.h"

#include "base/cli.h"
#include "db/db.h"

struct fold {
	int64_t folded;
	bool more;
};

static const struct shape fold_shape =
	SHAPE(fold, FIELD(fold, folded), FIELD(fold, more));

const struct shape rollup_state_shape = SHAPE(rollup_state, FIELD(rollup_state, rollup),
	FIELD(rollup_state, folded_at), FIELD(rollup_state, waiting),
	FIELD(rollup_state, oldest), FIELD(rollup_state, held_by));

const struct shape rollup_difference_shape = SHAPE(rollup_difference,
	FIELD(rollup_difference, rollup), FIELD(rollup_difference, period),
	FIELD(rollup_difference, item), FIELD(rollup_difference, currency),
	FIELD(rollup_difference, stored), FIELD(rollup_difference, recomputed));

const struct shape rollup_size_shape = SHAPE(rollup_size, FIELD(rollup_size, hours),
	FIELD(rollup_size, days), FIELD(rollup_size, items));

struct day {
	struct stamp day;
};
static const struct shape day_shape = SHAPE(day, FIELD(day, day));

struct days {
	int64_t days;
};
static const struct shape days_shape = SHAPE(days, FIELD(days, days));

enum err rollup_fold(struct op *op, int64_t most, int64_t *folded, bool *more)
{
	struct fold f;

	TRY(db_one(op, "rollup_fold", &fold_shape, &f, V(most)));
	*folded = f.folded;
	*more = f.more;
	return OK;
}

enum err rollup_status(struct op *op, struct rows *out)
{
	return db_rows_values(op, "rollup_status", &rollup_state_shape, out, NULL, 0);
}

enum err rollup_verify(struct op *op, struct stamp since, struct rows *out)
{
	return db_rows(op, "rollup_verify", &rollup_difference_shape, out, V(since));
}

enum err rollup_rebuild(struct op *op, struct stamp since, struct rollup_size *out)
{
	struct rollup_size one;
	struct rows days;
	size_t i;

	*out = (struct rollup_size){ 0 };
	TRY(db_rows(op, "rollup_rebuild_begin", &day_shape, &days, V(since)));
	for (i = 0; i < days.n; i++) {
		const struct day *d = row_at(&day_shape, days, i);

		if (cli_interrupted())
			return fail(op, E_BUSY, "rollup_is_whole", "interrupted");
		TRY(db_one(
			op, "rollup_rebuild_day", &rollup_size_shape, &one, V(d->day)));
		out->hours += one.hours;
		out->days += one.days;
		out->items += one.items;
	}
	return OK;
}

enum err funnel_fold(struct op *op, int64_t *days)
{
	struct days d;

	TRY(db_one_values(op, "funnel_fold", &days_shape, &d, NULL, 0));
	*days = d.days;
	return OK;
}
