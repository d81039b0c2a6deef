/* shopctl stock: what happened to it, who holds it, how long it lasts. */
#include "shopctl/stock_look.h"

#include "base/out.h"
#include "domain/stock.h"
#include "domain/stock_ledger.h"

const struct shape stock_ledger_args = SHAPE(stock_ledger_query,
	FIELD(stock_ledger_query, sku, "SKU", "the variant",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(stock_ledger_query, warehouse, "CODE", "only there"),
	FIELD(stock_ledger_query, since, "TIME", "since: 2026-11-20, 2h, 30d"),
	FIELD(stock_ledger_query, limit, "N", "the last N", 0, NULL, "50"));

const struct shape stock_why_args = SHAPE(stock,
	FIELD(stock, sku, "SKU", "the variant", FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(stock, warehouse, "CODE", "only there"));

const struct shape stock_as_of_args = SHAPE(stock_moment,
	{ "time", FIELD_STAMP, offsetof(struct stock_moment, at), "TIME",
		"2026-11-20, 2026-11-20T18:00:00Z, 2h ago as 2h",
		FIELD_OPERAND | FIELD_REQUIRED, NULL, NULL },
	FIELD(stock_moment, sku, "SKU", "only this (default all that lay there)",
		FIELD_OPERAND),
	FIELD(stock_moment, warehouse, "CODE", "only there"));

const struct shape stock_low_args = SHAPE(stock_low_query,
	FIELD(stock_low_query, days_cover, "N", "gone in fewer days than N", 0, NULL,
		"14"),
	FIELD(stock_low_query, over, "N", "as it sold in the last N days", 0, NULL,
		"30"),
	FIELD(stock_low_query, limit, "N", "at most N, the first to be gone first", 0,
		NULL, "50"));

enum err stock_ledger_run(struct op *op, const void *args)
{
	struct rows rows;

	TRY(stock_ledger(op, args, &rows));
	return out_rows(op, &stock_movement_shape, rows);
}

enum err stock_why_run(struct op *op, const void *args)
{
	const struct stock *a = args;
	struct rows rows;

	TRY(stock_why(op, a->sku, a->warehouse, &rows));
	return out_rows(op, &stock_holder_shape, rows);
}

enum err stock_as_of_run(struct op *op, const void *args)
{
	struct rows rows;

	TRY(stock_as_of(op, args, &rows));
	return out_rows(op, &stock_then_shape, rows);
}

enum err stock_low_run(struct op *op, const void *args)
{
	struct rows rows;

	TRY(stock_low(op, args, &rows));
	return out_rows(op, &stock_lack_shape, rows);
}
