/* shopctl pricelist: what some customers pay instead of the shop's own price. */
#include "domain/pricelist.h"

#include "base/cli.h"
#include "base/out.h"

static enum err list(struct op *op, const void *args)
{
	struct rows all;

	(void)args;
	TRY(pricelist_find(op, &all));
	return out_rows(op, &pricelist_shape, all);
}

struct create {
	const char *code, *name, *currency;
	int64_t priority;
	struct stamp from, until;
};

static const struct shape create_args = SHAPE(create,
	FIELD(create, code, "CODE", "its short name", FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(create, name, "NAME", "what people call it (default the code)"),
	FIELD(create, currency, "CODE", "of its prices (default the shop's)"),
	FIELD(create, priority, "N", "of a customer's lists the lowest is asked first",
		.initial = "100"),
	FIELD(create, from, "TIME", "when it begins to hold (default always)"),
	FIELD(create, until, "TIME", "when it ends (default never)"));

static enum err create(struct op *op, const void *args)
{
	const struct create *a = args;
	const struct pricelist wanted = { .code = a->code,
		.name = a->name,
		.currency = a->currency,
		.priority = a->priority,
		.valid_from = a->from,
		.valid_until = a->until };
	struct pricelist made = { 0 };

	TRY(pricelist_create(op, &wanted, &made));
	return out_one(op, &pricelist_shape, &made);
}

struct show {
	const char *code;
	struct stamp as_of;
	bool customers;
	int64_t limit;
};

static const struct shape show_args = SHAPE(show,
	FIELD(show, code, "CODE", "the list", FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(show, as_of, "TIME", "the prices that held or will hold then"),
	FIELD(show, customers, NULL, "whose list it is, instead of its prices"),
	FIELD(show, limit, "N", "at most N prices, by SKU", .initial = "50"));

static enum err show(struct op *op, const void *args)
{
	const struct show *a = args;
	struct rows rows;

	if (a->customers) {
		TRY(pricelist_customers(op, a->code, &rows));
		return out_rows(op, &pricelist_customer_shape, rows);
	}
	TRY(pricelist_show(op, a->code, a->as_of, a->limit, &rows));
	return out_rows(op, &pricelist_price_shape, rows);
}

static const struct shape set_args = SHAPE(pricelist_wish,
	FIELD(pricelist_wish, code, "CODE", "the list", FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(pricelist_wish, sku, "SKU", "the variant",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(pricelist_wish, amount, "AMOUNT",
		"its price: 24.99EUR; without one it is taken out", FIELD_OPERAND),
	FIELD(pricelist_wish, from, "TIME", "since when (default now)"),
	FIELD(pricelist_wish, until, "TIME", "until when (default for ever)"));

static enum err set(struct op *op, const void *args)
{
	struct price_change change = { 0 };

	TRY(pricelist_set(op, args, &change));
	return out_one(op, &price_change_shape, &change);
}

struct assign {
	const char *code;
	struct texts customers;
};

static const struct shape assign_args = SHAPE(assign,
	FIELD(assign, code, "CODE", "the list", FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(assign, customers, "CUSTOMER", "numbers or addresses of accounts",
		FIELD_OPERAND | FIELD_REQUIRED));

static enum err give(struct op *op, const struct assign *a, bool has)
{
	struct rows customers;

	TRY(pricelist_assign(op, a->code, a->customers, has, &customers));
	return out_rows(op, &pricelist_customer_shape, customers);
}

static enum err assign(struct op *op, const void *args)
{
	return give(op, args, true);
}

static enum err unassign(struct op *op, const void *args)
{
	return give(op, args, false);
}

const struct command pricelist_commands[] = {
	{ "list", "price lists in the order they are asked", NULL, list, 0,
		"shopctl pricelist list\n"
		"shopctl pricelist list --columns code,customers --format csv" },
	{ "show", "the prices of a list beside the shop's, or its customers",
		&show_args, show, 0,
		"shopctl pricelist show wholesale\n"
		"shopctl pricelist show wholesale --customers" },
	{ "create", "begin a price list", &create_args, create, CMD_MUTATES,
		"shopctl pricelist create wholesale --currency EUR --priority 10\n"
		"shopctl pricelist create spring --name 'Spring club' --from "
		"2027-03-01 --until 2027-06-01 --dry-run" },
	{ "set", "set or take out the price of a variant in a list", &set_args, set,
		CMD_MUTATES | CMD_REASON,
		"shopctl pricelist set wholesale DOG-5KG 21.50EUR --reason contract\n"
		"shopctl pricelist set wholesale DOG-5KG --from 2027-01-01 --reason "
		"'contract ends' --dry-run",
		"Whatever the list had for it in that time makes room." },
	{ "assign", "give a list to customers", &assign_args, assign, CMD_MUTATES,
		"shopctl pricelist assign wholesale jane@example.com 7\n"
		"shopctl pricelist assign wholesale 7 --dry-run",
		"Its prices stand in the place of the shop's own for them, even when "
		"those are lower; what it has no price for costs them what it costs "
		"all." },
	{ "unassign", "take a list from customers", &assign_args, unassign, CMD_MUTATES,
		"shopctl pricelist unassign wholesale jane@example.com\n"
		"shopctl pricelist unassign wholesale 7 8 --dry-run" },
	{ 0 },
};
