/* shopctl order: list, show, why, place, cancel, import. */
#include "domain/order.h"

#include "base/cli.h"
#include "base/out.h"
#include "shopctl/order_import.h"
#include "shopctl/order_place.h"

#include <inttypes.h>
#include <string.h>

struct list {
	const char *status, *customer;
	struct stamp since;
	int64_t limit;
};

static const struct shape list_args = SHAPE(list,
	FIELD(list, status, "STATE", "only orders in this state", 0,
		"pending|expiring|canceling|authorized|held|paid|on_hold|shipped|"
		"delivered|"
		"canceled|"
		"expired"),
	FIELD(list, customer, "EMAIL", "only orders of this customer"),
	FIELD(list, since, "TIME", "placed since: 2026-11-20, 2h, 30d"),
	FIELD(list, limit, "N", "at most N, newest first", 0, NULL, "50"));

static enum err list(struct op *op, const void *args)
{
	const struct list *a = args;
	const struct order_query query = { a->status, a->customer, a->since, a->limit };
	struct rows orders;

	TRY(order_list(op, &query, &orders));
	return out_rows(op, &order_shape, orders);
}

struct named {
	int64_t order;
};

static const struct shape named_args =
	SHAPE(named, FIELD(named, order, "ORDER", "number of the order",
			     FIELD_OPERAND | FIELD_REQUIRED));

static const char *row_json(struct op *op, const struct shape *s, const void *item)
{
	const char *all = "";
	size_t i;

	for (i = 0; i < s->count; i++)
		all = op_printf(op, "%s%s%s:%s", all, i ? "," : "",
			json_quote(op, s->fields[i].name),
			field_json(op, &s->fields[i], item));
	return op_printf(op, "{%s}", all);
}

static const char *lines_json(struct op *op, struct rows lines)
{
	const char *all = "";
	size_t i;

	for (i = 0; i < lines.n; i++)
		all = op_printf(op, "%s%s%s", all, i ? "," : "",
			row_json(op, &order_line_shape,
				row_at(&order_line_shape, lines, i)));
	return op_printf(op, "[%s]", all);
}

/* An order with its lines inside it, as machines read it. */
struct order_with_lines {
	struct order_full order; /* first: its fields keep their offsets */
	struct json_text lines;
};

static enum err whole(struct op *op, const struct order_full *o, struct rows lines)
{
	const struct field lines_field = FIELD(order_with_lines, lines);
	struct order_with_lines all = { *o, { lines_json(op, lines) } };
	size_t n = order_full_shape.count;
	struct field *fields = op_alloc(op, (n + 1) * sizeof *fields);
	const struct shape shape = { "order", sizeof all, fields, n + 1 };

	memcpy(fields, order_full_shape.fields, n * sizeof *fields);
	fields[n] = lines_field;
	return out_one(op, &shape, &all);
}

static enum err show(struct op *op, const void *args)
{
	const struct named *a = args;
	struct order_full o;
	struct rows lines;

	TRY(order_get(op, a->order, &o));
	TRY(order_lines(op, a->order, &lines));
	if (!out_is_table(op))
		return whole(op, &o, lines);
	TRY(out_one(op, &order_full_shape, &o));
	TRY(out_text(op, "\n"));
	return out_rows(op, &order_line_shape, lines);
}

static enum err why(struct op *op, const void *args)
{
	const struct named *a = args;
	struct rows moments;

	TRY(order_timeline(op, a->order, &moments));
	return out_rows(op, &order_moment_shape, moments);
}

static enum err cancel(struct op *op, const void *args)
{
	const struct named *a = args;
	struct order_canceled canceled;

	TRY(order_cancel(op, a->order, op->reason, &canceled));
	TRY(out_one(op, &order_canceled_shape, &canceled));
	if (!strcmp(canceled.state, "canceling"))
		out_note(op,
			"the provider is asked first; follow it: shopctl order why "
			"%" PRId64,
			a->order);
	return OK;
}

static enum err hold(struct op *op, const void *args)
{
	const struct named *a = args;
	struct order_held held;

	TRY(order_hold(op, a->order, op->reason, &held));
	return out_one(op, &order_held_shape, &held);
}

static enum err release(struct op *op, const void *args)
{
	const struct named *a = args;
	struct order_held held;

	TRY(order_release(op, a->order, op->reason, &held));
	return out_one(op, &order_held_shape, &held);
}

const struct command order_commands[] = {
	{ "list", "list orders, newest first", &list_args, list, 0,
		"shopctl order list --status pending --since 1d\n"
		"shopctl order list --customer ada@example.com --format json" },
	{ "show", "one order with its lines and its money", &named_args, show, 0,
		"shopctl order show 1024\n"
		"shopctl order show 1024 --format json" },
	{ "why", "everything that happened to an order, and what happens next",
		&named_args, why, 0,
		"shopctl order why 1024\n"
		"shopctl order why 1024 --format ndjson",
		"One line of time: states, payments, calls to the provider, webhooks, "
		"jobs that ran, "
		"wait or died, postings and mails." },
	ORDER_PLACE_COMMAND,
	{ "cancel", "cancel an order: give the stock back, and the money", &named_args,
		cancel, CMD_MUTATES | CMD_REASON,
		"shopctl order cancel 1024 --reason 'customer asked'\n"
		"shopctl order cancel 1024 --reason fraud --dry-run",
		"An unpaid order is canceled when the provider agreed that no money "
		"can come any "
		"more; a paid one at once, with a full refund." },
	{ "hold", "let nothing of a paid order leave for now", &named_args, hold,
		CMD_MUTATES | CMD_REASON,
		"shopctl order hold 1024 --reason 'address looks wrong'\n"
		"shopctl order hold 1024 --reason fraud --dry-run",
		"Nothing is shipped, and of authorized money nothing is captured: it "
		"stays promised as long as the provider keeps the promise. Disputes "
		"hold orders by themselves; held by a person as well, an order stays "
		"on hold when the dispute ends." },
	{ "release", "let an order on hold go on", &named_args, release,
		CMD_MUTATES | CMD_REASON,
		"shopctl order release 1024 --reason 'the customer called back'\n"
		"shopctl order release 1024 --reason checked --dry-run",
		"Refused while its money is under dispute. Captures that were asked "
		"for before it was held are made now." },
	{ "import", "past orders of another system, for reports", &order_import_args,
		order_import, CMD_MUTATES,
		"shopctl order import history.csv --currency GBP --dry-run\n"
		"shopctl order import - --source webshop2019 --tz Europe/London "
		"<orders.csv",
		order_import_words },
	{ 0 },
};
