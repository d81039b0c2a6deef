/* What happened to stock, who holds it, and how long it lasts. */
#ifndef DOMAIN_STOCK_LEDGER_H
#define DOMAIN_STOCK_LEDGER_H

#include "base/field.h"
#include "base/op.h"

#include <stdint.h>

struct stock_movement {
	int64_t id;
	struct stamp at;
	const char *warehouse;
	int64_t delta;
	int64_t on_hand;    /* in the warehouse, after it */
	int64_t everywhere; /* in all of them */
	const char *reason, *reference, *note, *actor;
	struct money unit_cost;
};
extern const struct shape stock_movement_shape;

struct stock_ledger_query {
	const char *sku, *warehouse;
	struct stamp since;
	int64_t limit;
};

/* The newest movements, in the order they happened. */
enum err stock_ledger(
	struct op *op, const struct stock_ledger_query *q, struct rows *out);

struct stock_then {
	const char *sku, *warehouse;
	int64_t on_hand;
};
extern const struct shape stock_then_shape;

struct stock_moment {
	struct stamp at;
	const char *sku, *warehouse; /* NULL: all */
};

/* What lay there then, by the movements. */
enum err stock_as_of(struct op *op, const struct stock_moment *m, struct rows *out);

struct stock_holder {
	const char *warehouse, *kind; /* order, transfer, count, return */
	int64_t id;
	const char *state;
	int64_t qty;
	bool holds; /* nobody else can have it */
	struct stamp until;
	const char *detail;
};
extern const struct shape stock_holder_shape;

enum err stock_why(
	struct op *op, const char *sku, const char *warehouse, struct rows *out);

struct stock_lack {
	const char *sku, *title;
	int64_t available, incoming, wanted, sold;
	double a_day;
	struct json_text days_left; /* null: nothing is sold */
	int64_t lacking;
};
extern const struct shape stock_lack_shape;

struct stock_low_query {
	int64_t days_cover, over, limit;
};

/* Below what is wanted, or gone in fewer days than that, as it sold in the last ones.
 */
enum err stock_low(struct op *op, const struct stock_low_query *q, struct rows *out);

#endif
