/* shopctl inbox: what the storefront shows to a customer. */
#include "domain/inbox.h"

#include "base/cli.h"
#include "base/out.h"

static const struct shape query_args = SHAPE(inbox_query,
	FIELD(inbox_query, customer, "CUSTOMER", "number or address of the account",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(inbox_query, unread, NULL, "only what was not read"),
	FIELD(inbox_query, before, "ID", "only what is older than this one"),
	FIELD(inbox_query, limit, "N", "at most N, newest first", 0, NULL, "50"));

static enum err list(struct op *op, const void *args)
{
	struct rows rows;

	TRY(inbox_list(op, args, &rows));
	return out_rows(op, &inbox_shape, rows);
}

struct mark {
	const char *customer;
	int64_t until;
};

static const struct shape mark_args = SHAPE(mark,
	FIELD(mark, customer, "CUSTOMER", "number or address of the account",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(mark, until, "ID", "everything up to this one", FIELD_REQUIRED));

struct marked {
	int64_t read;
};

static const struct shape marked_shape = SHAPE(marked, FIELD(marked, read));

static enum err mark(struct op *op, const void *args)
{
	const struct mark *a = args;
	struct marked m;

	TRY(inbox_read(op, a->customer, a->until, &m.read));
	return out_one(op, &marked_shape, &m);
}

const struct command inbox_commands[] = {
	{ "list", "what a customer's inbox holds, newest first", &query_args, list, 0,
		"shopctl inbox list jane@example.com\n"
		"shopctl inbox list 17 --unread --columns +body" },
	{ "read", "mark as read what a customer has seen", &mark_args, mark,
		CMD_MUTATES,
		"shopctl inbox read jane@example.com --until 7\n"
		"shopctl inbox read 17 --until 7 --dry-run" },
	{ 0 },
};
