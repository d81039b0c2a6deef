/* shopctl shipping: zones of places, and what it costs to send something there. */
#include "domain/shipping.h"

#include "base/cli.h"
#include "base/out.h"

struct zone_of {
	const char *code;
};

static const struct shape zone_list_args =
	SHAPE(zone_of, FIELD(zone_of, code, "CODE", "only this one", FIELD_OPERAND));

static enum err zone_list(struct op *op, const void *args)
{
	const struct zone_of *a = args;
	struct rows zones;

	TRY(shipping_zone_find(op, a->code, &zones));
	return out_rows(op, &shipping_zone_shape, zones);
}

struct zone_set {
	const char *code, *name;
	struct texts area;
};

static const struct shape zone_set_args = SHAPE(zone_set,
	FIELD(zone_set, code, "CODE", "what rates name it: EU",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(zone_set, name, "NAME", "what people call it (default the code)"),
	FIELD(zone_set, area, "AREA",
		"DE, US-CA, DE:80 for postcodes that begin so, * for the rest; all "
		"that it has"));

static enum err zone_set(struct op *op, const void *args)
{
	const struct zone_set *a = args;
	const struct shipping_zone wish = {
		.code = a->code, .name = a->name, .areas = a->area
	};
	struct rows zones;

	TRY(shipping_zone_set(op, &wish, &zones));
	return out_rows(op, &shipping_zone_shape, zones);
}

static const struct shape zone_remove_args = SHAPE(zone_of,
	FIELD(zone_of, code, "CODE", "the zone", FIELD_OPERAND | FIELD_REQUIRED));

struct removed {
	const char *zone;
};
static const struct shape removed_shape = SHAPE(removed, FIELD(removed, zone));

static enum err zone_remove(struct op *op, const void *args)
{
	const struct zone_of *a = args;
	struct removed r;

	TRY(shipping_zone_remove(op, a->code, &r.zone));
	return out_one(op, &removed_shape, &r);
}

static const struct shape rate_list_args = SHAPE(shipping_rate_filter,
	FIELD(shipping_rate_filter, zone, "CODE", "only those of this zone"),
	FIELD(shipping_rate_filter, method, "CODE", "only those of this method"),
	FIELD(shipping_rate_filter, as_of, "TIME", "those that held or will hold then"),
	FIELD(shipping_rate_filter, all, NULL, "whenever they hold"));

static enum err rate_list(struct op *op, const void *args)
{
	struct rows rates;

	TRY(shipping_rate_find(op, args, &rates));
	return out_rows(op, &shipping_rate_shape, rates);
}

static const struct shape rate_set_args = SHAPE(shipping_rate_wish,
	FIELD(shipping_rate_wish, zone, "ZONE", "code of the zone",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(shipping_rate_wish, method, "METHOD", "what checkouts name it: standard",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(shipping_rate_wish, price, "AMOUNT", "what it costs, before tax on top",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(shipping_rate_wish, name, "NAME",
		"what customers read (default the code)"),
	FIELD(shipping_rate_wish, currency, "CODE", "default: the shop's"),
	FIELD(shipping_rate_wish, weight_from, "GRAMS",
		"for baskets from this weight on"),
	FIELD(shipping_rate_wish, weight_until, "GRAMS", "and below this weight"),
	FIELD(shipping_rate_wish, total_from, "AMOUNT",
		"for goods that cost this or more before discounts"),
	FIELD(shipping_rate_wish, total_until, "AMOUNT", "and below this"),
	FIELD(shipping_rate_wish, per_kg, "AMOUNT",
		"on top for each begun kilogram over --weight-from"),
	FIELD(shipping_rate_wish, free_above, "AMOUNT",
		"for nothing when the goods cost this or more"),
	FIELD(shipping_rate_wish, from, "TIME",
		"since when (default now; a method's first since ever)"),
	FIELD(shipping_rate_wish, until, "TIME", "until when (default for ever)"));

static enum err rate_set(struct op *op, const void *args)
{
	struct rows rates;

	TRY(shipping_rate_set(op, args, &rates));
	return out_rows(op, &shipping_rate_shape, rates);
}

struct rate_end {
	int64_t id;
	struct stamp at;
};

static const struct shape rate_remove_args = SHAPE(rate_end,
	FIELD(rate_end, id, "ID", "the rate, as shipping rate list shows it",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(rate_end, at, "TIME", "when it ends (default now)"));

static enum err rate_remove(struct op *op, const void *args)
{
	const struct rate_end *a = args;
	struct rows rates;

	TRY(shipping_rate_remove(op, a->id, a->at, &rates));
	return out_rows(op, &shipping_rate_shape, rates);
}

const struct command shipping_commands[] = {
	{ "zone list", "shipping zones and the places in them", &zone_list_args,
		zone_list, 0,
		"shopctl shipping zone list\n"
		"shopctl shipping zone list --format json" },
	{ "zone set", "make a shipping zone, or say which places are in it",
		&zone_set_args, zone_set, CMD_MUTATES,
		"shopctl shipping zone set EU --name Europe --area DE --area FR\n"
		"shopctl shipping zone set SYLT --area DE:25980 --area DE:2599 "
		"--dry-run",
		"Each place is in one zone. The most specific decides where a parcel "
		"goes: the longest postcode, then the region, then the country, then "
		"the rest of the world." },
	{ "zone remove", "remove a shipping zone that has no rates", &zone_remove_args,
		zone_remove, CMD_MUTATES,
		"shopctl shipping zone remove EU\n"
		"shopctl shipping zone remove EU --dry-run" },
	{ "rate list", "shipping rates by zone, method and band", &rate_list_args,
		rate_list, 0,
		"shopctl shipping rate list --zone EU\n"
		"shopctl shipping rate list --all --format csv" },
	{ "rate set", "what a method costs in a zone", &rate_set_args, rate_set,
		CMD_MUTATES | CMD_REASON,
		"shopctl shipping rate set EU standard 4.90 --weight-until 5000 "
		"--free-above 50 --reason 'first setup'\n"
		"shopctl shipping rate set EU standard 9.90 --weight-from 5000 "
		"--per-kg "
		"0.50 --reason 'first setup' --dry-run",
		"A rate holds from each bound on, and below the other. One of the same "
		"bands makes room; bands that overlap others are refused." },
	{ "rate remove", "end a shipping rate", &rate_remove_args, rate_remove,
		CMD_MUTATES | CMD_REASON,
		"shopctl shipping rate remove 1 --reason 'not offered any more'\n"
		"shopctl shipping rate remove 1 --at 2027-01-01 --reason season "
		"--dry-run" },
	{ 0 },
};
