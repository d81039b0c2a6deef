/* shopctl payment reconcile, balance and orphans, for the table in payment.c. */
#ifndef SHOPCTL_PAYMENT_RECONCILE_H
#define SHOPCTL_PAYMENT_RECONCILE_H

#include "base/field.h"
#include "base/op.h"

extern const struct shape payment_reconcile_args, payment_orphans_args,
	payment_balance_args;
enum err payment_balance_run(struct op *op, const void *args);
enum err payment_reconcile_run(struct op *op, const void *args);
enum err payment_orphans_run(struct op *op, const void *args);

#define PAYMENT_RECONCILE                                                              \
	{ "balance", "what each provider said it holds, against our books",            \
		&payment_balance_args, payment_balance_run, 0,                         \
		"shopctl payment balance\n"                                            \
		"shopctl payment balance --format json",                               \
		"As of the last payment reconcile, which asks for it. held is what "   \
		"is available and what is pending; mirror the sum of the "             \
		"transactions that had moved it by then; ledger what psp:clearing "    \
		"knows of these, waiting what it knows and the provider has not told " \
		"yet. moving: too much moved in that second to tell; unread: the "     \
		"lists were read before; both are decided by the next run." },         \
		{ "orphans", "captured money that no live order stands for",           \
			&payment_orphans_args, payment_orphans_run, 0,                 \
			"shopctl payment orphans\n"                                    \
			"shopctl payment orphans --since 7d --format json",            \
			"Here: payments of orders that are gone, canceled or "         \
			"expired, "                                                    \
			"less what is on its way back. At the provider: charges that " \
			"no "                                                          \
			"payment of ours knows, as far as payment reconcile has "      \
			"read." },                                                     \
	{                                                                              \
		"reconcile", "compare the provider's books with ours",                 \
			&payment_reconcile_args, payment_reconcile_run, CMD_MUTATES,   \
			"shopctl payment reconcile --since 7d\n"                       \
			"shopctl payment reconcile --file balance.csv --tolerance 0",  \
			"Copies the provider's transactions and payouts, posts the "   \
			"fees that only it knows, fetches what was captured there "    \
			"and lost here, compares what the provider holds with the "    \
			"sum of it, and lists what differs; each difference "          \
			"becomes an incident once. Without --since only what is new "  \
			"is read and the last 30 days are compared. A dry run asks "   \
			"the provider nothing and compares what is here. Exit status " \
			"0: the books agree; 1: they differ."                          \
	}

#endif
