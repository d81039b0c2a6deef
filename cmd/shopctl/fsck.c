/* shopctl fsck: prove that money, stock, orders and jobs agree. */
#include "domain/fsck.h"

#include "base/cli.h"
#include "base/out.h"

#include <string.h>

struct fsck {
	struct texts only;
	bool list;
};

static const struct shape fsck_args = SHAPE(fsck,
	FIELD(fsck, only, "WHAT", "only this code (L1) or area (stock); repeatable"),
	FIELD(fsck, list, NULL, "list the invariants instead of proving them"));

/* Every name given must be one we have, or nothing was proven. */
static enum err check_names(struct op *op, struct texts only, struct rows all)
{
	size_t i, j;

	for (i = 0; i < only.n; i++) {
		const char *choices = "";

		for (j = 0; j < all.n; j++) {
			const struct invariant *v = row_at(&invariant_shape, all, j);

			if (!strcmp(only.v[i], v->code) || !strcmp(only.v[i], v->area))
				break;
			choices = op_printf(op, "%s%s|%s|", choices, v->code, v->area);
		}
		if (j == all.n) {
			const char *near = nearest(op, only.v[i], choices);

			fail(op, E_USAGE, "invariant_is_known",
				"there is no invariant \"%s\"", only.v[i]);
			return near ? fail_hint(op, "did you mean \"%s\"?", near)
				    : fail_hint(op, "shopctl fsck --list");
		}
	}
	return OK;
}

static enum err fsck(struct op *op, const void *args)
{
	const struct fsck *a = args;
	struct rows all, found;

	TRY(fsck_list(op, &all));
	if (a->list)
		return out_rows(op, &invariant_shape, all);
	TRY(check_names(op, a->only, all));
	TRY(fsck_run(op, a->only, &found));
	if (!found.n) {
		out_note(op, "fsck: clean");
		return out_is_table(op) ? OK : out_rows(op, &violation_shape, found);
	}
	TRY(out_rows(op, &violation_shape, found));
	out_note(op, "fsck: %zu violations", found.n);
	return E_NO;
}

const struct command fsck_commands[] = {
	{ "", "prove that money, stock, orders and jobs agree", &fsck_args, fsck, 0,
		"shopctl fsck\n"
		"shopctl fsck --only stock --only L1 --format json",
		"Reads one snapshot and changes nothing. Exit status 0: clean; 1: "
		"violations, each "
		"with the command that repairs it." },
	{ 0 },
};
