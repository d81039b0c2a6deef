/* shopctl category: the tree that products are in, and what it asks of them. */
#include "domain/category.h"

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

	TRY(category_find(op, a->limit, &all));
	return out_rows(op, &category_shape, all);
}

struct tree {
	const char *category;
	int64_t depth;
};

static const struct shape tree_args = SHAPE(tree,
	FIELD(tree, category, "CATEGORY", "its top (default: all)", FIELD_OPERAND),
	FIELD(tree, depth, "N", "at most N levels (default: all)"));

/* What a person reads: each name below its parent's. */
static enum err draw(struct op *op, struct rows all)
{
	const struct category_node *n = all.items;
	size_t i;

	for (i = 0; i < all.n; i++)
		TRY(out_text(op, "%*s%s (%lld)\n", (int)n[i].depth * 2, "", n[i].name,
			(long long)(n[i].products + n[i].below)));
	return OK;
}

static enum err tree(struct op *op, const void *args)
{
	const struct tree *a = args;
	struct rows all;

	TRY(category_tree(op, a->category, a->depth, &all));
	return out_is_table(op) ? draw(op, all)
				: out_rows(op, &category_node_shape, all);
}

struct one {
	const char *category, *name, *under, *into;
	bool top;
};

#define CATEGORY                                                                       \
	FIELD(one, category, "CATEGORY", "its path, or its titles: 'Pets > Food'",     \
		FIELD_OPERAND | FIELD_REQUIRED)

static const struct shape create_args = SHAPE(one, CATEGORY);
static const struct shape set_args = SHAPE(one, CATEGORY,
	FIELD(one, name, "NAME", "its new name; its path follows", FIELD_REQUIRED));
static const struct shape move_args =
	SHAPE(one, CATEGORY, FIELD(one, under, "CATEGORY", "what it becomes a part of"),
		FIELD(one, top, NULL, "it becomes a category of the top"));
static const struct shape merge_args = SHAPE(one, CATEGORY,
	FIELD(one, into, "CATEGORY", "that gets what is in it", FIELD_REQUIRED));
static const struct shape delete_args = SHAPE(one, CATEGORY);

static enum err put(struct op *op, enum err e, const struct category *c)
{
	return e == OK ? out_one(op, &category_shape, c) : e;
}

static enum err create(struct op *op, const void *args)
{
	const struct one *a = args;
	struct category c;

	return put(op, category_create(op, a->category, &c), &c);
}

static enum err set(struct op *op, const void *args)
{
	const struct one *a = args;
	struct category c;

	return put(op, category_set(op, a->category, a->name, &c), &c);
}

static enum err move(struct op *op, const void *args)
{
	const struct one *a = args;
	struct category c;

	if (!a->under == !a->top)
		return fail(op, E_USAGE, "move_goes_somewhere",
			"give --under CATEGORY, or --top");
	return put(op, category_move(op, a->category, a->top ? "" : a->under, &c), &c);
}

static enum err merge(struct op *op, const void *args)
{
	const struct one *a = args;
	struct category c;

	return put(op, category_merge(op, a->category, a->into, &c), &c);
}

static enum err delete (struct op *op, const void *args) {
	const struct one *a = args; struct category c;

	return put(op, category_delete(op, a->category, &c), &c);
}

static const struct shape attributes_args = SHAPE(one, CATEGORY);

static enum err attributes(struct op *op, const void *args)
{
	const struct one *a = args;
	struct rows all;

	TRY(category_attribute_find(op, a->category, &all));
	return out_rows(op, &category_attribute_shape, all);
}

struct attribute {
	const char *category, *name, *kind;
	bool required;
	struct texts choice;
};

#define ATTRIBUTE                                                                      \
	FIELD(attribute, category, "CATEGORY", "of its products and of those below",   \
		FIELD_OPERAND | FIELD_REQUIRED),                                       \
		FIELD(attribute, name, "NAME", "of the attribute: screen_size",        \
			FIELD_OPERAND | FIELD_REQUIRED)

static const struct shape attribute_set_args = SHAPE(attribute, ATTRIBUTE,
	FIELD(attribute, kind, "KIND", "what its values are", 0,
		"text|integer|decimal|boolean|date|choice", "text"),
	FIELD(attribute, required, NULL, "each product must have it"),
	FIELD(attribute, choice, "VALUE", "of kind choice: one of these"));
static const struct shape attribute_remove_args = SHAPE(attribute, ATTRIBUTE);

static enum err attribute_set(struct op *op, const void *args)
{
	const struct attribute *a = args;
	struct category_attribute is = { .name = a->name,
		.kind = a->kind,
		.required = a->required,
		.choices = a->choice };

	TRY(category_attribute_set(op, a->category, &is, &is));
	return out_one(op, &category_attribute_shape, &is);
}

static enum err attribute_remove(struct op *op, const void *args)
{
	const struct attribute *a = args;
	struct category_attribute was;

	TRY(category_attribute_remove(op, a->category, a->name, &was));
	return out_one(op, &category_attribute_shape, &was);
}

const struct command category_commands[] = {
	{ "list", "categories with the number of their products", &list_args, list, 0,
		"shopctl category list\n"
		"shopctl category list --limit 10 --format json" },
	{ "tree", "the tree, with the number of products in and below each", &tree_args,
		tree, 0,
		"shopctl category tree --depth 2\n"
		"shopctl category tree pets --format json" },
	{ "create", "a category, and those above it that are missing", &create_args,
		create, CMD_MUTATES,
		"shopctl category create 'Pets > Dog Toys'\n"
		"shopctl category create garden/tools --dry-run" },
	{ "set", "another name", &set_args, set, CMD_MUTATES,
		"shopctl category set pets/food --name 'Pet Food'\n"
		"shopctl category set pets --name Animals --dry-run" },
	{ "move", "to another place, with all that is below it", &move_args, move,
		CMD_MUTATES,
		"shopctl category move pets/food --under home\n"
		"shopctl category move pets/food --top --dry-run" },
	{ "merge", "what is in one becomes another's", &merge_args, merge,
		CMD_MUTATES | CMD_CONFIRM,
		"shopctl category merge pets/food --into home --yes\n"
		"shopctl category merge pets/food --into home --dry-run" },
	{ "delete", "a category that nothing is in", &delete_args, delete,
		CMD_MUTATES | CMD_CONFIRM,
		"shopctl category delete empty --yes\n"
		"shopctl category delete empty --dry-run" },
	{ "attribute list", "what its products must and may have", &attributes_args,
		attributes, 0,
		"shopctl category attribute list pets/food\n"
		"shopctl category attribute list pets/food --format json" },
	{ "attribute set", "ask for an attribute of its products", &attribute_set_args,
		attribute_set, CMD_MUTATES,
		"shopctl category attribute set pets/food flavour --kind choice "
		"--choice beef --choice fish\n"
		"shopctl category attribute set pets/food organic --kind boolean "
		"--dry-run",
		"An attribute holds for all categories below, which may ask for "
		"another kind of their own. It is refused while a product would not "
		"fit it: set the values first." },
	{ "attribute remove", "ask for it no longer", &attribute_remove_args,
		attribute_remove, CMD_MUTATES,
		"shopctl category attribute remove pets/food weight_class\n"
		"shopctl category attribute remove pets/food weight_class --dry-run" },
	{ 0 },
};
