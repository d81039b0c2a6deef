/* shopctl category: the categories that products are in. */
#include "domain/product.h"

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

const struct command category_commands[] = {
	{ "list", "categories with the number of their products", &list_args, list, 0,
		"shopctl category list\n"
		"shopctl category list --limit 10 --format json" },
	{ 0 },
};
