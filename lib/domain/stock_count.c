/* The verbs of counts. */
#include "domain/stock_count.h"

#include "db/db.h"

const struct shape stock_count_shape = SHAPE(stock_count,
	FIELD(stock_count, id, .flags = FIELD_ID), FIELD(stock_count, state),
	FIELD(stock_count, warehouse, .flags = FIELD_ID), FIELD(stock_count, blind),
	FIELD(stock_count, skus), FIELD(stock_count, counted),
	FIELD(stock_count, differ), FIELD(stock_count, more),
	FIELD(stock_count, missing), FIELD(stock_count, reason),
	FIELD(stock_count, started_at), FIELD(stock_count, closed_at),
	FIELD(stock_count, replayed, .flags = FIELD_HIDDEN));

const struct shape stock_count_line_shape = SHAPE(stock_count_line,
	FIELD(stock_count_line, sku, .flags = FIELD_ID), FIELD(stock_count_line, title),
	FIELD(stock_count_line, counted), FIELD(stock_count_line, book),
	FIELD(stock_count_line, difference), FIELD(stock_count_line, counted_at),
	FIELD(stock_count_line, counted_by));

enum err count_start(struct op *op, const struct count_wish *w, struct stock_count *out)
{
	return db_one(op, "count_start", &stock_count_shape, out, V(w->key),
		V(w->warehouse), value_texts(op, w->skus), V(w->blind), V(w->reason));
}

enum err count_enter(
	struct op *op, const struct count_finding *f, struct stock_count *out)
{
	return db_one(op, "count_enter", &stock_count_shape, out, V(f->id), V(f->lines),
		V(f->at), V(f->add));
}

enum err count_post(
	struct op *op, int64_t id, const char *uncounted, struct stock_count *out)
{
	return db_one(op, "count_post", &stock_count_shape, out, V(id), V(uncounted));
}

enum err count_cancel(struct op *op, int64_t id, struct stock_count *out)
{
	return db_one(op, "count_cancel", &stock_count_shape, out, V(id));
}

enum err count_list(struct op *op, const struct count_query *q, struct rows *out)
{
	return db_rows(op, "count_list", &stock_count_shape, out, V(q->state),
		V(q->warehouse), V(q->limit ? q->limit : 50));
}

enum err count_lines(struct op *op, int64_t id, struct rows *out)
{
	return db_rows(op, "count_lines", &stock_count_line_shape, out, V(id));
}
