/* Bars, and the sales table that has them. */
#include "shopctl/chart.h"

#include "base/out.h"
#include "base/text.h"
#include "domain/report.h"

#include <stdlib.h>
#include <string.h>

enum { WIDTH = 30 };

bool chart_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
	}
	return false;
}

const char *chart_bar(struct op *op, int64_t value, int64_t most, int width)
{
	static const char *const eighths[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
	double part = most > 0 ? (double)llabs(value) / (double)most : 0;
	long cells = (long)(part * width * 8 + 0.5);
	struct text t = { 0 };

	text_add(op, &t, "");
	if (value && !cells)
		cells = 1; /* something is more than nothing */
	if (!chart_utf8()) {
		for (long i = 0; i < (cells + 4) / 8 || (i == 0 && value); i++)
			text_add(op, &t, value < 0 ? "-" : "#");
		return t.s;
	}
	if (value < 0 && cells)
		text_add(op, &t, "-");
	for (long i = 0; i < cells / 8; i++)
		text_add(op, &t, "█");
	text_add(op, &t, eighths[cells % 8]);
	return t.s;
}

/* A row of the table: what a person reads of struct sales. */
struct bar {
	const char *period;
	int64_t orders, units;
	struct money gross, refunds, net;
	const char *chart;
};

static const struct shape bar_shape = SHAPE(bar, FIELD(bar, period), FIELD(bar, orders),
	FIELD(bar, units), FIELD(bar, gross), FIELD(bar, refunds), FIELD(bar, net),
	FIELD(bar, chart));

static int64_t greatest(struct rows sales, const char *currency)
{
	int64_t most = 0;

	for (size_t i = 0; i < sales.n; i++) {
		const struct sales *s = row_at(&sales_shape, sales, i);

		if (strcmp(s->net.currency, currency) == 0 &&
			llabs(s->net.minor) > most)
			most = llabs(s->net.minor);
	}
	return most;
}

enum err chart_sales(struct op *op, struct rows sales)
{
	const char *currency = "";
	int64_t most = 0;

	TRY(out_begin(op, &bar_shape));
	for (size_t i = 0; i < sales.n; i++) {
		const struct sales *s = row_at(&sales_shape, sales, i);
		struct bar b = { s->label, s->orders, s->units, s->gross, s->refunds,
			s->net, NULL };

		if (strcmp(s->net.currency, currency) != 0) {
			currency = s->net.currency;
			most = greatest(sales, currency);
		}
		b.chart = chart_bar(op, s->net.minor, most, WIDTH);
		TRY(out_row(op, &b));
	}
	return out_end(op);
}
