/* shopctl ledger: the books, for the accountant. */
#include "domain/ledger.h"

#include "base/cli.h"
#include "base/out.h"

static const struct shape no_args = { .name = "none" };

static const struct shape balance_args = SHAPE(balance_query,
	FIELD(balance_query, as_of, "TIME", "before this time (default: all there is)"),
	FIELD(balance_query, account, "CODE", "only this account"),
	FIELD(balance_query, by, "STEP",
		"one sum an account, or one a day or month of UTC", 0,
		"account|day|month", "account"));

static const struct shape entries_args = SHAPE(entry_query,
	FIELD(entry_query, order, "ID", "only of this order"),
	FIELD(entry_query, account, "CODE", "only those that touch this account"),
	FIELD(entry_query, since, "TIME", "from this time on: 2026-11-20, 2h, 30d"),
	FIELD(entry_query, until, "TIME", "before this time"),
	FIELD(entry_query, kind, "KIND", "only of this kind: capture, ship, fee"),
	FIELD(entry_query, limit, "N", "at most N, newest first", 0, NULL, "50"));

struct span {
	struct stamp since, until;
};

static const struct shape export_args =
	SHAPE(span, FIELD(span, since, "TIME", "from this time on (default: all)"),
		FIELD(span, until, "TIME", "before this time (default: all)"));

struct posting {
	const char *txn, *account;
};

static const struct shape post_args = SHAPE(posting,
	FIELD(posting, txn, "TXN", "the provider's transaction, txn_...",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(posting, account, "CODE", "where it belongs", FIELD_REQUIRED));

struct close {
	struct stamp until;
};

static const struct shape close_args = SHAPE(
	close, FIELD(close, until, "DATE",
		       "everything before the beginning of this day", FIELD_REQUIRED));

static enum err accounts(struct op *op, const void *args)
{
	struct rows rows;

	(void)args;
	TRY(ledger_accounts(op, &rows));
	return out_rows(op, &ledger_account_shape, rows);
}

static enum err balance(struct op *op, const void *args)
{
	struct rows rows;

	TRY(ledger_balances(op, args, &rows));
	return out_rows(op, &ledger_balance_shape, rows);
}

static enum err entries(struct op *op, const void *args)
{
	struct rows rows;

	TRY(ledger_entries(op, args, &rows));
	return out_rows(op, &ledger_entry_shape, rows);
}

static enum err put(struct op *op, void *ctx, void *line)
{
	(void)ctx;
	return out_row(op, line);
}

static enum err export(struct op *op, const void *args) {
	const struct span *a = args;

	out_safe(op);
	TRY(out_begin(op, &ledger_export_shape));
	TRY(ledger_export(op, a->since, a->until, put));
	return out_end(op);
}

static enum err periods(struct op *op, const void *args)
{
	struct rows rows;

	(void)args;
	TRY(ledger_periods(op, &rows));
	return out_rows(op, &ledger_period_shape, rows);
}

static enum err close_period(struct op *op, const void *args)
{
	const struct close *a = args;
	struct ledger_period p;

	TRY(ledger_close(op, a->until, &p));
	TRY(out_one(op, &ledger_period_shape, &p));
	if (p.replayed)
		out_note(op, "this had been closed before: nothing was changed");
	return OK;
}

static enum err post(struct op *op, const void *args)
{
	const struct posting *a = args;
	struct ledger_posted p;

	TRY(txn_post(op, a->txn, a->account, op->reason, &p));
	TRY(out_one(op, &ledger_posted_shape, &p));
	if (p.replayed)
		out_note(op, "it lay there before: nothing was changed");
	return OK;
}

const struct command ledger_commands[] = {
	{ "accounts", "the accounts, and what each holds", &no_args, accounts, 0,
		"shopctl ledger accounts\n"
		"shopctl ledger accounts --format csv" },
	{ "balance", "what moved on each account, and what lies there", &balance_args,
		balance, 0,
		"shopctl ledger balance --as-of 2026-11-01\n"
		"shopctl ledger balance --account customer:deposits --by day",
		"A balance is debit less credit: what is owed and what was earned are "
		"below zero. By day or month each line is the balance at its end." },
	{ "entries", "postings with their lines, newest first", &entries_args, entries,
		0,
		"shopctl ledger entries --order 1024\n"
		"shopctl ledger entries --account psp:clearing --since 1d --format "
		"json" },
	{ "export", "every line of some time, for the accountant's program",
		&export_args, export, 0,
		"shopctl ledger export --since 2026-10-01 --until 2026-11-01 --format "
		"csv --output october.csv\n"
		"shopctl ledger export --since 2026-10-01 --until 2026-11-01 --format "
		"xlsx --output october.xlsx",
		"A row a line: date, entry, key, kind, order, account, debit, credit, "
		"currency. In CSV, text that a spreadsheet would compute gets an "
		"apostrophe; in a workbook it is text." },
	{ "post", "post a provider's transaction that no rule posts", &post_args, post,
		CMD_MUTATES | CMD_REASON,
		"shopctl ledger post txn_1OxQZ2LkdIwHu7ix --account adjustments:psp "
		"--reason 'their letter of 3 November'\n"
		"shopctl ledger post txn_1OxQZ2LkdIwHu7ix --account suspense --reason "
		"'nobody knows yet' --dry-run",
		"For what shopctl payment reconcile lists as missing_here and "
		"nobody's: "
		"money between the provider's balance and the account. Only accounts "
		"that are posted by hand (see accounts). Posted again to another "
		"account, it is moved there by an entry of its own." },
	{ "close", "close the books before a day, for good", &close_args, close_period,
		CMD_MUTATES | CMD_CONFIRM,
		"shopctl ledger close --until 2026-11-01 --dry-run\n"
		"shopctl ledger close --until 2026-11-01 --yes",
		"Nothing that took effect before that day is added any more; what is "
		"late is posted into the open period. Refused while an entry does not "
		"add up, or an incident about money is open from before that day." },
	{ "periods", "what is closed, the latest first", &no_args, periods, 0,
		"shopctl ledger periods\n"
		"shopctl ledger periods --format json" },
	{ 0 },
};
