/* Warehouses; the one with the lowest priority number is asked first. */
#ifndef DOMAIN_WAREHOUSE_H
#define DOMAIN_WAREHOUSE_H

#include "base/field.h"
#include "base/op.h"

struct warehouse {
	const char *code, *name, *country;
	int64_t priority;
	bool open;
	int64_t skus, on_hand, reserved;
};
extern const struct shape warehouse_shape;

enum err warehouse_find(struct op *op, struct rows *out);

/* name may be NULL; E_REFUSED warehouse_code_is_unique when there is one. */
enum err warehouse_create(
	struct op *op, const struct warehouse *wanted, struct warehouse *out);

#endif
