/* Warehouses. */
#include "domain/warehouse.h"

#include "db/db.h"

const struct shape warehouse_shape = SHAPE(warehouse,
	FIELD(warehouse, code, .flags = FIELD_ID), FIELD(warehouse, name),
	FIELD(warehouse, country), FIELD(warehouse, priority), FIELD(warehouse, open),
	FIELD(warehouse, serves), FIELD(warehouse, place, .flags = FIELD_HIDDEN),
	FIELD(warehouse, address, .flags = FIELD_HIDDEN), FIELD(warehouse, skus),
	FIELD(warehouse, on_hand), FIELD(warehouse, reserved),
	FIELD(warehouse, incoming));

const struct shape warehouse_policy_shape = SHAPE(warehouse_policy,
	FIELD(warehouse_policy, allocation), FIELD(warehouse_policy, routed));

enum err warehouse_find(struct op *op, struct rows *out)
{
	return db_rows(op, "warehouse_list", &warehouse_shape, out);
}

enum err warehouse_get(struct op *op, const char *code, struct warehouse *out)
{
	return db_one(op, "warehouse_get", &warehouse_shape, out, V(code));
}

enum err warehouse_create(
	struct op *op, const struct warehouse *wanted, struct warehouse *out)
{
	return db_one(op, "warehouse_create", &warehouse_shape, out, V(wanted->code),
		V(wanted->name), V(wanted->country), V(wanted->priority));
}

enum err warehouse_set(
	struct op *op, const struct warehouse_change *c, struct warehouse *out)
{
	return db_one(op, "warehouse_set", &warehouse_shape, out, V(c->code),
		V(c->name), V(c->country), V(c->priority), V(c->serves), V(c->place),
		V(c->address));
}

enum err warehouse_open(
	struct op *op, const char *code, bool open, struct warehouse *out)
{
	return db_one(op, "warehouse_open", &warehouse_shape, out, V(code), V(open));
}

enum err warehouse_policy(
	struct op *op, const char *policy, struct warehouse_policy *out)
{
	return db_one(op, "warehouse_policy", &warehouse_policy_shape, out, V(policy));
}
