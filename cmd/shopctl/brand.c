/* shopctl brand: the brands that products are of. */
#include "domain/brand.h"

#include "base/cli.h"
#include "base/out.h"

struct list {
	int64_t limit;
};

static const struct shape list_args =
	SHAPE(list, FIELD(list, limit, "N", "at most N", .initial = "1000"));

static enum err list(struct op *op, const void *args)
{
	const struct list *a = args;
	struct rows all;

	TRY(brand_find(op, a->limit, &all));
	return out_rows(op, &brand_shape, all);
}

struct one {
	const char *brand, *name, *into;
};

static const struct shape create_args = SHAPE(one,
	FIELD(one, name, "NAME", "as people read it", FIELD_OPERAND | FIELD_REQUIRED));
static const struct shape set_args = SHAPE(one,
	FIELD(one, brand, "BRAND", "its name or slug", FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(one, name, "NAME", "its new name", FIELD_REQUIRED));
static const struct shape merge_args = SHAPE(one,
	FIELD(one, brand, "BRAND", "that will be gone", FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(one, into, "BRAND", "that gets its products", FIELD_REQUIRED));
static const struct shape delete_args = SHAPE(one,
	FIELD(one, brand, "BRAND", "its name or slug", FIELD_OPERAND | FIELD_REQUIRED));

static enum err put(struct op *op, enum err e, const struct brand *b)
{
	return e == OK ? out_one(op, &brand_shape, b) : e;
}

static enum err create(struct op *op, const void *args)
{
	const struct one *a = args;
	struct brand b;

	return put(op, brand_create(op, a->name, &b), &b);
}

static enum err set(struct op *op, const void *args)
{
	const struct one *a = args;
	struct brand b;

	return put(op, brand_set(op, a->brand, a->name, &b), &b);
}

static enum err merge(struct op *op, const void *args)
{
	const struct one *a = args;
	struct brand b;

	return put(op, brand_merge(op, a->brand, a->into, &b), &b);
}

static enum err delete (struct op *op, const void *args) {
	const struct one *a = args; struct brand b;

	return put(op, brand_delete(op, a->brand, &b), &b);
}

const struct command brand_commands[] = {
	{ "list", "brands with the number of their products", &list_args, list, 0,
		"shopctl brand list\n"
		"shopctl brand list --limit 10 --format json" },
	{ "create", "a brand that products can be of", &create_args, create,
		CMD_MUTATES,
		"shopctl brand create 'Best Pet'\n"
		"shopctl brand create 'Best Pet' --dry-run" },
	{ "set", "another name; its products and slug follow", &set_args, set,
		CMD_MUTATES,
		"shopctl brand set lumen --name 'Lumen Lights'\n"
		"shopctl brand set lumen --name Lumen --dry-run" },
	{ "merge", "two brands become one", &merge_args, merge,
		CMD_MUTATES | CMD_CONFIRM,
		"shopctl brand merge lumen --into bestpet --yes\n"
		"shopctl brand merge lumen --into bestpet --dry-run" },
	{ "delete", "a brand that nothing is of", &delete_args, delete,
		CMD_MUTATES | CMD_CONFIRM,
		"shopctl brand delete unused --yes\n"
		"shopctl brand delete unused --dry-run" },
	{ 0 },
};
