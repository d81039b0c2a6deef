/* One line on standard error, rewritten in place. */
#include "base/progress.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { PATIENCE_US = 500000, INTERVAL_US = 100000 };

void progress_begin(struct op *op, struct progress *p, const char *what, int64_t total)
{
	*p = (struct progress){ .what = what, .total = total };
	p->began = p->last = clock_ticks();
	p->wanted = !op->quiet && isatty(STDERR_FILENO);
}

void progress_at(struct progress *p, int64_t done, int64_t rows)
{
	int64_t now, left;

	if (!p->wanted)
		return;
	now = clock_ticks();
	if (now - p->began < PATIENCE_US || now - p->last < INTERVAL_US)
		return;
	p->last = now;
	p->shown = true;
	fprintf(stderr, "\r\033[K%s: %" PRId64 " rows, %" PRId64 "/s", p->what, rows,
		rows * 1000000 / (now - p->began));
	if (p->total > 0 && done > 0) {
		left = (p->total - done) * (now - p->began) / done / 1000000;
		fprintf(stderr, ", %" PRId64 " %%, %" PRId64 " s left",
			done * 100 / p->total, left);
	}
	fflush(stderr);
}

void progress_end(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
