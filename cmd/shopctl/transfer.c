/* shopctl transfer: goods from one warehouse to another. */
#include "domain/transfer.h"

#include "base/cli.h"
#include "base/id.h"
#include "base/out.h"
#include "domain/units_file.h"

struct plan {
	const char *from, *to, *file;
	struct texts line;
};

static const struct shape create_args = SHAPE(plan,
	FIELD(plan, from, "CODE", "the warehouse they leave", FIELD_REQUIRED),
	FIELD(plan, to, "CODE", "the warehouse they come to", FIELD_REQUIRED),
	FIELD(plan, line, "SKU:N", "N units of it"),
	FIELD(plan, file, "FILE", "a CSV file of sku,qty, or - for standard input"));

struct step {
	int64_t id;
	struct texts line;
	const char *file;
	bool more;
};

#define TRANSFER                                                                       \
	{                                                                              \
		"transfer", FIELD_INT, offsetof(struct step, id), "TRANSFER",          \
			"number of the transfer", FIELD_OPERAND | FIELD_REQUIRED,      \
			NULL, NULL                                                     \
	}

static const struct shape one_args = SHAPE(step, TRANSFER);

static const struct shape ship_args = SHAPE(step, TRANSFER,
	FIELD(step, line, "SKU:N", "N units are sent; none: as planned"),
	FIELD(step, file, "FILE", "the same as a CSV file of sku,qty"));

static const struct shape receive_args = SHAPE(step, TRANSFER,
	FIELD(step, line, "SKU:N", "N units came; none: as shipped"),
	FIELD(step, file, "FILE", "the same as a CSV file of sku,qty"),
	FIELD(step, more, NULL, "the rest is still to come, and not lost"));

static const struct shape list_args = SHAPE(transfer_query,
	FIELD(transfer_query, state, "STATE", "only in this state", 0,
		"draft|in_transit|received|canceled"),
	FIELD(transfer_query, warehouse, "CODE", "only from or to there"),
	FIELD(transfer_query, sku, "SKU", "only with this"),
	FIELD(transfer_query, limit, "N", "at most N, newest first", 0, NULL, "50"));

static enum err done(struct op *op, const struct transfer *t)
{
	TRY(out_one(op, &transfer_shape, t));
	if (t->replayed)
		out_note(op, "this had been done before: nothing was changed");
	return OK;
}

static enum err create(struct op *op, const void *args)
{
	const struct plan *a = args;
	struct transfer_wish wish = { .key = op->key ? op->key : id_token(op, 22),
		.source = a->from,
		.target = a->to,
		.reason = op->reason };
	struct transfer t = { 0 };

	TRY(units_all(op, a->file, a->line, (struct money){ 0 }, &wish.lines));
	TRY(transfer_create(op, &wish, &t));
	return done(op, &t);
}

static enum err ship(struct op *op, const void *args)
{
	const struct step *a = args;
	struct json_text lines = { 0 };
	struct transfer t = { 0 };

	TRY(units_all(op, a->file, a->line, (struct money){ 0 }, &lines));
	TRY(transfer_ship(op, a->id, lines, &t));
	return done(op, &t);
}

static enum err receive(struct op *op, const void *args)
{
	const struct step *a = args;
	struct transfer_delivery d = { .id = a->id, .key = op->key, .more = a->more };
	struct transfer t = { 0 };

	TRY(units_all(op, a->file, a->line, (struct money){ 0 }, &d.lines));
	TRY(transfer_receive(op, &d, &t));
	return done(op, &t);
}

static enum err cancel(struct op *op, const void *args)
{
	const struct step *a = args;
	struct transfer t = { 0 };

	TRY(transfer_cancel(op, a->id, &t));
	return done(op, &t);
}

static enum err list(struct op *op, const void *args)
{
	struct rows rows;

	TRY(transfer_list(op, args, &rows));
	return out_rows(op, &transfer_shape, rows);
}

static enum err show(struct op *op, const void *args)
{
	const struct step *a = args;
	struct transfer t = { 0 };

	TRY(transfer_get(op, a->id, &t));
	return out_one(op, &transfer_shape, &t);
}

const struct command transfer_commands[] = {
	{ "create", "plan one; it holds nothing until it is shipped", &create_args,
		create, CMD_MUTATES | CMD_REASON,
		"shopctl transfer create --from AMS-1 --to BER-1 --line DOG-5KG:40 "
		"--reason 'for the season'\n"
		"shopctl transfer create --from AMS-1 --to BER-1 --line DOG-5KG:4 "
		"--line CAT-1KG:2 --reason refill --idempotency-key week-40" },
	{ "ship", "it leaves: its stock is in transit", &ship_args, ship,
		CMD_MUTATES | CMD_REASON,
		"shopctl transfer ship 7 --reason 'lorry of Monday'\n"
		"shopctl transfer ship 7 --line DOG-5KG:38 --reason 'two were torn'" },
	{ "receive", "it came, all of it or some", &receive_args, receive,
		CMD_MUTATES | CMD_REASON,
		"shopctl transfer receive 7 --reason complete\n"
		"shopctl transfer receive 7 --line DOG-5KG:39 --reason short",
		"What was shipped and did not come is lost: it comes and goes in the "
		"journal of the warehouse that waited for it, with the reason. --more "
		"leaves it in transit. With --idempotency-key a delivery that is told "
		"twice came once." },
	{ "cancel", "it does not go; what is on its way goes back", &one_args, cancel,
		CMD_MUTATES | CMD_REASON,
		"shopctl transfer cancel 7 --reason 'not needed'\n"
		"shopctl transfer cancel 7 --reason 'wrong lorry' --dry-run" },
	{ "list", "transfers, newest first", &list_args, list, 0,
		"shopctl transfer list --state in_transit\n"
		"shopctl transfer list --warehouse BER-1 --sku DOG-5KG" },
	{ "show", "one transfer", &one_args, show, 0,
		"shopctl transfer show 7\n"
		"shopctl transfer show 7 --field lines" },
	{ 0 },
};
