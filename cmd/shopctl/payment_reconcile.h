/* shopctl payment reconcile and orphans, for the table in payment.c. */
#ifndef SHOPCTL_PAYMENT_RECONCILE_H
#define SHOPCTL_PAYMENT_RECONCILE_H

#include "base/field.h"
#include "base/op.h"

extern const struct shape payment_reconcile_args, payment_orphans_args;
enum err payment_reconcile_run(struct op *op, const void *args);
enum err payment_orphans_run(struct op *op, const void *args);

#define PAYMENT_RECONCILE                                                              \
	{ "orphans", "captured money that no live order stands for",                   \
		&payment_orphans_args, payment_orphans_run, 0,                         \
		"shopctl payment orphans\n"                                            \
		"shopctl payment orphans --since 7d --format json",                    \
		"Here: payments of orders that are gone, canceled or expired, "        \
		"less what is on its way back. At the provider: charges that no "      \
		"payment of ours knows, as far as payment reconcile has read." },      \
	{                                                                              \
		"reconcile", "compare the provider's books with ours",                 \
			&payment_reconcile_args, payment_reconcile_run, CMD_MUTATES,   \
			"shopctl payment reconcile --since 7d\n"                       \
			"shopctl payment reconcile --file balance.csv --tolerance 0",  \
			"Copies the provider's transactions and payouts, posts the "   \
			"fees that only it knows, fetches what was captured there "    \
			"and lost here, and lists what differs; each difference "      \
			"becomes an incident once. Without --since only what is new "  \
			"is read and the last 30 days are compared. A dry run asks "   \
			"the provider nothing and compares what is here. Exit status " \
			"0: the books agree; 1: they differ."                          \
	}

#endif
