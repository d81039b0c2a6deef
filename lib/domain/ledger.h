/* The books: balances, entries, their export, and the close of a period. */
#ifndef DOMAIN_LEDGER_H
#define DOMAIN_LEDGER_H

#include "base/field.h"
#include "base/op.h"

#include <stdint.h>

struct ledger_account {
	const char *account, *kind, *normal_side, *words;
	bool by_hand; /* a person may post there */
};
extern const struct shape ledger_account_shape;
enum err ledger_accounts(struct op *op, struct rows *out);

/* What moved on an account, and what lay there at the end: debit less credit. */
struct ledger_balance {
	struct stamp period; /* none: everything before the end */
	const char *account, *kind;
	struct money debit, credit, balance;
};
extern const struct shape ledger_balance_shape;

struct balance_query {
	struct stamp as_of; /* none: all there is */
	const char *account, *by;
};
enum err ledger_balances(
	struct op *op, const struct balance_query *q, struct rows *out);

struct ledger_entry {
	int64_t id, order_id, payment_id, refund_id, reverses;
	struct stamp effective_at, posted_at;
	const char *key, *kind, *words, *actor;
	struct json_text lines; /* [{account, amount}] */
};
extern const struct shape ledger_entry_shape;

struct entry_query {
	int64_t order, limit;
	const char *account, *kind;
	struct stamp since, until;
};
enum err ledger_entries(struct op *op, const struct entry_query *q, struct rows *out);

/* One line of an entry, as an accountant's program reads it. */
struct ledger_export {
	struct stamp date;
	int64_t entry, order;
	const char *key, *kind, *account, *currency;
	struct money debit, credit; /* one of them is none */
};
extern const struct shape ledger_export_shape;

/* Line after line, in constant memory. */
enum err ledger_export(struct op *op, struct stamp since, struct stamp until,
	enum err (*each)(struct op *op, void *ctx, void *line));

/* A provider's transaction that no rule posts, on the account that a person named. */
struct ledger_posted {
	const char *txn, *category, *posted_to;
	struct money amount;
	int64_t entry;
	bool replayed;
};
extern const struct shape ledger_posted_shape;
enum err txn_post(struct op *op, const char *txn, const char *account,
	const char *reason, struct ledger_posted *out);

struct ledger_period {
	struct stamp until, since, closed_at;
	int64_t entries;
	const char *closed_by;
	bool replayed;
};
extern const struct shape ledger_period_shape;
enum err ledger_periods(struct op *op, struct rows *out);

/* For good: nothing that took effect before is added any more. */
enum err ledger_close(struct op *op, struct stamp until, struct ledger_period *out);

#endif
