/* What happened to stock, who holds it, and how long it lasts. */
#include "domain/stock_ledger.h"

#include "db/db.h"

const struct shape stock_movement_shape =
	SHAPE(stock_movement, FIELD(stock_movement, id, .flags = FIELD_HIDDEN),
		FIELD(stock_movement, at), FIELD(stock_movement, warehouse),
		FIELD(stock_movement, delta), FIELD(stock_movement, on_hand),
		FIELD(stock_movement, everywhere), FIELD(stock_movement, reason),
		FIELD(stock_movement, reference), FIELD(stock_movement, unit_cost),
		FIELD(stock_movement, note), FIELD(stock_movement, actor));

const struct shape stock_then_shape = SHAPE(stock_then,
	FIELD(stock_then, sku, .flags = FIELD_ID),
	FIELD(stock_then, warehouse, .flags = FIELD_ID), FIELD(stock_then, on_hand));

const struct shape stock_holder_shape = SHAPE(stock_holder,
	FIELD(stock_holder, warehouse, .flags = FIELD_ID), FIELD(stock_holder, kind),
	FIELD(stock_holder, id, .flags = FIELD_ID), FIELD(stock_holder, state),
	FIELD(stock_holder, qty), FIELD(stock_holder, holds),
	FIELD(stock_holder, until), FIELD(stock_holder, detail));

const struct shape stock_lack_shape = SHAPE(stock_lack,
	FIELD(stock_lack, sku, .flags = FIELD_ID), FIELD(stock_lack, title),
	FIELD(stock_lack, available), FIELD(stock_lack, incoming),
	FIELD(stock_lack, wanted), FIELD(stock_lack, sold), FIELD(stock_lack, a_day),
	FIELD(stock_lack, days_left), FIELD(stock_lack, lacking));

enum err stock_ledger(
	struct op *op, const struct stock_ledger_query *q, struct rows *out)
{
	return db_rows(op, "stock_ledger", &stock_movement_shape, out, V(q->sku),
		V(q->warehouse), V(q->since), V(q->limit ? q->limit : 50));
}

enum err stock_as_of(struct op *op, const struct stock_moment *m, struct rows *out)
{
	return db_rows(op, "stock_as_of", &stock_then_shape, out, V(m->at), V(m->sku),
		V(m->warehouse));
}

enum err stock_why(
	struct op *op, const char *sku, const char *warehouse, struct rows *out)
{
	return db_rows(op, "stock_why", &stock_holder_shape, out, V(sku), V(warehouse));
}

enum err stock_low(struct op *op, const struct stock_low_query *q, struct rows *out)
{
	return db_rows(op, "stock_low", &stock_lack_shape, out, V(q->days_cover),
		V(q->over), V(q->limit ? q->limit : 50));
}
