/* What became of imports, and taking one back. */
#include "domain/import_run.h"

#include "base/out.h"
#include "db/db.h"

#include <inttypes.h>

enum { SHOWN = 10 };

const struct shape import_run_shape = SHAPE(import_run,
	FIELD(import_run, id, .flags = FIELD_ID), FIELD(import_run, kind),
	FIELD(import_run, started_at, .flags = FIELD_HIDDEN),
	FIELD(import_run, finished_at), FIELD(import_run, actor),
	FIELD(import_run, source), FIELD(import_run, dialect), FIELD(import_run, state),
	FIELD(import_run, rows), FIELD(import_run, created), FIELD(import_run, updated),
	FIELD(import_run, unchanged), FIELD(import_run, archived),
	FIELD(import_run, rejected));

const struct shape import_page_shape = SHAPE(import_page,
	FIELD(import_page, id, .flags = FIELD_ID), FIELD(import_page, kind),
	FIELD(import_page, dialect), FIELD(import_page, source),
	FIELD(import_page, state), FIELD(import_page, actor),
	FIELD(import_page, started_at), FIELD(import_page, staged_at),
	FIELD(import_page, finished_at), FIELD(import_page, undone_at),
	FIELD(import_page, currency), FIELD(import_page, warehouse),
	FIELD(import_page, options), FIELD(import_page, header),
	FIELD(import_page, rows), FIELD(import_page, products),
	FIELD(import_page, created), FIELD(import_page, updated),
	FIELD(import_page, unchanged), FIELD(import_page, archived),
	FIELD(import_page, rejected), FIELD(import_page, next));

const struct shape import_change_shape =
	SHAPE(import_change, FIELD(import_change, action), FIELD(import_change, noun),
		FIELD(import_change, name), FIELD(import_change, change));

const struct shape import_undone_shape = SHAPE(import_undone,
	FIELD(import_undone, id, .flags = FIELD_ID), FIELD(import_undone, state),
	FIELD(import_undone, deleted), FIELD(import_undone, restored));

enum err import_runs(struct op *op, int64_t limit, struct rows *out)
{
	return db_rows(op, "import_runs", &import_run_shape, out, V(limit));
}

enum err import_show(struct op *op, int64_t run, struct import_page *out)
{
	return db_one(op, "import_show", &import_page_shape, out, V(run));
}

enum err import_changes(struct op *op, int64_t run, int64_t most, struct rows *out)
{
	return db_rows(
		op, "import_changes", &import_change_shape, out, V(run), V(most));
}

enum err import_note_changes(struct op *op, int64_t run)
{
	struct rows all;
	const struct import_change *c;
	size_t i;

	TRY(import_changes(op, run, SHOWN, &all));
	c = all.items;
	for (i = 0; i < all.n; i++)
		out_note(op, "%s %s %s: %s", c[i].action, c[i].noun, c[i].name,
			c[i].change);
	return OK;
}

/* What stands in the way of taking a run back. */
struct obstacle {
	const char *noun, *name, *problem;
};
static const struct shape obstacle_shape = SHAPE(obstacle, FIELD(obstacle, noun),
	FIELD(obstacle, name), FIELD(obstacle, problem));

enum err import_undo(struct op *op, int64_t run, struct import_undone *out)
{
	struct rows all;
	const struct obstacle *o;
	size_t i;

	op->timeout_ms = 0;
	TRY(db_rows(op, "import_obstacles", &obstacle_shape, &all, V(run), V(SHOWN)));
	o = all.items;
	for (i = 0; i < all.n; i++)
		out_note(op, "%s %s: %s", o[i].noun, o[i].name, o[i].problem);
	return db_one(op, "import_undo", &import_undone_shape, out, V(run));
}
