/* shopctl report: what was sold, from the rollups; and the rollups themselves. */
#include "domain/report.h"

#include "base/cli.h"
#include "base/out.h"
#include "domain/rollup.h"
#include "shopctl/chart.h"

struct sales_args {
	const char *by, *currency;
	struct stamp since, until;
};

static const struct shape sales_args_shape = SHAPE(sales_args,
	FIELD(sales_args, by, "STEP", "hour or day, of UTC", 0, "hour|day", "day"),
	FIELD(sales_args, since, "TIME", "from this time on, or so long back: 30d", 0,
		NULL, "30d"),
	FIELD(sales_args, until, "TIME", "up to this time (default: now)"),
	FIELD(sales_args, currency, "CODE", "only sales in this currency"));

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
	return (struct report_range){ since, until.us ? until : clock_now(), currency };
}

static enum err sales(struct op *op, const void *args)
{
	const struct sales_args *a = args;
	const struct report_range r = range_of(a->since, a->until, a->currency);
	struct rows rows;

	TRY(report_sales(op, a->by, &r, &rows));
	return out_is_table(op) ? chart_sales(op, a->by, rows)
				: out_rows(op, &sales_shape, rows);
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
	int64_t entries;
};

static const struct shape folded_shape = SHAPE(folded, FIELD(folded, entries));

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
	return out_one(op, &folded_shape, &all);
}

static enum err rebuild(struct op *op, const void *args)
{
	struct rollup_size size;

	(void)args;
	TRY(rollup_rebuild(op, &size));
	return out_one(op, &rollup_size_shape, &size);
}

const struct command report_commands[] = {
	{ "sales", "orders, units and money by hour or day", &sales_args_shape, sales,
		0,
		"shopctl report sales --by day --since 30d\n"
		"shopctl report sales --by hour --since 2d --currency EUR --format csv",
		"A sale counts in the hour it was paid, a refund in the hour the "
		"provider "
		"took it. Periods without a sale are shown as zeros from the first "
		"sale "
		"on. The bar is net of refunds." },
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
	{ "rollup rebuild", "throw the sums away and add up everything", NULL, rebuild,
		CMD_MUTATES,
		"shopctl report rollup rebuild\n"
		"shopctl report rollup rebuild --dry-run" },
	{ 0 },
};
