/* shopctl recommend: what is bought together. */
#include "domain/recommend.h"

#include "base/cli.h"
#include "base/out.h"

struct wanted {
	const char *of;
	int64_t limit;
	bool all;
};

#define WANTED(name, help)                                                             \
	SHAPE(wanted, FIELD(wanted, of, name, help, FIELD_OPERAND | FIELD_REQUIRED),   \
		FIELD(wanted, limit, "N", "at most N", .initial = "10"),               \
		FIELD(wanted, all, NULL, "also what the catalogue does not sell"))

static const struct shape product_args =
	WANTED("SKU", "a product that somebody looks at");
static const struct shape customer_args =
	WANTED("ID", "number of a customer; SOURCE:NUMBER of an imported one");

static enum err product(struct op *op, const void *args)
{
	const struct wanted *a = args;
	struct rows rows;

	TRY(recommend_product(op, a->of, a->limit, a->all, &rows));
	return out_rows(op, &recommended_shape, rows);
}

static enum err customer(struct op *op, const void *args)
{
	const struct wanted *a = args;
	struct rows rows;

	TRY(recommend_customer(op, a->of, a->limit, a->all, &rows));
	return out_rows(op, &recommended_customer_shape, rows);
}

struct pair {
	const char *sku, *other;
};

static const struct shape pair_args = SHAPE(pair,
	FIELD(pair, sku, "SKU", "the product somebody looks at",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(pair, other, "OTHER", "the SKU of the other one",
		FIELD_OPERAND | FIELD_REQUIRED));

static enum err explain(struct op *op, const void *args)
{
	const struct pair *a = args;
	struct recommend_why why;

	TRY(recommend_explain(op, a->sku, a->other, &why));
	return out_one(op, &recommend_why_shape, &why);
}

static enum err rebuild(struct op *op, const void *args)
{
	struct recommend_size size;

	(void)args;
	TRY(recommend_rebuild(op, &size));
	return out_one(op, &recommend_size_shape, &size);
}

const struct command recommend_commands[] = {
	{ "product", "what is bought with a product, strongest first", &product_args,
		product, 0,
		"shopctl recommend product DOG-5KG --limit 5\n"
		"shopctl recommend product DOG-5KG --columns other,lift,support "
		"--format csv",
		"Support is the share of all baskets that have both, confidence the "
		"share of the baskets with this product that have the other one too, "
		"and "
		"lift how many times more often that is than by chance. Pairs below "
		"the setting recommend.min_support are not shown." },
	{ "customer", "what goes with what a customer bought", &customer_args, customer,
		0,
		"shopctl recommend customer 7\n"
		"shopctl recommend customer webshop2019:17850 --all" },
	{ "explain", "every figure of a pair", &pair_args, explain, 0,
		"shopctl recommend explain DOG-5KG LEASH-RED\n"
		"shopctl recommend explain DOG-5KG LEASH-RED --format json" },
	{ "rebuild", "count all baskets again", NULL, rebuild, CMD_MUTATES,
		"shopctl recommend rebuild\n"
		"shopctl recommend rebuild --dry-run" },
	{ 0 },
};
