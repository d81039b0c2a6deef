/* Warehouses: where stock lies, and from which of them an order is sent. */
#ifndef DOMAIN_WAREHOUSE_H
#define DOMAIN_WAREHOUSE_H

#include "base/field.h"
#include "base/op.h"

struct warehouse {
	const char *code, *name, *country;
	int64_t priority; /* the lowest number is asked first */
	bool open;
	const char *serves;       /* DE,US-CA; NULL: everywhere */
	const char *place;        /* LATITUDE,LONGITUDE in degrees; NULL: its country */
	struct json_text address; /* an object */
	int64_t skus, on_hand, reserved, incoming;
};
extern const struct shape warehouse_shape;

enum err warehouse_find(struct op *op, struct rows *out);
enum err warehouse_get(struct op *op, const char *code, struct warehouse *out);

/* name may be NULL; E_REFUSED warehouse_code_is_unique when there is one. */
enum err warehouse_create(
	struct op *op, const struct warehouse *wanted, struct warehouse *out);

/* What is NULL stays as it is. */
struct warehouse_change {
	const char *code, *name, *country;
	const char *priority; /* a number */
	const char *serves;   /* DE,US-CA or everywhere */
	const char *place;    /* LATITUDE,LONGITUDE or nowhere */
	struct json_text address;
};
enum err warehouse_set(
	struct op *op, const struct warehouse_change *c, struct warehouse *out);

/* Nothing is taken from one that is closed. */
enum err warehouse_open(
	struct op *op, const char *code, bool open, struct warehouse *out);

struct warehouse_policy {
	const char *allocation; /* priority, nearest, fewest_splits */
	bool routed;            /* it matters where an order goes */
};
extern const struct shape warehouse_policy_shape;

/* policy NULL: only ask. */
enum err warehouse_policy(
	struct op *op, const char *policy, struct warehouse_policy *out);

#endif
