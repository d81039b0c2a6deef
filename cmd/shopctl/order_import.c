/* shopctl order import: the past orders of another system. */
#include "shopctl/order_import.h"

#include "base/out.h"
#include "domain/history.h"

const struct shape order_import_args = SHAPE(history_import,
	FIELD(history_import, file, "FILE", "a CSV file, or - for standard input",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(history_import, source, "NAME",
		"the system they come from, within which their numbers are unique",
		.initial = "history"),
	FIELD(history_import, currency, "CODE",
		"of lines that name none (default the shop's)"),
	FIELD(history_import, tz, "ZONE", "of dates that name no zone",
		.initial = "UTC"),
	FIELD(history_import, rejects, "FILE",
		"write refused rows there, with what is wrong"),
	FIELD(history_import, partial, NULL,
		"import the good orders even when others are refused"));

const char order_import_words[] =
	"A row is a line of an order: external_id, date, customer, sku, description, "
	"qty, unit_price, currency, country; other common names of these columns are "
	"understood. A negative quantity or price takes money back: a cancellation is "
	"an order of such lines. What is imported is history: reports and "
	"recommendations read it beside the shop's own orders, and it has no stock, no "
	"payment and no state. All rows are imported, or none. An order that was "
	"imported before from the same source is left as it is, and refused when its "
	"lines differ.\n"
	"Exit status 65: rows were refused and nothing was imported; 5: the other "
	"orders were.";

enum err order_import(struct op *op, const void *args)
{
	struct history_result result = { 0 };
	enum err e = history_import(op, args, &result);

	if (result.state)
		TRY(out_one(op, &history_result_shape, &result));
	return e;
}
