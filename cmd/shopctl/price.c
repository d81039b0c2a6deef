/* shopctl price: what variants cost, now and at other times. */
#include "domain/price.h"

#include "base/cli.h"
#include "base/out.h"

#define WHERE(tag)                                                                     \
	FIELD(tag, where, "CONDITION",                                                 \
		"only these: brand=acme, price<20EUR, category=pets; repeated, all "   \
		"hold")
#define CURRENCY(tag) FIELD(tag, currency, "CODE", "prices in it (default the shop's)")

static const struct shape list_args = SHAPE(price_filter, WHERE(price_filter),
	FIELD(price_filter, currency, "CODE", "only prices in it"),
	FIELD(price_filter, as_of, "TIME", "what held or will hold then (default now)"),
	FIELD(price_filter, scheduled, NULL, "schedules that have not ended then"),
	FIELD(price_filter, limit, "N", "at most N, by SKU", .initial = "50"));

static enum err list(struct op *op, const void *args)
{
	struct rows prices;

	TRY(price_find(op, args, &prices));
	return out_rows(op, &price_shape, prices);
}

struct show {
	const char *sku;
	struct stamp as_of;
};

static const struct shape show_args = SHAPE(show,
	FIELD(show, sku, "SKU", "the variant", FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(show, as_of, "TIME",
		"only what held or will hold then (default all that is known)"));

static enum err show(struct op *op, const void *args)
{
	const struct show *a = args;
	struct rows ranges;

	TRY(price_show(op, a->sku, a->as_of, &ranges));
	return out_rows(op, &price_range_shape, ranges);
}

#define WISH                                                                           \
	FIELD(price_wish, sku, "SKU", "the variant", FIELD_OPERAND | FIELD_REQUIRED),  \
		FIELD(price_wish, amount, "AMOUNT", "what it costs: 24.99EUR",         \
			FIELD_OPERAND | FIELD_REQUIRED),                               \
		FIELD(price_wish, compare_at, "AMOUNT",                                \
			"what is crossed out beside it, or none (default as it is, "   \
			"while it is more)")

static const struct shape set_args = SHAPE(price_wish, WISH,
	FIELD(price_wish, from, "TIME", "since when it holds (default now)"));

static enum err set(struct op *op, const void *args)
{
	struct price_change change = { 0 };

	TRY(price_set(op, args, &change));
	return out_one(op, &price_change_shape, &change);
}

static const struct shape schedule_args = SHAPE(price_wish, WISH,
	FIELD(price_wish, from, "TIME", "when it begins (default now)"),
	FIELD(price_wish, until, "TIME", "when it ends", FIELD_REQUIRED));

static enum err schedule(struct op *op, const void *args)
{
	struct price_change change = { 0 };

	TRY(price_schedule(op, args, &change));
	return out_one(op, &price_change_shape, &change);
}

struct cancel {
	const char *sku, *currency;
	struct stamp from;
};

static const struct shape cancel_args = SHAPE(cancel,
	FIELD(cancel, sku, "SKU", "the variant", FIELD_OPERAND | FIELD_REQUIRED),
	CURRENCY(cancel),
	FIELD(cancel, from, "TIME", "the one that begins then (default the only one)"));

static enum err cancel(struct op *op, const void *args)
{
	const struct cancel *a = args;
	struct price_change change = { 0 };

	TRY(price_cancel(op, a->sku, a->currency, a->from, &change));
	return out_one(op, &price_change_shape, &change);
}

static const struct shape bulk_args = SHAPE(price_bulk, WHERE(price_bulk),
	FIELD(price_bulk, expr, "EXPR",
		"steps from left to right: *0.90 /1.19 +2.50 -1 =9.99 -10%",
		FIELD_REQUIRED),
	FIELD(price_bulk, round, "ENDING",
		"to the nearest price that ends so: 0.99, 9.90 (default none)"),
	FIELD(price_bulk, floor, "cost|AMOUNT", "never below what it cost, or this"),
	CURRENCY(price_bulk),
	FIELD(price_bulk, from, "TIME", "since when they hold (default now)"),
	FIELD(price_bulk, until, "TIME", "schedules that end then (default for good)"));

static enum err print_change(struct op *op, void *ctx, void *change)
{
	++*(int64_t *)ctx;
	return out_row(op, change);
}

static enum err bulk(struct op *op, const void *args)
{
	int64_t n = 0;

	TRY(out_begin(op, &price_change_shape));
	TRY(price_bulk(op, args, print_change, &n));
	TRY(out_end(op));
	out_note(op, "%lld prices changed", (long long)n);
	return OK;
}

struct history {
	const char *sku;
	int64_t limit;
};

static const struct shape history_args = SHAPE(history,
	FIELD(history, sku, "SKU", "the variant", FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(history, limit, "N", "at most N, newest first", .initial = "50"));

static enum err history(struct op *op, const void *args)
{
	const struct history *a = args;
	struct rows events;

	TRY(price_history(op, a->sku, a->limit, &events));
	return out_rows(op, &price_event_shape, events);
}

const struct command price_commands[] = {
	{ "list", "what variants cost, by SKU", &list_args, list, 0,
		"shopctl price list --where brand=BestPet --as-of 2026-11-28\n"
		"shopctl price list --scheduled --currency EUR" },
	{ "show", "the prices of a variant: past, now and later", &show_args, show, 0,
		"shopctl price show DOG-5KG\n"
		"shopctl price show DOG-5KG --as-of 2026-11-28" },
	{ "set", "set the standing price", &set_args, set, CMD_MUTATES | CMD_REASON,
		"shopctl price set DOG-5KG 27.99EUR --reason 'costs less'\n"
		"shopctl price set DOG-5KG 27.99EUR --compare-at 34.99 --from "
		"2027-01-01 --reason inflation --dry-run",
		"It replaces whatever price was set for later.  What is scheduled "
		"stays; the standing price goes on behind it." },
	{ "schedule", "set a price for a time", &schedule_args, schedule,
		CMD_MUTATES | CMD_REASON,
		"shopctl price schedule DOG-5KG 24.99EUR --from 2026-11-27T00:00Z "
		"--until 2026-12-01T00:00Z --reason BF26\n"
		"shopctl price schedule DOG-5KG 24.99EUR --until 2026-12-01 --reason "
		"'sale' --dry-run",
		"A checkout pays it from its first instant to its last; nothing has "
		"to be switched on.  Schedules of a variant and currency never "
		"overlap: price_schedules_never_overlap." },
	{ "cancel", "take a scheduled price back", &cancel_args, cancel,
		CMD_MUTATES | CMD_REASON,
		"shopctl price cancel DOG-5KG --reason 'no sale this year'\n"
		"shopctl price cancel DOG-5KG --from 2026-11-27T00:00Z --reason BF26 "
		"--dry-run",
		"One that has not begun leaves its time to the price before it; one "
		"that runs ends now, and the price that would follow it begins." },
	{ "bulk", "change many prices by an expression", &bulk_args, bulk,
		CMD_MUTATES | CMD_REASON,
		"shopctl price bulk --where brand=BestPet --expr '*0.90' --round 0.99 "
		"--floor cost --reason BF26 --dry-run\n"
		"shopctl price bulk --where category=pets --expr '-10%' --from "
		"2026-11-27 --until 2026-12-01 --reason BF26",
		"All of them change in one transaction, or none.  The arithmetic is "
		"exact; each result is rounded once, half up.  Keys of --where: "
		"attribute.NAME, available, barcode, brand, category, cost, created, "
		"handle, on_hand, price, sku, status, supplier, tag, tax_class, "
		"title, type, updated, weight." },
	{ "history", "who changed the prices of a variant, and why", &history_args,
		history, 0,
		"shopctl price history DOG-5KG\n"
		"shopctl price history DOG-5KG --limit 5 --format json" },
	{ 0 },
};
