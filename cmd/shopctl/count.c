/* shopctl count: what lies in a warehouse, counted by people. */
#include "domain/stock_count.h"

#include "base/cli.h"
#include "base/id.h"
#include "base/out.h"
#include "domain/units_file.h"

struct begin {
	const char *warehouse;
	struct texts sku;
	bool book;
};

static const struct shape start_args = SHAPE(begin,
	FIELD(begin, warehouse, "CODE", "where", FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(begin, sku, "PATTERN", "only SKUs like DOG-* (default all it has)"),
	FIELD(begin, book, NULL, "who counts may see what the book has"));

struct step {
	int64_t id;
	struct texts line;
	const char *file, *uncounted;
	struct stamp at;
	bool add;
};

#define COUNT                                                                          \
	{                                                                              \
		"count", FIELD_INT, offsetof(struct step, id), "COUNT",                \
			"number of the count", FIELD_OPERAND | FIELD_REQUIRED, NULL,   \
			NULL                                                           \
	}

static const struct shape one_args = SHAPE(step, COUNT);

static const struct shape enter_args = SHAPE(step, COUNT,
	FIELD(step, line, "SKU:N", "N of it are there; SKU:0: none", FIELD_REQUIRED),
	FIELD(step, at, "TIME", "when they were counted (default now)"),
	FIELD(step, add, NULL, "beside what another shelf had"));

static const struct shape import_args = SHAPE(step, COUNT,
	FIELD(step, file, "FILE", "a CSV file of sku,qty, or - for standard input",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(step, at, "TIME", "when they were counted (default now)"),
	FIELD(step, add, NULL, "beside what other shelves had"));

static const struct shape post_args = SHAPE(step, COUNT,
	FIELD(step, uncounted, "WHAT",
		"SKUs that nobody counted: leave them as they are, or there are none",
		0, "leave|zero"));

static const struct shape list_args = SHAPE(count_query,
	FIELD(count_query, state, "STATE", "only in this state", 0,
		"open|posted|canceled"),
	FIELD(count_query, warehouse, "CODE", "only there"),
	FIELD(count_query, limit, "N", "at most N, newest first", 0, NULL, "50"));

static enum err start(struct op *op, const void *args)
{
	const struct begin *a = args;
	const struct count_wish wish = { .key = op->key ? op->key : id_token(op, 22),
		.warehouse = a->warehouse,
		.skus = a->sku,
		.blind = !a->book,
		.reason = op->reason };
	struct stock_count c = { 0 };

	TRY(count_start(op, &wish, &c));
	TRY(out_one(op, &stock_count_shape, &c));
	if (c.replayed)
		out_note(op, "this had been done before: nothing was changed");
	return OK;
}

static enum err enter(struct op *op, const void *args)
{
	const struct step *a = args;
	struct count_finding f = { .id = a->id, .at = a->at, .add = a->add };
	struct stock_count c = { 0 };

	TRY(units_all(op, a->file, a->line, (struct money){ 0 }, &f.lines));
	TRY(count_enter(op, &f, &c));
	return out_one(op, &stock_count_shape, &c);
}

static enum err post(struct op *op, const void *args)
{
	const struct step *a = args;
	struct stock_count c = { 0 };

	TRY(count_post(op, a->id, a->uncounted, &c));
	return out_one(op, &stock_count_shape, &c);
}

static enum err cancel(struct op *op, const void *args)
{
	const struct step *a = args;
	struct stock_count c = { 0 };

	TRY(count_cancel(op, a->id, &c));
	return out_one(op, &stock_count_shape, &c);
}

static enum err list(struct op *op, const void *args)
{
	struct rows rows;

	TRY(count_list(op, args, &rows));
	return out_rows(op, &stock_count_shape, rows);
}

static enum err show(struct op *op, const void *args)
{
	const struct step *a = args;
	struct rows rows;

	TRY(count_lines(op, a->id, &rows));
	return out_rows(op, &stock_count_line_shape, rows);
}

const struct command count_commands[] = {
	{ "start", "begin to count a warehouse, or some SKUs of it", &start_args, start,
		CMD_MUTATES | CMD_REASON,
		"shopctl count start AMS-1 --reason 'end of the year'\n"
		"shopctl count start AMS-1 --sku 'DOG-*' --sku CAT-1KG --reason spot",
		"Who counts does not see what the book has, unless with --book. Goods "
		"may come and go meanwhile." },
	{ "enter", "say what was found", &enter_args, enter, CMD_MUTATES,
		"shopctl count enter 7 --line DOG-5KG:38\n"
		"shopctl count enter 7 --line DOG-5KG:2 --add",
		"The book of this moment is kept with it, or of --at when the paper is "
		"older; what moves later makes no difference." },
	{ "import", "the same from a CSV file", &import_args, enter, CMD_MUTATES,
		"shopctl count import 7 found.csv\n"
		"shopctl count import 7 found.csv --dry-run" },
	{ "post", "put the differences right", &post_args, post,
		CMD_MUTATES | CMD_REASON,
		"shopctl count post 7 --reason 'end of the year' --dry-run\n"
		"shopctl count post 7 --uncounted leave --reason spot",
		"A dry run shows the differences of a blind count. What is reserved "
		"cannot be counted away: cancel such orders first, shopctl stock why "
		"SKU names them." },
	{ "cancel", "forget what was counted", &one_args, cancel,
		CMD_MUTATES | CMD_REASON,
		"shopctl count cancel 7 --reason 'wrong warehouse'\n"
		"shopctl count cancel 7 --reason again --dry-run" },
	{ "list", "counts, newest first", &list_args, list, 0,
		"shopctl count list --state open\n"
		"shopctl count list --warehouse AMS-1 --format json" },
	{ "show", "what was found, SKU by SKU", &one_args, show, 0,
		"shopctl count show 7\n"
		"shopctl count show 7 --format csv" },
	{ 0 },
};
