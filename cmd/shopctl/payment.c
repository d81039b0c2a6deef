/* shopctl payment: what was asked of the payment provider, and what came of it. */
#include "domain/payment.h"

#include "base/cli.h"
#include "base/out.h"
#include "shopctl/payment_reconcile.h"

static const struct shape list_args = SHAPE(payment_query,
	FIELD(payment_query, state, "STATE", "only in this state", 0,
		"new|open|processing|authorized|captured|canceled|abandoned"),
	FIELD(payment_query, order, "ID", "only of this order"),
	FIELD(payment_query, since, "TIME", "begun since: 2026-11-20, 2h, 30d"),
	FIELD(payment_query, limit, "N", "at most N, newest first", 0, NULL, "50"));

struct one {
	int64_t payment;
};

static const struct shape one_args =
	SHAPE(one, FIELD(one, payment, "PAYMENT", "number of the payment",
			   FIELD_OPERAND | FIELD_REQUIRED));

static enum err list(struct op *op, const void *args)
{
	struct rows rows;

	TRY(payment_list(op, args, &rows));
	return out_rows(op, &payment_shape, rows);
}

static enum err show(struct op *op, const void *args)
{
	const struct one *a = args;
	struct payment_full p;

	TRY(payment_get(op, a->payment, &p));
	return out_one(op, &payment_full_shape, &p);
}

const struct command payment_commands[] = {
	{ "list", "payments, newest first", &list_args, list, 0,
		"shopctl payment list --state processing --since 1d\n"
		"shopctl payment list --order 1024 --columns +provider" },
	PAYMENT_RECONCILE,
	{ "show", "one payment and every call about it", &one_args, show, 0,
		"shopctl payment show 1024\n"
		"shopctl payment show 1024 --format json" },
	{ 0 },
};
