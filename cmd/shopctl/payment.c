/* shopctl payment: what was asked of the payment provider, and what came of it. */
#include "domain/payment.h"

#include "base/cli.h"
#include "base/out.h"
#include "shopctl/payment_act.h"
#include "shopctl/payment_reconcile.h"

static const struct shape list_args = SHAPE(payment_query,
	FIELD(payment_query, state, "STATE", "only in this state", 0,
		"new|open|processing|authorized|captured|canceled|abandoned"),
	FIELD(payment_query, order, "ID", "only of this order"),
	FIELD(payment_query, provider, "NAME", "only of this provider"),
	FIELD(payment_query, unmatched, NULL, "only money that pays no order"),
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
		"shopctl payment list --unmatched --provider manual\n"
		"shopctl payment list --order 1024 --columns +provider" },
	PAYMENT_RECONCILE,
	{ "show", "one payment and every call about it", &one_args, show, 0,
		"shopctl payment show 1024\n"
		"shopctl payment show 1024 --format json" },
	{ "capture", "take money that was authorized, or a part of it",
		&payment_capture_args, payment_capture_run, CMD_MUTATES | CMD_REASON,
		"shopctl payment capture 1024 --reason shipped\n"
		"shopctl payment capture 1024 --amount 30.00EUR --reason 'first "
		"parcel'",
		"The provider is asked by a job: follow it with shopctl order why.  "
		"Without --final what is not captured stays authorized." },
	{ "void", "let authorized money go", &payment_void_args, payment_void_run,
		CMD_MUTATES | CMD_REASON,
		"shopctl payment void 1024 --reason 'sold out'\n"
		"shopctl payment void 1024 --reason fraud --dry-run",
		"An order that nothing was captured of is canceled and its stock "
		"free, once the provider agreed." },
	{ "retry", "have an order that waits paid by another attempt",
		&payment_retry_args, payment_retry_run, CMD_MUTATES,
		"shopctl payment retry 1024 --method pm_1OxQZ2LkdIwHu7ix\n"
		"shopctl payment retry 1024 --provider manual",
		"An attempt that is still open is ended at its provider first; if it "
		"became money meanwhile, the new one never begins." },
	{ "match", "record money that came by hand: a bank transfer, cash",
		&payment_match_args, payment_match_run, CMD_MUTATES | CMD_REASON,
		"shopctl payment match 1024 --amount 59.98EUR --reference 'SEPA 4711' "
		"--reason 'statement of 20 November'\n"
		"shopctl payment match 1024 --amount 59.98EUR --reference cash-88 "
		"--reason 'paid at the door' --dry-run",
		"It pays the order when it is exactly what the order costs; any other "
		"money is unmatched, and a person decides." },
	{ 0 },
};
