/* shopctl fsck: prove that money, stock, orders and jobs agree. */
#include "domain/fsck.h"

#include "base/cli.h"
#include "base/out.h"

#include <string.h>

struct fsck {
	struct texts only;
	int64_t order;
	struct stamp since;
	bool incremental, list, repair_plan, security;
};

static const struct shape fsck_args = SHAPE(fsck,
	FIELD(fsck, only, "WHAT", "only this code (L1) or area (stock); repeatable"),
	FIELD(fsck, order, "ID", "only what is about this order"),
	FIELD(fsck, since, "TIME",
		"only orders that something happened to since then: 2h, 2026-11-20"),
	FIELD(fsck, incremental, NULL,
		"only orders that something happened to since the last check"),
	FIELD(fsck, security, NULL,
		"also the roles, their rights and limits, as the server has them"),
	FIELD(fsck, repair_plan, NULL,
		"print the repairs as a shell script; nothing is run"),
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

/* What cannot be done by a command is a comment: a person must think first. */
static enum err print_plan(struct op *op, struct rows found)
{
	const char *last = "";

	for (size_t i = 0; i < found.n; i++) {
		const struct violation *v = row_at(&violation_shape, found, i);

		TRY(out_text(op, "# %s %s: %s\n", v->code, v->object, v->detail));
		if (strcmp(last, v->repair) != 0)
			TRY(out_text(op, "%s%s\n",
				strncmp(v->repair, "shopctl ", 8) ? "# " : "",
				v->repair));
		last = v->repair;
	}
	return OK;
}

static enum err fsck(struct op *op, const void *args)
{
	const struct fsck *a = args;
	struct fsck_query q = { a->only, a->order, a->since, a->incremental,
		a->security };
	struct rows all, found;

	if (a->security && (a->order || a->since.us || a->incremental))
		return fail(op, E_USAGE, "security_is_the_shops",
			"--security is about the whole shop, not about some orders");

	TRY(fsck_list(op, &all));
	if (a->list)
		return out_rows(op, &invariant_shape, all);
	TRY(check_names(op, a->only, all));
	TRY(fsck_run(op, &q, &found));
	if (a->repair_plan)
		TRY(print_plan(op, found));
	else if (found.n || !out_is_table(op))
		TRY(out_rows(op, &violation_shape, found));
	if (found.n)
		out_note(op, "fsck: %zu violations", found.n);
	else
		out_note(op, "fsck: clean");
	return found.n ? E_NO : OK;
}

const struct command fsck_commands[] = {
	{ "", "prove that money, stock, orders and jobs agree", &fsck_args, fsck, 0,
		"shopctl fsck\n"
		"shopctl fsck --only stock --only L1 --format json\n"
		"shopctl fsck --incremental --repair-plan",
		"Reads one snapshot and changes nothing. Exit status 0: clean; 1: "
		"violations, each with the command that repairs it and (--columns "
		"+evidence) the query that shows its rows. --incremental suits a timer "
		"of "
		"minutes: it looks at the orders that moved since the last check; run "
		"it "
		"whole once a night, because damage done by hand leaves no trace. "
		"--security adds what the server has of roles, rights and limits; "
		"--only "
		"security asks for nothing else." },
	{ 0 },
};
