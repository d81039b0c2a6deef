/* shopctl stock: what lies where, and changes of it with a reason. */
#include "domain/stock.h"

#include "base/cli.h"
#include "base/out.h"

struct show {
	const char *sku, *warehouse;
};

static const struct shape show_args = SHAPE(show,
	FIELD(show, sku, "SKU", "the variant", FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(show, warehouse, "CODE", "only what lies there"));

static enum err show(struct op *op, const void *args)
{
	const struct show *a = args;
	struct rows places;

	TRY(stock_find(op, a->sku, a->warehouse, &places));
	return out_rows(op, &stock_shape, places);
}

struct adjust {
	const char *sku;
	int64_t delta;
	const char *warehouse;
};

static const struct shape adjust_args = SHAPE(adjust,
	FIELD(adjust, sku, "SKU", "the variant", FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(adjust, delta, "DELTA", "how many more, or fewer: -- -2",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(adjust, warehouse, "CODE", "where (default the only one)"));

static enum err adjust(struct op *op, const void *args)
{
	const struct adjust *a = args;
	struct stock after = { 0 };

	TRY(stock_adjust(op, a->sku, a->warehouse, a->delta, &after));
	return out_one(op, &stock_shape, &after);
}

static const struct shape set_args = SHAPE(stock_set,
	FIELD(stock_set, sku, "SKU", "the variant", FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(stock_set, qty, "QTY", "how many are there",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(stock_set, warehouse, "CODE", "where (default the only one)"),
	FIELD(stock_set, expect, "OLD", "only when OLD are on hand now"));

static enum err set(struct op *op, const void *args)
{
	struct stock after = { 0 };

	TRY(stock_set(op, args, &after));
	return out_one(op, &stock_shape, &after);
}

const struct command stock_commands[] = {
	{ "show", "on hand, reserved and available, by warehouse", &show_args, show, 0,
		"shopctl stock show DOG-5KG\n"
		"shopctl stock show DOG-5KG --warehouse AMS-1 --field available" },
	{ "adjust", "change what is on hand by a number", &adjust_args, adjust,
		CMD_MUTATES | CMD_REASON,
		"shopctl stock adjust DOG-5KG --warehouse AMS-1 --reason damaged -- "
		"-2\n"
		"shopctl stock adjust DOG-5KG 12 --warehouse AMS-1 --reason received "
		"--dry-run" },
	{ "set", "set what is on hand after counting it", &set_args, set,
		CMD_MUTATES | CMD_REASON,
		"shopctl stock set DOG-5KG 40 --warehouse AMS-1 --reason counted\n"
		"shopctl stock set DOG-5KG 40 --warehouse AMS-1 --expect 42 --reason "
		"counted" },
	{ 0 },
};
