/* shopctl refund: give money back, and see what became of it. */
#include "domain/refund.h"

#include "base/cli.h"
#include "base/id.h"
#include "base/out.h"

#include <string.h>

struct create {
	int64_t order;
	struct texts line;
	const char *shipping;
	struct money amount;
};

static const struct shape create_args = SHAPE(create,
	FIELD(create, order, "ORDER", "number of the order",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(create, line, "SKU:N", "N units of this line, at their stored share"),
	FIELD(create, shipping, "AMOUNT", "of the shipping: 4.90EUR, all, or 0"),
	FIELD(create, amount, "AMOUNT",
		"so much: 30.00EUR; nothing given: all that is left"));

static const struct shape list_args = SHAPE(refund_query,
	FIELD(refund_query, state, "STATE", "only in this state", 0,
		"proposed|requested|pending|requires_action|succeeded|failed|rejected|"
		"canceled"),
	FIELD(refund_query, order, "ID", "only of this order"),
	FIELD(refund_query, since, "TIME", "asked for since: 2026-11-20, 2h, 30d"),
	FIELD(refund_query, limit, "N", "at most N, newest first", 0, NULL, "50"));

struct one {
	int64_t refund;
};

static const struct shape one_args =
	SHAPE(one, FIELD(one, refund, "REFUND", "number of the refund",
			   FIELD_OPERAND | FIELD_REQUIRED));

static const struct shape settle_args = SHAPE(refund_paid,
	FIELD(refund_paid, refund, "REFUND", "number of the refund",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(refund_paid, reference, "TEXT", "what names the transfer",
		FIELD_REQUIRED),
	FIELD(refund_paid, via, "WAY", "how, when the provider could not", 0, "bank"));

static const struct shape limit_args = SHAPE(refund_limit,
	FIELD(refund_limit, role, "ROLE", "group of operators",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(refund_limit, major, "N", "so much alone, in major units: 5 is 5.00 EUR",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(refund_limit, currency, "CODE", "in this currency (default: in any)"));

/* What came of it; a dry run also shows the split and what would be posted. */
static enum err tell(struct op *op, const struct refund *r)
{
	TRY(out_one(op, op->dry_run ? &refund_preview_shape : &refund_shape, r));
	if (strcmp(r->state, "proposed") == 0)
		out_note(op, "above your limit: another operator has to approve it");
	return OK;
}

static enum err create(struct op *op, const void *args)
{
	const struct create *a = args;
	struct refund_wish wish = { .order_id = a->order,
		.key = op->key ? op->key : id_token(op, 22),
		.lines = a->line,
		.shipping = a->shipping,
		.amount = a->amount,
		.reason = op->reason };
	struct refund r;

	TRY(refund_create(op, &wish, &r));
	TRY(tell(op, &r));
	if (r.replayed)
		out_note(op, "this key was used before: nothing new was refunded");
	return OK;
}

static enum err approve(struct op *op, const void *args)
{
	const struct one *a = args;
	struct refund r;

	TRY(refund_approve(op, a->refund, &r));
	return tell(op, &r);
}

static enum err decline(struct op *op, const void *args)
{
	const struct one *a = args;
	struct refund r;

	TRY(refund_decline(op, a->refund, op->reason, &r));
	return tell(op, &r);
}

static enum err retry(struct op *op, const void *args)
{
	const struct one *a = args;
	struct refund r;

	TRY(refund_retry(op, a->refund, op->reason, &r));
	TRY(tell(op, &r));
	if (r.replayed)
		out_note(op, "this is on its way already: nothing new was refunded");
	return OK;
}

static enum err settle(struct op *op, const void *args)
{
	struct refund r;

	TRY(refund_settle(op, args, op->reason, &r));
	return tell(op, &r);
}

static enum err limit_list(struct op *op, const void *args)
{
	struct rows rows;

	(void)args;
	TRY(refund_limit_list(op, &rows));
	return out_rows(op, &refund_limit_shape, rows);
}

static enum err limit_set(struct op *op, const void *args)
{
	struct rows rows;

	TRY(refund_limit_set(op, args, &rows));
	return out_rows(op, &refund_limit_shape, rows);
}

static enum err list(struct op *op, const void *args)
{
	struct rows rows;

	TRY(refund_list(op, args, &rows));
	return out_rows(op, &refund_shape, rows);
}

static enum err show(struct op *op, const void *args)
{
	const struct one *a = args;
	struct refund r;

	TRY(refund_get(op, a->refund, &r));
	return out_one(op, &refund_shape, &r);
}

const struct command refund_commands[] = {
	{ "create", "give money of an order back", &create_args, create,
		CMD_MUTATES | CMD_REASON,
		"shopctl refund create 1024 --line DOG-5KG:1 --shipping 0 --reason "
		"damaged --dry-run\n"
		"shopctl refund create 1024 --amount 30.00EUR --reason goodwill "
		"--idempotency-key ticket-77",
		"With nothing but the order all that is left goes back. --dry-run "
		"shows what each line gives back and what would be posted. The "
		"provider is asked by a job: follow it with shopctl order why. No more "
		"can go back than came in, however many ask at once; above the limit "
		"of who asks another operator has to approve it." },
	{ "approve", "yes to a refund that another operator asked for", &one_args,
		approve, CMD_MUTATES,
		"shopctl refund approve 1024\n"
		"shopctl refund approve 1024 --dry-run",
		"Who asked cannot approve. Who approves may give that much alone, or "
		"is of finance: see shopctl refund limit list." },
	{ "decline", "no to a refund that waits", &one_args, decline,
		CMD_MUTATES | CMD_REASON,
		"shopctl refund decline 1024 --reason 'not our fault'\n"
		"shopctl refund decline 1024 --reason duplicate --dry-run" },
	{ "retry", "ask once more for one that failed", &one_args, retry,
		CMD_MUTATES | CMD_REASON,
		"shopctl refund retry 1024 --reason 'the card works again'\n"
		"shopctl refund retry 1024 --reason again --dry-run",
		"A refund that failed stays failed: its shares become a new one." },
	{ "settle", "a refund was paid outside of the provider", &settle_args, settle,
		CMD_MUTATES | CMD_REASON,
		"shopctl refund settle 1024 --reference 'SEPA 77' --reason invoice\n"
		"shopctl refund settle 1024 --via bank --reference 'SEPA 78' "
		"--reason 'the card was closed'",
		"For payments by hand, and with --via bank for what the provider "
		"could not pay: then it is a new refund with the same shares." },
	{ "limit list", "how much each group of operators gives back alone", NULL,
		limit_list, 0,
		"shopctl refund limit list\n"
		"shopctl refund limit list --format json" },
	{ "limit set", "let a group of operators give back so much alone", &limit_args,
		limit_set, CMD_MUTATES | CMD_REASON,
		"shopctl refund limit set op_support 10 --reason season\n"
		"shopctl refund limit set op_finance 150000 --currency JPY --reason "
		"yen" },
	{ "list", "refunds, newest first", &list_args, list, 0,
		"shopctl refund list --state pending\n"
		"shopctl refund list --order 1024 --columns +lines" },
	{ "show", "one refund", &one_args, show, 0,
		"shopctl refund show 1024\n"
		"shopctl refund show 1024 --format json" },
	{ 0 },
};
