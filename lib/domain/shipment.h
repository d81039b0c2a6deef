/* Shipments: packed, handed over, followed, delivered. */
#ifndef DOMAIN_SHIPMENT_H
#define DOMAIN_SHIPMENT_H

#include "base/field.h"
#include "base/op.h"

#include <stdint.h>

struct shipment {
	int64_t id, order_id, units;
	const char *order_state, *state, *warehouse, *carrier, *tracking;
	struct money value;             /* what it is worth to the customer */
	struct json_text lines, events; /* [{sku, qty}], [{at, status, note, ...}] */
	struct stamp created_at, handed_over_at, ended_at;
	bool replayed; /* it had been done before */
};
extern const struct shape shipment_shape;

struct shipment_wish {
	int64_t order_id;
	const char *key;    /* asking twice with one key packs once */
	struct texts lines; /* "DOG-5KG:1"; none: all that is left */
	const char *warehouse, *carrier, *tracking;
};

/* One shipment for each warehouse that something comes from. */
enum err shipment_create(
	struct op *op, const struct shipment_wish *w, struct rows *out);

/* Hand over: stock leaves, revenue is recognised, the customer is told.  Once. */
enum err shipment_ship(struct op *op, int64_t id, const char *carrier,
	const char *tracking, struct shipment *out);

/* What is said of a parcel: in_transit, exception, delivered, returning, returned. */
struct tracking {
	int64_t shipment;
	const char *status, *note;
	struct stamp at; /* none: now */
};
enum err shipment_track(struct op *op, const struct tracking *t, struct shipment *out);

/* Before handover: what it held waits for another shipment. */
enum err shipment_cancel(struct op *op, int64_t id, struct shipment *out);

/* One way to send a basket, and its price. */
struct shipment_offer {
	const char *method, *name, *zone;
	struct money price, goods; /* goods before discounts */
	int64_t rate, weight;      /* grams */
};
extern const struct shape shipment_offer_shape;

/* lines are SKU or SKU:QTY; currency NULL is the shop's. */
struct shipment_quote {
	struct texts lines;
	const char *country, *region, *postcode, *currency, *customer;
};

/* Every way, the cheapest first; E_REFUSED: shipping_zone_serves,
 * shipping_method_is_offered. */
enum err shipment_quote(
	struct op *op, const struct shipment_quote *q, struct rows *out);

struct shipment_query {
	const char *state, *warehouse;
	int64_t order; /* 0: of any order */
	struct stamp since;
	int64_t limit;
};

/* Shipments, newest first. */
enum err shipment_list(struct op *op, const struct shipment_query *q, struct rows *out);
enum err shipment_get(struct op *op, int64_t id, struct shipment *out);

#endif
