/* shopctl promotion: what is taken off which baskets, and what that costs. */
#include "domain/promotion.h"

#include "base/cli.h"
#include "base/clock.h"
#include "base/out.h"

#include <string.h>

struct one {
	const char *promotion;
};
#define NAME(tag, member)                                                              \
	FIELD(tag, member, "NAME", "its name", FIELD_OPERAND | FIELD_REQUIRED)
static const struct shape one_args = SHAPE(one, NAME(one, promotion));

struct list {
	const char *state;
	int64_t limit;
};
static const struct shape list_args = SHAPE(list,
	FIELD(list, state, "STATE", "only those", 0,
		"disabled|scheduled|live|used_up|ended"),
	FIELD(list, limit, "N", "at most N", 0, NULL, "1000"));

#define BOUNDS(stacking_now, priority_now)                                             \
	FIELD(promotion_wish, title, "TEXT", "what customers read"),                   \
		FIELD(promotion_wish, stacking, "HOW",                                 \
			"whether it is given beside others", 0,                        \
			"combinable|exclusive", stacking_now),                         \
		FIELD(promotion_wish, priority, "N",                                   \
			"the lowest is tried first, each takes its part of what "      \
			"those "                                                       \
			"before it left",                                              \
			0, NULL, priority_now),                                        \
		FIELD(promotion_wish, from, "TIME", "not before"),                     \
		FIELD(promotion_wish, until, "TIME", "not from then on"),              \
		FIELD(promotion_wish, min_total, "MONEY",                              \
			"baskets with that much of what it covers, before discounts"), \
		FIELD(promotion_wish, min_qty, "N",                                    \
			"baskets with so many pieces of what it covers"),              \
		FIELD(promotion_wish, max_uses, "N", "orders that may use it"),        \
		FIELD(promotion_wish, per_customer, "N",                               \
			"orders of one customer, or of one guest's address, that "     \
			"may use it"),                                                 \
		FIELD(promotion_wish, budget, "MONEY", "all that it may take off")

static const struct shape create_args = SHAPE(promotion_wish,
	NAME(promotion_wish, name),
	FIELD(promotion_wish, percent, "N", "take N % off: 12.5"),
	FIELD(promotion_wish, amount, "MONEY", "take that off the basket: 5.00EUR"),
	FIELD(promotion_wish, buy, "N", "of each N + --get pieces the cheapest ..."),
	FIELD(promotion_wish, get, "N",
		"... N are free, or --percent off; with --get-sku those are the ones, "
		"N for each --buy"),
	FIELD(promotion_wish, free_shipping, NULL, "do not charge the shipping"),
	FIELD(promotion_wish, automatic, NULL,
		"every basket gets it; otherwise who brings a coupon of it"),
	BOUNDS("combinable", "100"),
	FIELD(promotion_wish, first_order, NULL, "a customer's first order only"),
	FIELD(promotion_wish, category, "CATEGORY",
		"it covers this one and what is below it; may be repeated"),
	FIELD(promotion_wish, brand, "BRAND", "it covers this one; may be repeated"),
	FIELD(promotion_wish, sku, "SKU", "it covers this one; may be repeated"),
	FIELD(promotion_wish, customer, "ID",
		"only for this customer, an id or an address; may be repeated"),
	FIELD(promotion_wish, get_sku, "SKU", "what is gotten; may be repeated"));

static const struct shape set_args = SHAPE(promotion_wish, NAME(promotion_wish, name),
	BOUNDS(NULL, NULL),
	FIELD(promotion_wish, clear, "BOUND",
		"without this bound: from, until, min-total, min-qty, max-uses, "
		"per-customer or budget; may be repeated"));

struct simulate {
	const char *promotion;
	struct stamp orders_since, orders_until;
};
static const struct shape simulate_args = SHAPE(simulate, NAME(simulate, promotion),
	FIELD(simulate, orders_since, "TIME", "orders placed since: 30d, 2026-11-01", 0,
		NULL, "30d"),
	FIELD(simulate, orders_until, "TIME", "and before (default: now)"));

static enum err list(struct op *op, const void *args)
{
	const struct list *a = args;
	struct rows rows;

	TRY(promotion_list(op, NULL, a->state, a->limit, &rows));
	return out_rows(op, &promotion_shape, rows);
}

static enum err show(struct op *op, const void *args)
{
	const struct one *a = args;
	struct rows rows;

	TRY(promotion_list(op, a->promotion, NULL, 1, &rows));
	return out_one(op, &promotion_full_shape, rows.items);
}

/* Counts are from 1 on: what is not said is 0, and says nothing. */
static enum err check(struct op *op, const struct promotion_wish *w)
{
	const int64_t counts[] = { w->buy, w->get, w->min_qty, w->max_uses,
		w->per_customer };
	size_t i;

	for (i = 0; i < sizeof counts / sizeof *counts; i++)
		if (counts[i] < 0)
			return fail(op, E_USAGE, "promotion_numbers_are_not_negative",
				"%lld is below zero", (long long)counts[i]);
	return OK;
}

static enum err create(struct op *op, const void *args)
{
	struct promotion_now now;

	TRY(check(op, args));
	TRY(promotion_create(op, args, &now));
	return out_one(op, &promotion_now_shape, &now);
}

static enum err set(struct op *op, const void *args)
{
	static const char *const bounds[] = { "from", "until", "min-total", "min-qty",
		"max-uses", "per-customer", "budget" };
	const struct promotion_wish *w = args;
	struct promotion_now now;
	size_t i, j;

	TRY(check(op, w));
	for (i = 0; i < w->clear.n; i++) {
		for (j = 0; j < sizeof bounds / sizeof *bounds; j++)
			if (!strcmp(w->clear.v[i], bounds[j]))
				break;
		if (j == sizeof bounds / sizeof *bounds)
			return fail(op, E_USAGE, "promotion_bound_is_known",
				"\"%s\" is no bound of a promotion", w->clear.v[i]);
	}
	TRY(promotion_set(op, w, &now));
	return out_one(op, &promotion_now_shape, &now);
}

static enum err enable(struct op *op, const void *args)
{
	const struct one *a = args;
	struct promotion_now now;

	TRY(promotion_enable(op, a->promotion, true, &now));
	return out_one(op, &promotion_now_shape, &now);
}

static enum err disable(struct op *op, const void *args)
{
	const struct one *a = args;
	struct promotion_now now;

	TRY(promotion_enable(op, a->promotion, false, &now));
	return out_one(op, &promotion_now_shape, &now);
}

static enum err usage(struct op *op, const void *args)
{
	const struct one *a = args;
	struct rows rows;

	TRY(promotion_usage(op, a->promotion, &rows));
	return out_rows(op, &promotion_usage_shape, rows);
}

static enum err simulate(struct op *op, const void *args)
{
	const struct simulate *a = args;
	struct stamp until = a->orders_until;
	struct rows rows;

	if (!until.us)
		until = clock_now();
	TRY(promotion_simulate(op, a->promotion, a->orders_since, until, &rows));
	return out_rows(op, &promotion_cost_shape, rows);
}

#define COVERS                                                                         \
	"It covers every basket, or the lines that are in one of the categories, of "  \
	"one of the brands and one of the SKUs, as far as any are named. What it "     \
	"takes off is split over these lines, and is never more than they cost. It "   \
	"is made disabled: promotion enable, or simulate first."
#define SIMULATES                                                                      \
	"The baskets of past orders are asked as a checkout asks, at the prices that " \
	"they had, as if all of them had asked for it and none had used it before: "   \
	"its dates and its coupons do not count, its conditions and limits do."

const struct command promotion_commands[] = {
	{ "list", "promotions, in the order in which they are tried", &list_args, list,
		0,
		"shopctl promotion list --state live\n"
		"shopctl promotion list --columns name,gives,used,spent --format csv" },
	{ "show", "one promotion", &one_args, show, 0,
		"shopctl promotion show BF26\n"
		"shopctl promotion show BF26 --format json" },
	{ "create", "make a promotion; it begins when it is enabled", &create_args,
		create, CMD_MUTATES,
		"shopctl promotion create BF26 --percent 20 --automatic"
		" --from 2026-11-27T00:00Z --until 2026-12-01T00:00Z --budget "
		"10000EUR\n"
		"shopctl promotion create THREE-FOR-TWO --buy 2 --get 1 --automatic\n"
		"shopctl promotion create WELCOME --amount 5.00EUR --min-total 30.00EUR"
		" --first-order --per-customer 1",
		COVERS },
	{ "set", "change its title, its order, its dates, minimums and limits",
		&set_args, set, CMD_MUTATES | CMD_REASON,
		"shopctl promotion set BF26 --until 2026-12-03T00:00Z --reason 'goes "
		"on'\n"
		"shopctl promotion set BF26 --clear budget --reason 'goes on' "
		"--dry-run" },
	{ "enable", "baskets get it from now on, within its dates", &one_args, enable,
		CMD_MUTATES | CMD_REASON,
		"shopctl promotion enable BF26 --reason 'black friday'\n"
		"shopctl promotion enable BF26 --reason 'black friday' --dry-run" },
	{ "disable", "no basket gets it any more; orders that have it keep it",
		&one_args, disable, CMD_MUTATES | CMD_REASON,
		"shopctl promotion disable BF26 --reason 'too dear'\n"
		"shopctl promotion disable BF26 --reason 'too dear' --dry-run" },
	{ "usage", "what it did: orders, customers, what it took off", &one_args, usage,
		0,
		"shopctl promotion usage BF26\n"
		"shopctl promotion usage BF26 --format json" },
	{ "simulate", "what it would have cost over past orders", &simulate_args,
		simulate, 0,
		"shopctl promotion simulate BF26 --orders-since 30d\n"
		"shopctl promotion simulate BF26 --orders-since 2026-11-01"
		" --orders-until 2026-11-08",
		SIMULATES },
	{ 0 },
};
