/* shopctl report: what was sold, from the rollups; and the rollups themselves. */
#include "domain/report.h"

#include "base/cli.h"
#include "base/out.h"
#include "domain/rollup.h"
#include "shopctl/chart.h"

#include <string.h>

struct sales_args {
	const char *by, *currency, *tz;
	struct stamp since, until;
	int64_t limit;
};

static const struct shape sales_args_shape = SHAPE(sales_args,
	FIELD(sales_args, by, "STEP",
		"hour, day or month; or what was sold, whence, to whom, by what", 0,
		"hour|day|month|product|category|brand|warehouse|customer|promotion|"
		"coupon|currency",
		"day"),
	FIELD(sales_args, since, "TIME", "from this time on, or so long back: 30d", 0,
		NULL, "30d"),
	FIELD(sales_args, until, "TIME", "up to this time (default: now)"),
	FIELD(sales_args, currency, "CODE", "only sales in this currency"),
	FIELD(sales_args, tz, "ZONE", "whose hours, days and months: Europe/Paris", 0,
		NULL, "UTC"),
	FIELD(sales_args, limit, "N", "at most N of each currency, where it is no time",
		0, NULL, "100"));

struct funnel_args {
	struct stamp since, until;
};

static const struct shape funnel_args_shape = SHAPE(funnel_args,
	FIELD(funnel_args, since, "TIME", "from this day on, or so long back: 30d", 0,
		NULL, "30d"),
	FIELD(funnel_args, until, "TIME", "up to this time (default: now)"));

struct top_args {
	const char *currency;
	struct stamp since, until;
	int64_t limit;
};

static const struct shape top_args_shape = SHAPE(top_args,
	FIELD(top_args, since, "TIME", "from this day on, or so long back: 30d", 0,
		NULL, "30d"),
	FIELD(top_args, until, "TIME", "up to this time (default: now)"),
	FIELD(top_args, currency, "CODE", "only sales in this currency"),
	FIELD(top_args, limit, "N", "at most N of each currency", 0, NULL, "10"));

struct latest_args {
	int64_t limit;
};

static const struct shape latest_args_shape = SHAPE(latest_args,
	FIELD(latest_args, limit, "N", "at most N, newest first", 0, NULL, "20"));

struct verify_args {
	struct stamp since;
};

static const struct shape verify_args_shape = SHAPE(verify_args,
	FIELD(verify_args, since, "TIME", "only the days from then on, or 90d"));

static struct report_range range_of(
	struct stamp since, struct stamp until, const char *currency)
{
	return (struct report_range){ since, until.us ? until : clock_now(), currency,
		"UTC" };
}

static bool is_time(const char *by)
{
	return !strcmp(by, "hour") || !strcmp(by, "day") || !strcmp(by, "month");
}

static enum err sales(struct op *op, const void *args)
{
	const struct sales_args *a = args;
	struct report_range r = range_of(a->since, a->until, a->currency);
	struct rows rows;

	r.tz = a->tz;
	if (!is_time(a->by)) {
		TRY(report_sales_by(op, a->by, &r, a->limit, &rows));
		return out_rows(op, &item_sales_shape, rows);
	}
	TRY(report_sales(op, a->by, &r, &rows));
	return out_is_table(op) ? chart_sales(op, rows)
				: out_rows(op, &sales_shape, rows);
}

static enum err funnel(struct op *op, const void *args)
{
	const struct funnel_args *a = args;
	const struct report_range r = range_of(a->since, a->until, NULL);
	struct rows rows;

	TRY(report_funnel(op, &r, &rows));
	return out_rows(op, &funnel_step_shape, rows);
}

static enum err top_products(struct op *op, const void *args)
{
	const struct top_args *a = args;
	const struct report_range r = range_of(a->since, a->until, a->currency);
	struct rows rows;

	TRY(report_top_products(op, &r, a->limit, &rows));
	return out_rows(op, &top_product_shape, rows);
}

static enum err latest_orders(struct op *op, const void *args)
{
	const struct latest_args *a = args;
	struct rows rows;

	TRY(report_latest_orders(op, a->limit, &rows));
	return out_rows(op, &latest_order_shape, rows);
}

static enum err status(struct op *op, const void *args)
{
	struct rows rows;

	(void)args;
	TRY(rollup_status(op, &rows));
	return out_rows(op, &rollup_state_shape, rows);
}

static enum err verify(struct op *op, const void *args)
{
	const struct verify_args *a = args;
	struct rows rows;

	TRY(rollup_verify(op, a->since, &rows));
	TRY(out_rows(op, &rollup_difference_shape, rows));
	if (!rows.n)
		return OK;
	fail(op, E_NO, "rollup_is_what_the_ledger_says", "%zu sums differ", rows.n);
	return fail_hint(op, "shopctl report rollup rebuild");
}

struct folded {
	int64_t entries, funnel_days;
};

static const struct shape folded_shape =
	SHAPE(folded, FIELD(folded, entries), FIELD(folded, funnel_days));

static enum err fold(struct op *op, const void *args)
{
	enum { BATCH = 20000 };
	struct folded all = { 0 };
	int64_t folded;
	bool more;

	(void)args;
	do {
		TRY(rollup_fold(op, BATCH, &folded, &more));
		all.entries += folded;
	} while (more);
	TRY(funnel_fold(op, &all.funnel_days));
	return out_one(op, &folded_shape, &all);
}

static enum err rebuild(struct op *op, const void *args)
{
	const struct verify_args *a = args;
	struct rollup_size size;

	TRY(rollup_rebuild(op, a->since, &size));
	return out_one(op, &rollup_size_shape, &size);
}

#define SALES_WORDS                                                                    \
	"A sale counts in the hour it was paid, a refund in the hour the provider "    \
	"took it; --columns +corrections shows the refunds on the day of the sale "    \
	"that they take back, whenever they were made. By time, customer and "         \
	"currency "                                                                    \
	"the money is what was paid and given back; by product, category, brand and "  \
	"warehouse it is the value of lines, without tax and shipping. Brands and "    \
	"categories are those that products have now. Periods without a sale are "     \
	"shown as zeros from the first sale on. The bar is net of refunds."

const struct command report_commands[] = {
	{ "sales", "orders, units and money by time, product, warehouse, customer",
		&sales_args_shape, sales, 0,
		"shopctl report sales --by day --since 30d\n"
		"shopctl report sales --by product --since 7d --tz Europe/Paris "
		"--format csv",
		SALES_WORDS },
	{ "funnel", "how far visitors came, by day: view, cart, checkout, purchase",
		&funnel_args_shape, funnel, 0,
		"shopctl report funnel --since 7d\n"
		"shopctl report funnel --since 30d --format json",
		"A session counts for a step when it took all the steps before it on "
		"that day of UTC, in their order. Searches stand beside the funnel. A "
		"day is counted again within a minute of its last event." },
	{ "top-products", "what sold best, by the value of its lines", &top_args_shape,
		top_products, 0,
		"shopctl report top-products --since 30d --limit 10\n"
		"shopctl report top-products --since 7d --format json" },
	{ "latest-orders", "the newest orders", &latest_args_shape, latest_orders, 0,
		"shopctl report latest-orders --limit 20\n"
		"shopctl report latest-orders --columns +email --format csv" },
	{ "rollup status", "how far behind the sums are", NULL, status, 0,
		"shopctl report rollup status\n"
		"shopctl report rollup status --format json" },
	{ "rollup fold", "add up now what the worker would in a moment", NULL, fold,
		CMD_MUTATES,
		"shopctl report rollup fold\n"
		"shopctl report rollup fold --dry-run" },
	{ "rollup verify",
		"add everything up again and compare; exit 1 on a difference",
		&verify_args_shape, verify, 0,
		"shopctl report rollup verify --since 90d\n"
		"shopctl report rollup verify --format ndjson" },
	{ "rollup rebuild", "add every day up again, one after the other",
		&verify_args_shape, rebuild, CMD_MUTATES,
		"shopctl report rollup rebuild --since 90d\n"
		"shopctl report rollup rebuild --dry-run" },
	{ 0 },
};
