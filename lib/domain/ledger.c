/* The verbs of the ledger. */
#include "domain/ledger.h"

#include "db/db.h"

const struct shape ledger_account_shape =
	SHAPE(ledger_account, FIELD(ledger_account, account, .flags = FIELD_ID),
		FIELD(ledger_account, kind), FIELD(ledger_account, normal_side),
		FIELD(ledger_account, by_hand), FIELD(ledger_account, words));

const struct shape ledger_balance_shape = SHAPE(ledger_balance,
	FIELD(ledger_balance, period), FIELD(ledger_balance, account),
	FIELD(ledger_balance, kind), FIELD(ledger_balance, debit),
	FIELD(ledger_balance, credit), FIELD(ledger_balance, balance));

const struct shape ledger_entry_shape = SHAPE(ledger_entry,
	FIELD(ledger_entry, id, .flags = FIELD_ID), FIELD(ledger_entry, effective_at),
	FIELD(ledger_entry, kind), FIELD(ledger_entry, key),
	FIELD(ledger_entry, order_id, .flags = FIELD_ID | FIELD_OPTIONAL),
	FIELD(ledger_entry, words), FIELD(ledger_entry, lines, .flags = FIELD_HIDDEN),
	FIELD(ledger_entry, payment_id,
		.flags = FIELD_ID | FIELD_OPTIONAL | FIELD_HIDDEN),
	FIELD(ledger_entry, refund_id,
		.flags = FIELD_ID | FIELD_OPTIONAL | FIELD_HIDDEN),
	FIELD(ledger_entry, reverses,
		.flags = FIELD_ID | FIELD_OPTIONAL | FIELD_HIDDEN),
	FIELD(ledger_entry, posted_at, .flags = FIELD_HIDDEN),
	FIELD(ledger_entry, actor, .flags = FIELD_HIDDEN));

const struct shape ledger_export_shape = SHAPE(ledger_export,
	FIELD(ledger_export, date), FIELD(ledger_export, entry, .flags = FIELD_ID),
	FIELD(ledger_export, key), FIELD(ledger_export, kind),
	FIELD(ledger_export, order, .flags = FIELD_ID | FIELD_OPTIONAL),
	FIELD(ledger_export, account), FIELD(ledger_export, debit, .flags = FIELD_BARE),
	FIELD(ledger_export, credit, .flags = FIELD_BARE),
	FIELD(ledger_export, currency));

const struct shape ledger_period_shape =
	SHAPE(ledger_period, FIELD(ledger_period, until), FIELD(ledger_period, since),
		FIELD(ledger_period, entries), FIELD(ledger_period, closed_at),
		FIELD(ledger_period, closed_by));

/* The answer of a close says also whether it had been done before. */
static const struct shape closed_shape =
	SHAPE(ledger_period, FIELD(ledger_period, until), FIELD(ledger_period, since),
		FIELD(ledger_period, entries), FIELD(ledger_period, closed_at),
		FIELD(ledger_period, closed_by), FIELD(ledger_period, replayed));

const struct shape ledger_posted_shape = SHAPE(ledger_posted,
	FIELD(ledger_posted, txn, .flags = FIELD_ID), FIELD(ledger_posted, category),
	FIELD(ledger_posted, amount), FIELD(ledger_posted, posted_to),
	FIELD(ledger_posted, entry, .flags = FIELD_ID), FIELD(ledger_posted, replayed));

enum err ledger_accounts(struct op *op, struct rows *out)
{
	return db_rows_values(
		op, "ledger_accounts", &ledger_account_shape, out, NULL, 0);
}

enum err ledger_balances(struct op *op, const struct balance_query *q, struct rows *out)
{
	return db_rows(op, "ledger_balance", &ledger_balance_shape, out, V(q->as_of),
		V(q->account), V(q->by));
}

enum err ledger_entries(struct op *op, const struct entry_query *q, struct rows *out)
{
	struct value any = { 0 };
	struct value order = q->order ? V(q->order) : any;

	return db_rows(op, "ledger_entries", &ledger_entry_shape, out, order,
		V(q->account), V(q->since), V(q->until), V(q->kind),
		V(q->limit ? q->limit : 50));
}

enum err ledger_export(struct op *op, struct stamp since, struct stamp until,
	enum err (*each)(struct op *op, void *ctx, void *line))
{
	op->timeout_ms = 0;
	return db_each(op, "ledger_export", &ledger_export_shape, each, NULL, V(since),
		V(until));
}

enum err ledger_periods(struct op *op, struct rows *out)
{
	return db_rows_values(op, "ledger_periods", &ledger_period_shape, out, NULL, 0);
}

enum err ledger_close(struct op *op, struct stamp until, struct ledger_period *out)
{
	return db_one(op, "ledger_close", &closed_shape, out, V(until));
}

enum err txn_post(struct op *op, const char *txn, const char *account,
	const char *reason, struct ledger_posted *out)
{
	return db_one(op, "txn_post", &ledger_posted_shape, out, V(txn), V(account),
		V(reason));
}
