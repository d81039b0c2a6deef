/* The verbs of transfers. */
#include "domain/transfer.h"

#include "db/db.h"

const struct shape transfer_shape = SHAPE(transfer,
	FIELD(transfer, id, .flags = FIELD_ID), FIELD(transfer, state),
	FIELD(transfer, source, .flags = FIELD_ID),
	FIELD(transfer, target, .flags = FIELD_ID), FIELD(transfer, units),
	FIELD(transfer, shipped), FIELD(transfer, received), FIELD(transfer, lost),
	FIELD(transfer, in_transit), FIELD(transfer, reason),
	FIELD(transfer, lines, .flags = FIELD_HIDDEN), FIELD(transfer, created_at),
	FIELD(transfer, shipped_at), FIELD(transfer, closed_at),
	FIELD(transfer, replayed, .flags = FIELD_HIDDEN));

enum err transfer_create(
	struct op *op, const struct transfer_wish *w, struct transfer *out)
{
	return db_one(op, "transfer_create", &transfer_shape, out, V(w->key),
		V(w->source), V(w->target), V(w->lines), V(w->reason));
}

enum err transfer_ship(
	struct op *op, int64_t id, struct json_text lines, struct transfer *out)
{
	return db_one(op, "transfer_ship", &transfer_shape, out, V(id), V(lines));
}

enum err transfer_receive(
	struct op *op, const struct transfer_delivery *d, struct transfer *out)
{
	return db_one(op, "transfer_receive", &transfer_shape, out, V(d->id), V(d->key),
		V(d->lines), V(d->more));
}

enum err transfer_cancel(struct op *op, int64_t id, struct transfer *out)
{
	return db_one(op, "transfer_cancel", &transfer_shape, out, V(id));
}

enum err transfer_list(struct op *op, const struct transfer_query *q, struct rows *out)
{
	return db_rows(op, "transfer_list", &transfer_shape, out, V(q->state),
		V(q->warehouse), V(q->sku), V(q->limit ? q->limit : 50));
}

enum err transfer_get(struct op *op, int64_t id, struct transfer *out)
{
	return db_one(op, "transfer_get", &transfer_shape, out, V(id));
}
