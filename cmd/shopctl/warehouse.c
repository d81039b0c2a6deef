/* shopctl warehouse: where stock lies. */
#include "domain/warehouse.h"

#include "base/cli.h"
#include "base/out.h"

static enum err list(struct op *op, const void *args)
{
	struct rows all;

	(void)args;
	TRY(warehouse_find(op, &all));
	return out_rows(op, &warehouse_shape, all);
}

static const struct shape create_args = SHAPE(warehouse,
	FIELD(warehouse, code, "CODE", "its short name",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(warehouse, name, "NAME", "what people call it (default the code)"),
	FIELD(warehouse, country, "CC", "ISO 3166 code of its country: NL"),
	FIELD(warehouse, priority, "N", "lower is asked first", .initial = "100"));

static enum err create(struct op *op, const void *args)
{
	struct warehouse made = { 0 };

	TRY(warehouse_create(op, args, &made));
	return out_one(op, &warehouse_shape, &made);
}

const struct command warehouse_commands[] = {
	{ "list", "warehouses in the order they are asked", NULL, list, 0,
		"shopctl warehouse list\n"
		"shopctl warehouse list --columns code,on_hand --format csv" },
	{ "create", "open a warehouse", &create_args, create, CMD_MUTATES,
		"shopctl warehouse create AMS-1 --country NL --priority 10\n"
		"shopctl warehouse create BER-1 --country DE --name Berlin --dry-run" },
	{ 0 },
};
