/* What the world itself asks of the database, at no step's cost. */
#include "db/db.h"
#include "world.h"

static const struct shape picked_shape =
	SHAPE(picked, FIELD(picked, name), FIELD(picked, id), FIELD(picked, number));

struct picked any_of(struct op *op, const char *kind)
{
	struct picked out = { 0 };
	int64_t luck = below(1 << 20);
	struct op own;

	begin(&own, "world");
	seam_quiet(true);
	if (db_one(&own, "sim_pick", &picked_shape, &out, V(kind), V(luck)) != OK)
		violation("%s: %s", kind, own.fault.text);
	seam_quiet(false);
	out.name = op_strdup(op, out.name ? out.name : "");
	end(&own);
	return out;
}

const char *queue_ready(void)
{
	static char name[40];
	struct op op;

	begin(&op, "world");
	snprintf(name, sizeof name, "%s", any_of(&op, "queue").name);
	end(&op);
	return name;
}
