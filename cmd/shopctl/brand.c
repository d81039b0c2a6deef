/* shopctl brand: the brands that products are in. */
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

	TRY(brand_find(op, a->limit, &all));
	return out_rows(op, &brand_shape, all);
}

const struct command brand_commands[] = {
	{ "list", "brands with the number of their products", &list_args, list, 0,
		"shopctl brand list\n"
		"shopctl brand list --limit 10 --format json" },
	{ 0 },
};
