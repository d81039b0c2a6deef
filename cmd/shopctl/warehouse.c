/* shopctl warehouse: where stock lies, and from where it is sent. */
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

static const struct shape one_args =
	SHAPE(warehouse, FIELD(warehouse, code, "CODE", "its short name",
				 FIELD_OPERAND | FIELD_REQUIRED));

static enum err show(struct op *op, const void *args)
{
	const struct warehouse *a = args;
	struct warehouse w = { 0 };

	TRY(warehouse_get(op, a->code, &w));
	return out_one(op, &warehouse_shape, &w);
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

static const struct shape set_args = SHAPE(warehouse_change,
	FIELD(warehouse_change, code, "CODE", "its short name",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(warehouse_change, name, "NAME", "what people call it"),
	FIELD(warehouse_change, country, "CC", "ISO 3166 code of its country: NL"),
	FIELD(warehouse_change, priority, "N", "lower is asked first"),
	FIELD(warehouse_change, serves, "AREAS",
		"countries and parts of them it sends to: DE,AT,US-CA; or everywhere"),
	FIELD(warehouse_change, place, "LAT,LON",
		"where it lies, in degrees; or nowhere"),
	FIELD(warehouse_change, address, "JSON", "its address, a JSON object"));

static enum err set(struct op *op, const void *args)
{
	struct warehouse after = { 0 };

	TRY(warehouse_set(op, args, &after));
	return out_one(op, &warehouse_shape, &after);
}

static enum err turn(struct op *op, const void *args, bool open)
{
	const struct warehouse *a = args;
	struct warehouse after = { 0 };

	TRY(warehouse_open(op, a->code, open, &after));
	return out_one(op, &warehouse_shape, &after);
}

static enum err open_it(struct op *op, const void *args)
{
	return turn(op, args, true);
}

static enum err close_it(struct op *op, const void *args)
{
	return turn(op, args, false);
}

static const struct shape policy_args = SHAPE(warehouse_policy,
	FIELD(warehouse_policy, allocation, "POLICY", "none: only say which it is",
		FIELD_OPERAND, "priority|nearest|fewest_splits"));

static enum err policy(struct op *op, const void *args)
{
	const struct warehouse_policy *a = args;
	struct warehouse_policy after = { 0 };

	if (a->allocation && !op->reason) {
		fail(op, E_USAGE, "reason_is_given",
			"another policy moves orders to other warehouses");
		return fail_hint(op, "add --reason TEXT");
	}
	TRY(warehouse_policy(op, a->allocation, &after));
	return out_one(op, &warehouse_policy_shape, &after);
}

const struct command warehouse_commands[] = {
	{ "list", "warehouses in the order they are asked", NULL, list, 0,
		"shopctl warehouse list\n"
		"shopctl warehouse list --columns code,on_hand --format csv" },
	{ "show", "one warehouse", &one_args, show, 0,
		"shopctl warehouse show AMS-1\n"
		"shopctl warehouse show AMS-1 --columns +place,+address" },
	{ "create", "open a warehouse", &create_args, create, CMD_MUTATES,
		"shopctl warehouse create AMS-1 --country NL --priority 10\n"
		"shopctl warehouse create BER-1 --country DE --name Berlin --dry-run" },
	{ "set", "change where it is, what it serves and when it is asked", &set_args,
		set, CMD_MUTATES | CMD_REASON,
		"shopctl warehouse set AMS-1 --serves NL,BE,LU --reason 'no customs'\n"
		"shopctl warehouse set AMS-1 --place 52.37,4.90 --priority 5 --reason "
		"moved --dry-run",
		"An order is sent from warehouses that serve the country of its "
		"address, or its part (US-CA) that the address calls state. Orders "
		"without a country are sent from any. With areas set, or another "
		"policy "
		"than priority, checkouts look at each address, which makes them "
		"slower." },
	{ "open", "let orders be sent from it", &one_args, open_it,
		CMD_MUTATES | CMD_REASON,
		"shopctl warehouse open AMS-1 --reason 'the flood is over'\n"
		"shopctl warehouse open AMS-1 --reason season --dry-run" },
	{ "close", "take no more orders' stock from it", &one_args, close_it,
		CMD_MUTATES | CMD_REASON,
		"shopctl warehouse close AMS-1 --reason flood\n"
		"shopctl warehouse close AMS-1 --reason stocktaking --dry-run",
		"What is reserved there waits for its shipment; goods may come in." },
	{ "policy", "show or set how it is decided from where an order is sent",
		&policy_args, policy, CMD_MUTATES,
		"shopctl warehouse policy\n"
		"shopctl warehouse policy nearest --reason 'less freight' --dry-run",
		"priority asks the lowest number first; nearest the least distance "
		"from the address, by its country unless it has latitude and "
		"longitude; fewest_splits takes as few warehouses as have all of the "
		"order together." },
	{ 0 },
};
