/* shopctl supplier: who delivers the products. */
#include "domain/supplier.h"

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

	TRY(supplier_find(op, a->limit, &all));
	return out_rows(op, &supplier_shape, all);
}

struct one {
	const char *supplier, *name, *email, *into;
};

static const struct shape create_args = SHAPE(one,
	FIELD(one, name, "NAME", "as people read it", FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(one, email, "ADDRESS", "where orders are written to"));
static const struct shape set_args = SHAPE(one,
	FIELD(one, supplier, "SUPPLIER", "its name or slug",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(one, name, "NAME", "its new name"),
	FIELD(one, email, "ADDRESS", "its new address; an empty one takes it away"));
static const struct shape merge_args = SHAPE(one,
	FIELD(one, supplier, "SUPPLIER", "that will be gone",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(one, into, "SUPPLIER", "that gets its products", FIELD_REQUIRED));
static const struct shape delete_args =
	SHAPE(one, FIELD(one, supplier, "SUPPLIER", "its name or slug",
			   FIELD_OPERAND | FIELD_REQUIRED));

static enum err put(struct op *op, enum err e, const struct supplier *b)
{
	return e == OK ? out_one(op, &supplier_shape, b) : e;
}

static enum err create(struct op *op, const void *args)
{
	const struct one *a = args;
	struct supplier b;

	return put(op, supplier_create(op, a->name, a->email, &b), &b);
}

static enum err set(struct op *op, const void *args)
{
	const struct one *a = args;
	struct supplier b;

	return put(op, supplier_set(op, a->supplier, a->name, a->email, &b), &b);
}

static enum err merge(struct op *op, const void *args)
{
	const struct one *a = args;
	struct supplier b;

	return put(op, supplier_merge(op, a->supplier, a->into, &b), &b);
}

static enum err delete (struct op *op, const void *args) {
	const struct one *a = args; struct supplier b;

	return put(op, supplier_delete(op, a->supplier, &b), &b);
}

const struct command supplier_commands[] = {
	{ "list", "suppliers with the number of their products", &list_args, list, 0,
		"shopctl supplier list\n"
		"shopctl supplier list --limit 10 --format json" },
	{ "create", "a supplier of products", &create_args, create, CMD_MUTATES,
		"shopctl supplier create 'Acme Inc' --email orders@acme.example\n"
		"shopctl supplier create 'Acme Inc' --dry-run" },
	{ "set", "another name or address; its slug follows the name", &set_args, set,
		CMD_MUTATES,
		"shopctl supplier set northwind --name 'Northwind Traders'\n"
		"shopctl supplier set northwind --email '' --dry-run" },
	{ "merge", "two suppliers become one", &merge_args, merge,
		CMD_MUTATES | CMD_CONFIRM,
		"shopctl supplier merge northwind --into globex --yes\n"
		"shopctl supplier merge northwind --into globex --dry-run" },
	{ "delete", "a supplier that delivers nothing", &delete_args, delete,
		CMD_MUTATES | CMD_CONFIRM,
		"shopctl supplier delete unused --yes\n"
		"shopctl supplier delete unused --dry-run" },
	{ 0 },
};
