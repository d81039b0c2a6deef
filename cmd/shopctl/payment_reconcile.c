/* shopctl payment reconcile and orphans: the provider's books against ours. */
#include "shopctl/payment_reconcile.h"

#include "adapters/provider.h"
#include "base/out.h"
#include "domain/balance_file.h"
#include "domain/reconcile.h"

#include <string.h>

struct reconcile {
	const char *provider, *file;
	struct stamp since;
	int64_t tolerance;
};

const struct shape payment_reconcile_args = SHAPE(reconcile,
	FIELD(reconcile, provider, "NAME", "whose books", 0, "paypal|stripe", "stripe"),
	FIELD(reconcile, since, "TIME",
		"read again and compare from: 2026-11-20, 7d; without it: 30d"),
	FIELD(reconcile, file, "FILE",
		"Stripe's exported balance (CSV) instead of asking it"),
	FIELD(reconcile, tolerance, "N", "amounts may differ by so many minor units", 0,
		NULL, "0"));

const struct shape payment_balance_args = { .name = "none" };

const struct shape payment_orphans_args = SHAPE(reconcile,
	FIELD(reconcile, since, "TIME", "captured since: 2026-11-20, 7d, 30d"));

static enum err ask(
	struct op *op, const struct reconcile_step *step, struct reconcile_page *out)
{
	struct provider_call call = { .action = step->action,
		.ref = step->ref,
		.cursor = step->cursor,
		.since = step->since };
	const struct provider *p;
	struct provider_answer got;

	TRY(provider_find(op, step->provider, &p));
	TRY(p->call(op, &call, &got));
	*out = (struct reconcile_page){ got.verdict, got.error, got.next,
		{ got.facts } };
	return OK;
}

/* What the provider says, by its file or its own mouth; a dry run calls nobody. */
static enum err read_books(struct op *op, const struct reconcile *a, int64_t run)
{
	size_t rows;
	bool done;

	if (a->file) {
		TRY(balance_file_read(op, a->file, run, &rows));
		out_note(op, "%zu transactions in %s", rows, a->file);
		return OK;
	}
	if (op->dry_run) {
		out_note(op, "dry run: %s is not asked", a->provider);
		return OK;
	}
	return reconcile_read(op, run, ask, (struct stamp){ 0 }, &done);
}

/* What the provider held when it was asked, and what is known of it. */
static enum err tell_balances(struct op *op, int64_t run)
{
	struct rows held;

	TRY(balance_list(op, run, &held));
	for (size_t i = 0; i < held.n; i++) {
		const struct provider_held *b = row_at(&provider_held_shape, held, i);

		out_note(op,
			"reconcile: %s holds %s at %s: its transactions say %s, the "
			"ledger %s; %s",
			b->provider, money_text(op, b->held), stamp_text(op, b->at),
			money_text(op, b->mirror), money_text(op, b->ledger),
			b->verdict);
	}
	return OK;
}

enum err payment_balance_run(struct op *op, const void *args)
{
	struct rows held;

	(void)args;
	TRY(balance_list(op, 0, &held));
	return out_rows(op, &provider_held_shape, held);
}

/*
 * Begin, read and compare.  The run under way is everybody's: when somebody else ended
 * it while we read, there is another one to begin, and almost nothing left to read.
 */
static enum err compare(struct op *op, const struct reconcile *a,
	const struct reconcile_range *range, int64_t *run, struct rows *found)
{
	enum { TRIES = 5 };
	enum err e = OK;

	for (int i = 0; i < TRIES; i++) {
		fault_clear(op);
		TRY(reconcile_begin(
			op, a->provider, a->file ? a->file : "api", range, run));
		e = read_books(op, a, *run);
		if (e == OK)
			e = reconcile_finish(op, *run, a->tolerance, found);
		if (e != E_NOT_FOUND || a->file ||
			strcmp(op->fault.rule, "reconcile_run_exists") != 0)
			return e;
	}
	return e;
}

enum err payment_reconcile_run(struct op *op, const void *args)
{
	const struct reconcile *a = args;
	struct reconcile_range range = { .since = a->since,
		.reread = a->since.us != 0 };
	struct rows found;
	int64_t run;
	size_t i, left = 0;

	if (a->file && strcmp(a->provider, "stripe") != 0)
		return fail(op, E_USAGE, "balance_file_is_stripes",
			"a file is Stripe's export; %s is asked", a->provider);
	if (!range.since.us && !a->file)
		TRY(stamp_parse(op, "30d", &range.since));
	TRY(compare(op, a, &range, &run, &found));
	for (i = 0; i < found.n; i++) {
		const struct difference *d = row_at(&difference_shape, found, i);

		left += !d->state || strcmp(d->state, "accepted") != 0;
	}
	TRY(tell_balances(op, run));
	if (!found.n) {
		out_note(op, "reconcile: the books agree");
		return out_is_table(op) ? OK : out_rows(op, &difference_shape, found);
	}
	TRY(out_rows(op, &difference_shape, found));
	out_note(op, "reconcile: %zu differences, %zu of them accepted", found.n,
		found.n - left);
	return left ? E_NO : OK;
}

enum err payment_orphans_run(struct op *op, const void *args)
{
	const struct reconcile *a = args;
	struct rows rows;

	TRY(payment_orphans(op, a->since, &rows));
	return out_rows(op, &orphan_shape, rows);
}
