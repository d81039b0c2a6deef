/* Warehouses. */
#include "domain/warehouse.h"

#include "db/db.h"

const struct shape warehouse_shape = SHAPE(warehouse,
	FIELD(warehouse, code, .flags = FIELD_ID), FIELD(warehouse, name),
	FIELD(warehouse, country), FIELD(warehouse, priority), FIELD(warehouse, open),
	FIELD(warehouse, skus), FIELD(warehouse, on_hand), FIELD(warehouse, reserved));

enum err warehouse_find(struct op *op, struct rows *out)
{
	return db_rows(op, "warehouse_list", &warehouse_shape, out);
}

enum err warehouse_create(
	struct op *op, const struct warehouse *wanted, struct warehouse *out)
{
	return db_one(op, "warehouse_create", &warehouse_shape, out, V(wanted->code),
		V(wanted->name), V(wanted->country), V(wanted->priority));
}
