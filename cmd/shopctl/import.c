/* shopctl import: what was imported, when and by whom. */
#include "domain/import.h"

#include "base/cli.h"
#include "base/out.h"

struct runs {
	int64_t limit;
};

static const struct shape runs_args = SHAPE(
	runs, FIELD(runs, limit, "N", "at most N, newest first", .initial = "20"));

static enum err runs(struct op *op, const void *args)
{
	const struct runs *a = args;
	struct rows all;

	TRY(import_runs(op, a->limit, &all));
	return out_rows(op, &import_run_shape, all);
}

const struct command import_commands[] = {
	{ "runs", "the latest imports with their counts", &runs_args, runs, 0,
		"shopctl import runs\n"
		"shopctl import runs --limit 1 --format json" },
	{ 0 },
};
