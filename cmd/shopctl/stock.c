/* shopctl stock: what lies where, and changes of it with a reason. */
#include "domain/stock.h"

#include "base/cli.h"
#include "base/id.h"
#include "base/out.h"
#include "domain/import.h"
#include "domain/units_file.h"
#include "shopctl/import_file.h"
#include "shopctl/stock_look.h"

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

struct receive {
	const char *purchase, *warehouse, *file, *note;
	struct texts line;
	struct money cost;
};

static const struct shape receive_args = SHAPE(receive,
	FIELD(receive, purchase, "PURCHASE", "what it was ordered with: PO-881",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(receive, line, "SKU:N", "N units of it came"),
	FIELD(receive, file, "FILE",
		"a CSV file of sku,qty and, if you like, cost; or - for standard "
		"input"),
	FIELD(receive, warehouse, "CODE", "where (default the only one)"),
	FIELD(receive, cost, "AMOUNT", "what one costs where the line says nothing"),
	FIELD(receive, note, "TEXT", "what is to be known of it"));

static enum err receive(struct op *op, const void *args)
{
	const struct receive *a = args;
	struct stock_delivery d = { .key = op->key ? op->key : id_token(op, 22),
		.warehouse = a->warehouse,
		.purchase = a->purchase,
		.note = a->note };
	struct rows rows;

	TRY(units_all(op, a->file, a->line, a->cost, &d.lines));
	TRY(stock_receive(op, &d, &rows));
	TRY(out_rows(op, &stock_receipt_shape, rows));
	if (rows.n && ((const struct stock_receipt *)rows.items)->replayed)
		out_note(op, "this had been done before: nothing was changed");
	return OK;
}

struct reorder {
	const char *sku;
	int64_t qty;
	const char *warehouse;
};

static const struct shape reorder_args = SHAPE(reorder,
	FIELD(reorder, sku, "SKU", "the variant", FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(reorder, qty, "QTY", "how many are wanted there; 0: any number will do",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(reorder, warehouse, "CODE", "where (default the only one)"));

static enum err reorder(struct op *op, const void *args)
{
	const struct reorder *a = args;
	struct stock after = { 0 };

	TRY(stock_reorder(op, a->sku, a->warehouse, a->qty, &after));
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

static const struct shape from_file_args = SHAPE(import,
	FIELD(import, file, "FILE", "a CSV file, or - for standard input",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(import, warehouse, "CODE",
		"of rows that name none (default the only one)"),
	FIELD(import, create_warehouses, NULL,
		"make the warehouses that the file names and nobody made"),
	FIELD(import, rejects, "FILE", "write refused rows there, with what is wrong"),
	FIELD(import, partial, NULL,
		"import the good rows even when others are refused"),
	FIELD(import, allow_repeat, NULL,
		"import a file again that was imported before"));

static enum err from_file(struct op *op, const void *args)
{
	return import_command(op, "stock", args);
}

const struct command stock_commands[] = {
	{ "as-of", "what lay where at a time", &stock_as_of_args, stock_as_of_run, 0,
		"shopctl stock as-of 2026-11-20 DOG-5KG\n"
		"shopctl stock as-of 2026-12-31T23:59:59Z --format csv",
		"A date is its beginning. It is what the movements until then add up "
		"to." },
	{ "ledger", "its movements, and what lay there after each", &stock_ledger_args,
		stock_ledger_run, 0,
		"shopctl stock ledger DOG-5KG --since 7d\n"
		"shopctl stock ledger DOG-5KG --warehouse AMS-1 --format csv" },
	{ "low", "what runs out, with the days it will last", &stock_low_args,
		stock_low_run, 0,
		"shopctl stock low\n"
		"shopctl stock low --days-cover 30 --over 90 --format csv",
		"That is what is available below what its warehouses want together "
		"(shopctl stock reorder), or gone in fewer days than --days-cover when "
		"it sells on as it did. lacking is how many to buy for both." },
	{ "receive", "what was bought is here", &receive_args, receive,
		CMD_MUTATES | CMD_REASON,
		"shopctl stock receive PO-881 --line DOG-5KG:40 --cost 12.50EUR "
		"--warehouse AMS-1 --reason delivered\n"
		"shopctl stock receive PO-881 --file po881.csv --warehouse AMS-1 "
		"--reason "
		"delivered --idempotency-key po881-1",
		"With a cost, the variant's becomes the average of what is there and "
		"what came, by units. With --idempotency-key a delivery that is told "
		"twice came once." },
	{ "why", "who holds it: orders, transfers, counts, returns", &stock_why_args,
		stock_why_run, 0,
		"shopctl stock why DOG-5KG\n"
		"shopctl stock why DOG-5KG --warehouse AMS-1 --format json" },
	{ "show", "on hand, reserved and available, by warehouse", &show_args, show, 0,
		"shopctl stock show DOG-5KG\n"
		"shopctl stock show DOG-5KG --warehouse AMS-1 --field available" },
	{ "adjust", "change what is on hand by a number", &adjust_args, adjust,
		CMD_MUTATES | CMD_REASON,
		"shopctl stock adjust DOG-5KG --warehouse AMS-1 --reason damaged -- "
		"-2\n"
		"shopctl stock adjust DOG-5KG 12 --warehouse AMS-1 --reason received "
		"--dry-run" },
	{ "import", "set what is on hand from a CSV file", &from_file_args, from_file,
		CMD_MUTATES,
		"shopctl stock import counted.csv --dry-run\n"
		"shopctl stock import inventory_export.csv --create-warehouses "
		"--partial "
		"--rejects rejected.csv",
		"The kind of file is recognised by its header: our own (sku, "
		"warehouse, "
		"on_hand and, when only what is expected there may be replaced, "
		"expected), Shopify's inventory in its three layouts, Magento's "
		"sources "
		"(source_code, sku, status, quantity) or commercetools' inventory. A "
		"location is a warehouse of that code or name. An empty quantity and "
		"\"not stocked\" change nothing; a row of Shopify whose current "
		"quantity is "
		"not what is there now is refused by name. Each change is a movement: "
		"shopctl stock ledger SKU." },
	{ "reorder", "say how many shall be there, or the operators are told",
		&reorder_args, reorder, CMD_MUTATES,
		"shopctl stock reorder DOG-5KG 20 --warehouse AMS-1\n"
		"shopctl stock reorder DOG-5KG 0 --dry-run",
		"When fewer are available than all warehouses want together, "
		"notification.operators gets one mail, and the next after it was "
		"above again." },
	{ "set", "set what is on hand after counting it", &set_args, set,
		CMD_MUTATES | CMD_REASON,
		"shopctl stock set DOG-5KG 40 --warehouse AMS-1 --reason counted\n"
		"shopctl stock set DOG-5KG 40 --warehouse AMS-1 --expect 42 --reason "
		"counted" },
	{ 0 },
};
