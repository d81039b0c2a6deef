/* The shop on one screen. */
#include "domain/status.h"

#include "db/db.h"

const struct shape status_shape =
	SHAPE(status, FIELD(status, section), FIELD(status, item), FIELD(status, count),
		FIELD(status, amount), FIELD(status, since), FIELD(status, note));

enum err status_rows(struct op *op, struct rows *out)
{
	return db_rows(op, "status", &status_shape, out);
}
