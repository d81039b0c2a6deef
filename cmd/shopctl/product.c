/* shopctl product: the catalog - list, show, import, export. */
#include "domain/product.h"

#include "base/cli.h"
#include "base/out.h"
#include "shopctl/import_file.h"

#include <string.h>

static const struct shape list_args = SHAPE(product_filter,
	FIELD(product_filter, q, "WORD", "only those with it in title, handle or SKU"),
	FIELD(product_filter, category, "PATH", "only those in or below this category"),
	FIELD(product_filter, brand, "NAME", "only those of this brand"),
	FIELD(product_filter, status, "STATE", "only those in this state",
		.choices = "draft|active|archived"),
	FIELD(product_filter, currency, "CODE",
		"prices in this currency (default the shop's)"),
	FIELD(product_filter, limit, "N", "at most N, by handle", .initial = "50"));

static enum err list(struct op *op, const void *args)
{
	struct rows products;

	TRY(product_find(op, args, &products));
	return out_rows(op, &product_shape, products);
}

struct show {
	const char *name;
};

static const struct shape show_args = SHAPE(
	show, FIELD(show, name, "SKU|HANDLE", "a SKU, or the handle of its product",
		      FIELD_OPERAND | FIELD_REQUIRED));

/* The page without its JSON, which a person reads as a table below it. */
static const struct shape *head_shape(struct op *op)
{
	struct shape *head = op_alloc(op, sizeof *head);

	*head = product_page_shape;
	head->count -= 2;
	return head;
}

static enum err show(struct op *op, const void *args)
{
	const struct show *a = args;
	struct product_page page = { 0 };
	struct rows variants;

	TRY(product_show(op, a->name, &page));
	if (!out_is_table(op))
		return out_one(op, &product_page_shape, &page);
	TRY(product_variants(op, page.handle, &variants));
	TRY(out_one(op, head_shape(op), &page));
	TRY(out_text(op, "\n"));
	return out_rows(op, &variant_shape, variants);
}

static enum err import(struct op *op, const void *args)
{
	return import_command(op, "product", args);
}

static const struct shape export_args = SHAPE(product_export,
	FIELD(product_export, dialect, "NAME", "whose columns",
		.choices = "native|shopify", .initial = "native"),
	FIELD(product_export, currency, "CODE",
		"shopify: prices in it (default the shop's)"),
	FIELD(product_export, warehouse, "CODE",
		"shopify: quantities of this warehouse"));

static enum err export(struct op *op, const void *args) {
	return product_export(op, args);
}

const struct command product_commands[] = {
	{ "list", "list products by handle", &list_args, list, 0,
		"shopctl product list --category pets/food --status active\n"
		"shopctl product list --q lamp --columns handle,price,available "
		"--format csv" },
	{ "show", "one product with its variants, prices and stock", &show_args, show,
		0,
		"shopctl product show dog-food\n"
		"shopctl product show DOG-5KG --format json" },
	{ "import", "create and update products from a CSV file", &import_args, import,
		CMD_MUTATES,
		"shopctl product import products.csv --dry-run\n"
		"shopctl product import products_export.csv --currency EUR --warehouse "
		"AMS-1\n"
		"zcat feed.csv.gz | shopctl product import - --partial --rejects "
		"rejected.csv",
		"The kind of file is recognised by its header: our own columns (those "
		"of `product "
		"export`) or a Shopify product export, in its old or its new column "
		"names. All "
		"rows are imported, or none: rows that are refused are named with "
		"line, column "
		"and rule. A column that is not in the file changes nothing; what did "
		"not change "
		"is not written. A row without a SKU gets the handle, or the handle "
		"and the "
		"option values: t-shirt-red-xl. The same file is imported once.\n"
		"Exit status 65: rows were refused and nothing was imported; 5: the "
		"others were." },
	{ "export", "the whole catalog as CSV that an import reads back", &export_args,
		export, 0,
		"shopctl product export --output products.csv\n"
		"shopctl product export --dialect shopify --currency EUR | gzip "
		">products.csv.gz" },
	{ 0 },
};
