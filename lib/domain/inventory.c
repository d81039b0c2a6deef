/* What another system says lies on a shelf. */
#include "domain/inventory.h"

#include "db/db.h"

static const struct shape result_shape = SHAPE(inventory_result,
	FIELD(inventory_result, sku), FIELD(inventory_result, warehouse),
	FIELD(inventory_result, on_hand), FIELD(inventory_result, reserved),
	FIELD(inventory_result, available), FIELD(inventory_result, replayed));

enum err inventory_set(
	struct op *op, const struct inventory *i, struct inventory_result *out)
{
	struct bytes print = { i->fingerprint, sizeof i->fingerprint };
	struct value expected =
		i->expected < 0 ? V((const char *)NULL) : V(i->expected);

	return db_one(op, "inventory_put", &result_shape, out, V(i->client_id),
		V(i->key), V(print), V(i->sku), V(i->warehouse), V(i->on_hand),
		expected, V(i->reason));
}
