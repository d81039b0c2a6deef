/* shopctl coupon: the codes that ask for a promotion. */
#include "domain/coupon.h"

#include "base/cli.h"
#include "base/out.h"

struct one {
	const char *code;
};
static const struct shape one_args = SHAPE(
	one, FIELD(one, code, "CODE", "in any case", FIELD_OPERAND | FIELD_REQUIRED));

struct list {
	const char *promotion, *state;
	int64_t limit;
};
static const struct shape list_args =
	SHAPE(list, FIELD(list, promotion, "NAME", "only of this one"),
		FIELD(list, state, "STATE", "only those", 0,
			"live|used_up|ended|disabled|scheduled"),
		FIELD(list, limit, "N", "at most N, the newest", 0, NULL, "1000"));

#define PROMOTION                                                                      \
	FIELD(coupon_wish, promotion, "NAME", "what it asks for",                      \
		FIELD_OPERAND | FIELD_REQUIRED)
#define UNTIL                                                                          \
	FIELD(coupon_wish, until, "TIME", "valid until then, and as its promotion is")

static const struct shape generate_args = SHAPE(coupon_wish, PROMOTION,
	FIELD(coupon_wish, count, "N", "so many", FIELD_REQUIRED),
	FIELD(coupon_wish, prefix, "TEXT", "what every code begins with"),
	FIELD(coupon_wish, length, "N",
		"so many random characters behind it: each is 5 bits of luck", 0, NULL,
		"10"),
	FIELD(coupon_wish, max_uses, "N", "orders that may use each; 0: any number", 0,
		NULL, "1"),
	UNTIL);

static const struct shape create_args = SHAPE(coupon_wish,
	FIELD(coupon_wish, code, "CODE", "what customers type, in any case",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(coupon_wish, promotion, "NAME", "what it asks for", FIELD_REQUIRED),
	FIELD(coupon_wish, max_uses, "N",
		"orders that may use it (default: any number)"),
	UNTIL);

static enum err list(struct op *op, const void *args)
{
	const struct list *a = args;
	struct rows rows;

	TRY(coupon_list(op, a->promotion, a->state, a->limit, &rows));
	return out_rows(op, &coupon_shape, rows);
}

static enum err show(struct op *op, const void *args)
{
	const struct one *a = args;
	struct coupon c;

	TRY(coupon_get(op, a->code, &c));
	return out_one(op, &coupon_full_shape, &c);
}

static enum err check(struct op *op, const struct coupon_wish *w)
{
	return w->max_uses >= 0 ? OK
				: fail(op, E_USAGE, "coupon_uses_are_positive",
					  "--max-uses is below zero");
}

static enum err create(struct op *op, const void *args)
{
	struct coupon c;

	TRY(check(op, args));
	TRY(coupon_create(op, args, &c));
	return out_one(op, &coupon_shape, &c);
}

static enum err generate(struct op *op, const void *args)
{
	struct rows rows;

	TRY(check(op, args));
	TRY(coupon_generate(op, args, &rows));
	return out_rows(op, &coupon_code_shape, rows);
}

static enum err disable(struct op *op, const void *args)
{
	const struct one *a = args;
	struct coupon c;

	TRY(coupon_disable(op, a->code, &c));
	return out_one(op, &coupon_shape, &c);
}

#define COUNTS                                                                         \
	"A coupon is used by the checkout that brings it. When that order expires or " \
	"is canceled before any of its money was taken, the use is given back."

const struct command coupon_commands[] = {
	{ "list", "coupons, the newest first", &list_args, list, 0,
		"shopctl coupon list --promotion BF26 --state live\n"
		"shopctl coupon list --format csv --limit 100000" },
	{ "show", "one coupon, and the orders that used it", &one_args, show, 0,
		"shopctl coupon show spring25\n"
		"shopctl coupon show SPRING25 --format json" },
	{ "create", "make a code that people can remember", &create_args, create,
		CMD_MUTATES,
		"shopctl coupon create SPRING25 --promotion BF26\n"
		"shopctl coupon create PRESS --promotion BF26 --max-uses 20"
		" --until 2027-01-01",
		COUNTS },
	{ "generate", "make codes that nobody guesses", &generate_args, generate,
		CMD_MUTATES,
		"shopctl coupon generate BF26 --count 5000 --prefix BF --format csv\n"
		"shopctl coupon generate BF26 --count 1 --length 16 --dry-run",
		COUNTS },
	{ "disable",
		"it asks for nothing any more; orders that used it keep what they "
		"got",
		&one_args, disable, CMD_MUTATES | CMD_REASON,
		"shopctl coupon disable SPRING25 --reason leaked\n"
		"shopctl coupon disable SPRING25 --reason leaked --dry-run" },
	{ 0 },
};
