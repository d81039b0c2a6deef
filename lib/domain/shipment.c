/* The verbs of shipments. */
#include "domain/shipment.h"

#include "db/db.h"
#include "domain/price.h"
#include "domain/units.h"

const struct shape shipment_shape = SHAPE(shipment,
	FIELD(shipment, id, .flags = FIELD_ID),
	FIELD(shipment, order_id, .flags = FIELD_ID), FIELD(shipment, state),
	FIELD(shipment, warehouse), FIELD(shipment, carrier), FIELD(shipment, tracking),
	FIELD(shipment, units), FIELD(shipment, value), FIELD(shipment, order_state),
	FIELD(shipment, lines, .flags = FIELD_HIDDEN),
	FIELD(shipment, events, .flags = FIELD_HIDDEN), FIELD(shipment, created_at),
	FIELD(shipment, handed_over_at), FIELD(shipment, ended_at),
	FIELD(shipment, replayed, .flags = FIELD_HIDDEN));

enum err shipment_create(struct op *op, const struct shipment_wish *w, struct rows *out)
{
	struct json_text lines = { 0 };

	TRY(units_json(op, w->lines, &lines));
	return db_rows(op, "shipment_create", &shipment_shape, out, V(w->order_id),
		V(w->key), V(lines), V(w->warehouse), V(w->carrier), V(w->tracking));
}

enum err shipment_ship(struct op *op, int64_t id, const char *carrier,
	const char *tracking, struct shipment *out)
{
	return db_one(op, "shipment_ship", &shipment_shape, out, V(id), V(carrier),
		V(tracking));
}

enum err shipment_track(struct op *op, const struct tracking *t, struct shipment *out)
{
	return db_one(op, "shipment_track", &shipment_shape, out, V(t->shipment),
		V(t->status), V(t->at), V(t->note));
}

enum err shipment_cancel(struct op *op, int64_t id, struct shipment *out)
{
	return db_one(op, "shipment_cancel", &shipment_shape, out, V(id));
}

enum err shipment_list(struct op *op, const struct shipment_query *q, struct rows *out)
{
	struct value any = { 0 };
	struct value order = q->order ? V(q->order) : any;

	return db_rows(op, "shipment_list", &shipment_shape, out, V(q->state), order,
		V(q->warehouse), V(q->since), V(q->limit ? q->limit : 50));
}

enum err shipment_get(struct op *op, int64_t id, struct shipment *out)
{
	return db_one(op, "shipment_get", &shipment_shape, out, V(id));
}

const struct shape shipment_offer_shape = SHAPE(shipment_offer,
	FIELD(shipment_offer, method, .flags = FIELD_ID), FIELD(shipment_offer, name),
	FIELD(shipment_offer, price), FIELD(shipment_offer, zone),
	FIELD(shipment_offer, weight), FIELD(shipment_offer, goods),
	FIELD(shipment_offer, rate, .flags = FIELD_ID));

enum err shipment_quote(struct op *op, const struct shipment_quote *q, struct rows *out)
{
	return db_rows(op, "shipment_quote", &shipment_offer_shape, out, V(q->lines),
		V(q->country), V(q->region), V(q->postcode),
		V(price_currency(op, q->currency)), V(q->customer));
}
