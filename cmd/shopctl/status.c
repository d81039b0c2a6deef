/* shopctl status: the shop on one screen. */
#include "domain/status.h"

#include "base/cli.h"
#include "base/out.h"

static enum err status(struct op *op, const void *args)
{
	struct rows rows;

	(void)args;
	TRY(status_rows(op, &rows));
	return out_rows(op, &status_shape, rows);
}

const struct command status_commands[] = {
	{ "", "the shop on one screen", NULL, status, 0,
		"shopctl status\n"
		"shopctl status --format json",
		"Orders and money of today (UTC), work that waits and since when, dead "
		"letters, workers seen, incidents and whose they are, parked webhooks, "
		"undecided calls, the last fsck and the last reconciliation. What is "
		"quiet has no line. Counts stop at 10000." },
	{ 0 },
};
