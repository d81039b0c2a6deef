/* shopctl product: the catalog - list, show, import, export. */
#include "domain/product.h"

#include "base/cli.h"
#include "base/out.h"
#include "shopctl/import_file.h"
#include "shopctl/product_change.h"

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
	{ "create", "a product with its first variant", &product_create_args,
		product_create_run, CMD_MUTATES,
		"shopctl product create 'Dog Food 10 kg' --sku DOG-10KG --price "
		"49.90EUR "
		"brand=BestPet category=pets/food status=active\n"
		"shopctl product create 'Garden Chair' --sku CHAIR-1 tags=wood,oak "
		"--dry-run",
		"A product is a draft until it is published, unless status says "
		"otherwise. Prices in further currencies, stock and more variants come "
		"by commands of their own." },
	{ "set", "change fields of one product or of many", &product_set_args,
		product_set_run, CMD_MUTATES,
		"shopctl product set DOG-5KG title='Dog Food, dry' tags=dogs,dry "
		"--if-version 1\n"
		"shopctl product set --where brand=WalkWell --where 'price<20EUR' "
		"add_tags=sale --dry-run\n"
		"shopctl product set t-shirt attribute.material=cotton type=",
		"Names: title, description, brand, category, supplier, type, tags, "
		"add_tags, remove_tags, status, and attribute.X for any X; an empty "
		"value "
		"takes away. Lists have commas. All products change, or none.\n"
		"A condition is KEY OP VALUE: brand, supplier, category (with all "
		"below "
		"it), status, type, title, handle, sku, barcode, tag, tax_class and "
		"attribute.X by = != ~ !~ (~ finds a part); price and cost (29.99EUR), "
		"weight, on_hand, available, created and updated (2026-11-20, 30d) by "
		"= != < <= > >=. Several must all hold." },
	{ "publish", "show and sell products", &product_chosen_args,
		product_publish_run, CMD_MUTATES,
		"shopctl product publish dog-food t-shirt\n"
		"shopctl product publish --where supplier=globex --dry-run" },
	{ "archive", "products that are no longer shown and sold", &product_chosen_args,
		product_archive_run, CMD_MUTATES,
		"shopctl product archive dog-food\n"
		"shopctl product archive --where 'updated<2020-01-01' --dry-run" },
	{ "restore", "archived products as drafts", &product_chosen_args,
		product_restore_run, CMD_MUTATES,
		"shopctl product restore retired\n"
		"shopctl product restore retired --dry-run" },
	{ "edit", "change a product as a document in an editor", &product_edit_args,
		product_edit_run, CMD_MUTATES,
		"shopctl product edit DOG-5KG --print\n"
		"shopctl product edit dog-food --print | sed 's/^type:.*/type: Dry/' | "
		"shopctl product edit dog-food --file -",
		"The document is YAML, opened in $VISUAL or $EDITOR. What is taken out "
		"of it stays as it is; the version in it must still be the product's. "
		"Prices and stock are not in it. When something is wrong with it, "
		"nothing is changed and the text is kept." },
	{ "history", "what was changed of a product, its variants and prices",
		&product_history_args, product_history_run, 0,
		"shopctl product history DOG-5KG\n"
		"shopctl product history dog-food --limit 5 --format ndjson" },
	{ "variant list", "the variants of a product", &variant_args, variant_list_run,
		0,
		"shopctl product variant list t-shirt\n"
		"shopctl product variant list t-shirt --columns sku,options,archived" },
	{ "variant add", "one more variant", &variant_add_args, variant_add_run,
		CMD_MUTATES,
		"shopctl product variant add t-shirt TEE-XXL --option Size=XXL --price "
		"21.00EUR\n"
		"shopctl product variant add t-shirt TEE-XXXL --option Size=XXXL "
		"--dry-run" },
	{ "variant set", "change fields of a variant", &variant_set_args,
		variant_set_run, CMD_MUTATES,
		"shopctl product variant set DOG-5KG weight=5200 cost=13.90EUR\n"
		"shopctl product variant set DOG-5KG barcode= --dry-run" },
	{ "variant archive", "a variant that is no longer sold", &variant_args,
		variant_archive_run, CMD_MUTATES,
		"shopctl product variant archive TEE-XL\n"
		"shopctl product variant archive TEE-XL --dry-run" },
	{ "variant restore", "a variant that is sold again", &variant_args,
		variant_restore_run, CMD_MUTATES,
		"shopctl product variant restore TEE-XL\n"
		"shopctl product variant restore TEE-XL --dry-run" },
	{ "image set", "a picture of a product, its words and its place",
		&image_put_args, image_put_run, CMD_MUTATES,
		"shopctl product image set dog-food https://img.example/bag.jpg --alt "
		"'A bag' --position 1\n"
		"shopctl product image set dog-food https://img.example/bag.jpg "
		"--dry-run" },
	{ "image remove", "a picture that is shown no longer", &image_remove_args,
		image_remove_run, CMD_MUTATES,
		"shopctl product image remove dog-food "
		"https://img.example/dog-food-back.jpg\n"
		"shopctl product image remove dog-food "
		"https://img.example/dog-food-back.jpg --dry-run" },
	{ "import", "create and update products from a CSV file", &import_args, import,
		CMD_MUTATES,
		"shopctl product import products.csv --dry-run\n"
		"shopctl product import products_export.csv --currency EUR --warehouse "
		"AMS-1\n"
		"zcat feed.csv.gz | shopctl product import - --partial --rejects "
		"rejected.csv",
		"The kind of file is recognised by its header: our own columns (those "
		"of `product "
		"export`) or the product files of Shopify (in old and new names), "
		"WooCommerce, Magento, Spree, Vendure, Medusa or commercetools. What "
		"the shop has no place for is named. All "
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
