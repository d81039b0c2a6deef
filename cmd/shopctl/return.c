/* shopctl return: goods that come back, from the announcement to the refund. */
#include "domain/return.h"

#include "base/cli.h"
#include "base/id.h"
#include "base/out.h"

struct lines {
	int64_t subject; /* the order, or the return */
	struct texts line;
	const char *to, *grade;
};

static const struct shape create_args = SHAPE(lines,
	{ "order", FIELD_INT, offsetof(struct lines, subject), "ORDER",
		"number of the order", FIELD_OPERAND | FIELD_REQUIRED, NULL, NULL },
	FIELD(lines, line, "SKU:N", "N units of this line", FIELD_REQUIRED));

static const struct shape receive_args = SHAPE(lines,
	{ "return", FIELD_INT, offsetof(struct lines, subject), "RETURN",
		"number of the return", FIELD_OPERAND | FIELD_REQUIRED, NULL, NULL },
	FIELD(lines, line, "SKU:N", "N units were in it; none: as announced"),
	FIELD(lines, to, "CODE", "the warehouse it came to", FIELD_REQUIRED));

static const struct shape inspect_args = SHAPE(lines,
	{ "return", FIELD_INT, offsetof(struct lines, subject), "RETURN",
		"number of the return", FIELD_OPERAND | FIELD_REQUIRED, NULL, NULL },
	FIELD(lines, line, "SKU:N:WHAT", "restock or scrap N units", FIELD_REQUIRED),
	FIELD(lines, grade, "TEXT", "in which condition they are"));

struct one {
	int64_t id;
	bool refund;
};

static const struct shape one_args = SHAPE(one,
	{ "return", FIELD_INT, offsetof(struct one, id), "RETURN",
		"number of the return", FIELD_OPERAND | FIELD_REQUIRED, NULL, NULL });

static const struct shape close_args = SHAPE(one,
	{ "return", FIELD_INT, offsetof(struct one, id), "RETURN",
		"number of the return", FIELD_OPERAND | FIELD_REQUIRED, NULL, NULL },
	FIELD(one, refund, NULL, "give back the money of what was accepted"));

static const struct shape list_args = SHAPE(return_query,
	FIELD(return_query, state, "STATE", "only in this state", 0,
		"requested|approved|received|inspected|closed|rejected|canceled"),
	FIELD(return_query, order, "ID", "only of this order"),
	FIELD(return_query, since, "TIME", "announced since: 2026-11-20, 2h, 30d"),
	FIELD(return_query, limit, "N", "at most N, newest first", 0, NULL, "50"));

static enum err done(struct op *op, const struct returned *r)
{
	TRY(out_one(op, &returned_shape, r));
	if (r->replayed)
		out_note(op, "this had been done before: nothing was changed");
	return OK;
}

static enum err create(struct op *op, const void *args)
{
	const struct lines *a = args;
	const struct return_wish wish = { .order_id = a->subject,
		.key = op->key ? op->key : id_token(op, 22),
		.lines = a->line,
		.reason = op->reason };
	struct returned r;

	TRY(return_create(op, &wish, &r));
	return done(op, &r);
}

static enum err approve(struct op *op, const void *args)
{
	const struct one *a = args;
	struct returned r;

	TRY(return_approve(op, a->id, &r));
	return done(op, &r);
}

static enum err reject(struct op *op, const void *args)
{
	const struct one *a = args;
	struct returned r;

	TRY(return_reject(op, a->id, op->reason, &r));
	return done(op, &r);
}

static enum err cancel(struct op *op, const void *args)
{
	const struct one *a = args;
	struct returned r;

	TRY(return_cancel(op, a->id, &r));
	return done(op, &r);
}

static enum err receive(struct op *op, const void *args)
{
	const struct lines *a = args;
	struct returned r;

	TRY(return_receive(op, a->subject, a->line, a->to, &r));
	return done(op, &r);
}

static enum err inspect(struct op *op, const void *args)
{
	const struct lines *a = args;
	struct returned r;

	TRY(return_inspect(op, a->subject, a->line, a->grade, &r));
	return done(op, &r);
}

static enum err finish(struct op *op, const void *args)
{
	const struct one *a = args;
	struct returned r;

	TRY(return_close(op, a->id, a->refund, op->reason, &r));
	return done(op, &r);
}

static enum err list(struct op *op, const void *args)
{
	struct rows rows;

	TRY(return_list(op, args, &rows));
	return out_rows(op, &returned_shape, rows);
}

static enum err show(struct op *op, const void *args)
{
	const struct one *a = args;
	struct returned r;

	TRY(return_get(op, a->id, &r));
	return out_one(op, &returned_shape, &r);
}

const struct command return_commands[] = {
	{ "create", "a customer sends something back", &create_args, create,
		CMD_MUTATES | CMD_REASON,
		"shopctl return create 1024 --line DOG-5KG:1 --reason 'too big'\n"
		"shopctl return create 1024 --line DOG-5KG:1 --line CAT-1KG:2 --reason "
		"damaged --idempotency-key rma-7",
		"No more comes back than left." },
	{ "approve", "let it come", &one_args, approve, CMD_MUTATES,
		"shopctl return approve 1024\n"
		"shopctl return approve 1024 --dry-run" },
	{ "reject", "it need not come", &one_args, reject, CMD_MUTATES | CMD_REASON,
		"shopctl return reject 1024 --reason 'after two years'\n"
		"shopctl return reject 1024 --reason worn --dry-run" },
	{ "cancel", "it does not come after all", &one_args, cancel, CMD_MUTATES,
		"shopctl return cancel 1024\n"
		"shopctl return cancel 1024 --dry-run" },
	{ "receive", "the parcel is here", &receive_args, receive, CMD_MUTATES,
		"shopctl return receive 1024 --to BER\n"
		"shopctl return receive 1024 --line DOG-5KG:1 --to BER" },
	{ "inspect", "say what was found in it", &inspect_args, inspect,
		CMD_MUTATES | CMD_REASON,
		"shopctl return inspect 1024 --line DOG-5KG:1:restock --reason "
		"unopened\n"
		"shopctl return inspect 1024 --line DOG-5KG:1:scrap --grade C --reason "
		"torn",
		"What is restocked is for sale again; what is scrapped goes in and "
		"out of the journal of stock." },
	{ "close", "end it, with the refund of what was accepted", &close_args, finish,
		CMD_MUTATES | CMD_REASON,
		"shopctl return close 1024 --refund --reason 'as agreed'\n"
		"shopctl return close 1024 --reason exchanged",
		"The refund goes the way of all refunds: above the limit of who closes "
		"another operator has to approve it." },
	{ "list", "returns, newest first", &list_args, list, 0,
		"shopctl return list --state received\n"
		"shopctl return list --order 1024 --columns +lines" },
	{ "show", "one return", &one_args, show, 0,
		"shopctl return show 1024\n"
		"shopctl return show 1024 --format json" },
	{ 0 },
};
