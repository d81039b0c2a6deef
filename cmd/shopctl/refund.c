/* shopctl refund: give money back, and see what became of it. */
#include "domain/refund.h"

#include "base/cli.h"
#include "base/id.h"
#include "base/out.h"

struct create {
	int64_t order;
	struct texts line;
	struct money amount;
};

static const struct shape create_args = SHAPE(create,
	FIELD(create, order, "ORDER", "number of the order",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(create, line, "SKU:N", "N units of this line, at their stored share"),
	FIELD(create, amount, "AMOUNT",
		"so much: 30.00EUR; neither: all that is left"));

static const struct shape list_args = SHAPE(refund_query,
	FIELD(refund_query, state, "STATE", "only in this state", 0,
		"requested|pending|succeeded|failed|rejected|canceled"),
	FIELD(refund_query, order, "ID", "only of this order"),
	FIELD(refund_query, since, "TIME", "asked for since: 2026-11-20, 2h, 30d"),
	FIELD(refund_query, limit, "N", "at most N, newest first", 0, NULL, "50"));

struct one {
	int64_t refund;
};

static const struct shape one_args =
	SHAPE(one, FIELD(one, refund, "REFUND", "number of the refund",
			   FIELD_OPERAND | FIELD_REQUIRED));

static enum err create(struct op *op, const void *args)
{
	const struct create *a = args;
	struct refund_wish wish = { .order_id = a->order,
		.key = op->key ? op->key : id_token(op, 22),
		.lines = a->line,
		.amount = a->amount,
		.reason = op->reason };
	struct refund r;

	TRY(refund_create(op, &wish, &r));
	TRY(out_one(op, &refund_shape, &r));
	if (r.replayed)
		out_note(op, "this key was used before: nothing new was refunded");
	return OK;
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
		"shopctl refund create 1024 --line DOG-5KG:1 --reason damaged\n"
		"shopctl refund create 1024 --amount 30.00EUR --reason goodwill "
		"--idempotency-key ticket-77",
		"Without --line and --amount all that is left goes back. The provider "
		"is asked by a job: follow it with shopctl order why. No more can go "
		"back than came in, however many ask at once." },
	{ "list", "refunds, newest first", &list_args, list, 0,
		"shopctl refund list --state pending\n"
		"shopctl refund list --order 1024 --columns +lines" },
	{ "show", "one refund", &one_args, show, 0,
		"shopctl refund show 1024\n"
		"shopctl refund show 1024 --format json" },
	{ 0 },
};
