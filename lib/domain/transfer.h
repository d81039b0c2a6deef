/* Transfers: goods on their way from one warehouse to another. */
#ifndef DOMAIN_TRANSFER_H
#define DOMAIN_TRANSFER_H

#include "base/field.h"
#include "base/op.h"

#include <stdint.h>

struct transfer {
	int64_t id;
	const char *state;           /* draft, in_transit, received, canceled */
	const char *source, *target; /* warehouses */
	int64_t units, shipped, received, lost, in_transit;
	const char *reason;
	struct json_text lines; /* [{sku, qty, shipped, received, lost, back}] */
	struct stamp created_at, shipped_at, closed_at;
	bool replayed; /* it had been done before */
};
extern const struct shape transfer_shape;

struct transfer_wish {
	const char *key; /* asking twice with one key makes one */
	const char *source, *target;
	struct json_text lines; /* of units_all() */
	const char *reason;
};

/* Planned, it holds nothing; E_DATA transfer_goes_elsewhere, transfer_has_lines. */
enum err transfer_create(
	struct op *op, const struct transfer_wish *w, struct transfer *out);

/* It leaves: all of it, or these units.  E_REFUSED stock_never_oversold. */
enum err transfer_ship(
	struct op *op, int64_t id, struct json_text lines, struct transfer *out);

/* It came: all of it, or these units; the rest is lost unless more is to come. */
struct transfer_delivery {
	int64_t id;
	const char *key; /* told twice it came once; or NULL */
	struct json_text lines;
	bool more;
};
enum err transfer_receive(
	struct op *op, const struct transfer_delivery *d, struct transfer *out);

/* What is on its way goes back. */
enum err transfer_cancel(struct op *op, int64_t id, struct transfer *out);

struct transfer_query {
	const char *state, *warehouse, *sku;
	int64_t limit;
};
enum err transfer_list(struct op *op, const struct transfer_query *q, struct rows *out);
enum err transfer_get(struct op *op, int64_t id, struct transfer *out);

#endif
