/* What cells of other shops' files mean, and whose files they are. */
#include "test.h"

#include "domain/import_cell.h"
#include "domain/import_kind.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *cell(struct op *op, import_parse *parse, const char *text)
{
	const struct import_cell c = { text, "EUR" };
	const char *out = NULL;

	if (parse(op, &c, &out) == OK)
		return out;
	out = op_strdup(op, op->fault.rule);
	fault_clear(op);
	return out;
}

TEST_NO_DB(weights_are_whole_grams_in_any_unit)
{
	SAME("250", cell(op, cell_kilograms, "0.25"));
	SAME("1", cell(op, cell_kilograms, "0.0005"));
	SAME("0", cell(op, cell_kilograms, "0.000499"));
	SAME("1500", cell(op, cell_kilograms, " 1,5 "));
	SAME("454", cell(op, cell_pounds, "1"));
	SAME("8981", cell(op, cell_pounds, "19.8"));
	SAME("28", cell(op, cell_ounces, "1"));
	SAME("31", cell(op, cell_whole_grams, "30.5"));
	SAME("weight_is_in_grams", cell(op, cell_kilograms, "1.2.3"));
	SAME("weight_is_in_grams", cell(op, cell_kilograms, "-1"));
	SAME("weight_is_in_grams", cell(op, cell_kilograms, "2kg"));
	SAME("weight_is_in_grams", cell(op, cell_kilograms, "."));
	SAME("weight_is_in_grams", cell(op, cell_kilograms, "999999999999"));
	CHECK(cell_weight_in("LB") == cell_pounds && !cell_weight_in("stone"));
}

TEST_NO_DB(quantities_are_whole_pieces)
{
	SAME("100", cell(op, cell_quantity, "100.0000"));
	SAME("7", cell(op, cell_quantity, " 7 "));
	SAME("0", cell(op, cell_quantity, "-0.0"));
	SAME("value_is_integer", cell(op, cell_quantity, "1.5"));
	SAME("value_is_integer", cell(op, cell_quantity, "1."));
	SAME("value_is_integer", cell(op, cell_quantity, ".0"));
	SAME("value_is_integer", cell(op, cell_quantity, "1e3"));
	SAME("value_is_integer", cell(op, cell_quantity, "1,000"));
	SAME("stock_never_oversold", cell(op, cell_quantity, "-3.00"));
}

TEST_NO_DB(dates_are_days_of_the_calendar)
{
	SAME("2026-05-01T00:00:00Z", cell(op, cell_moment, "2026-05-01"));
	SAME("2030-01-01T00:00:00Z", cell(op, cell_moment, "2030-01-01 0:00:00"));
	SAME("2026-05-01T09:30:00Z", cell(op, cell_moment, "2026-05-01T09:30:00"));
	SAME("2016-10-21T14:10:00Z", cell(op, cell_moment, "10/21/16, 2:10 PM"));
	SAME("2016-10-21T00:10:00Z", cell(op, cell_moment, "10/21/2016, 12:10 AM"));
	SAME("2024-02-29T00:00:00Z", cell(op, cell_moment, "2/29/24"));
	SAME("value_is_date", cell(op, cell_moment, "2025-02-29"));
	SAME("value_is_date", cell(op, cell_moment, "21/10/16, 2:10 AM"));
	SAME("value_is_date", cell(op, cell_moment, "2026-05-01 soon"));
	SAME("value_is_date", cell(op, cell_moment, "2026-05-01 25:00"));
	SAME("value_is_date", cell(op, cell_moment, "tomorrow"));
	SAME("value_is_date", cell(op, cell_moment, ""));
}

TEST_NO_DB(a_mark_after_a_backslash_is_part_of_a_list)
{
	size_t n;
	const char **v = cell_list(op, " a , b\\, c,, \\d ,", ',', &n);

	SAME(3u, (unsigned)n);
	SAME("a", v[0]);
	SAME("b, c", v[1]);
	SAME("\\d", v[2]);
	cell_list(op, "  ,  ", ',', &n);
	SAME(0u, (unsigned)n);
	SAME("{\"a, b\",\"c\"}", cell(op, cell_tags, "a\\, b, c, c"));
}

/* What is written with two decimals is that many cents: no float is on the way. */
TEST_NO_DB(any_amount_is_exact)
{
	uint64_t n = 1;
	int i;

	for (i = 0; i < 2000; i++) {
		int64_t cents;

		n = n * 6364136223846793005ULL + 1442695040888963407ULL;
		cents = (int64_t)(n >> (1 + i % 60));
		SAME(op_printf(op, "%" PRId64, cents),
			cell(op, cell_money,
				op_printf(op, "%" PRId64 ".%02" PRId64, cents / 100,
					cents % 100)));
	}
}

/* "a,b,c" as the header of a file. */
static struct csv_row header_of(struct op *op, const char *p)
{
	struct csv_cell *cells = op_alloc(op, 40 * sizeof *cells);
	struct csv_row row = { .line = 1, .cells = cells };

	while (*p) {
		size_t n = strcspn(p, ",");

		cells[row.n++] = (struct csv_cell){ op_strndup(op, p, n), n, 1 };
		p += n + (p[n] == ',');
	}
	return row;
}

TEST_NO_DB(each_shop_has_its_columns)
{
	static const struct {
		const char *noun, *header, *dialect;
	} files[] = {
		{ "product", "sku,price", "native" },
		{ "product", "Handle,Title,Body (HTML),Vendor", "shopify" },
		{ "product", "ID,Type,SKU,Name,Regular price,Attribute 1 name",
			"woocommerce" },
		{ "product", "sku,store_view_code,name,price,qty", "magento" },
		{ "product", "slug,sku,name,price,option1_name,custom_field.a.b",
			"spree" },
		{ "product", "Product Handle,Product Title,Variant Price EUR",
			"medusa" },
		{ "product", "productType,variantId,sku,prices,name.en,season",
			"commercetools" },
		{ "stock", "sku,warehouse,on_hand", "native" },
		{ "stock", "Handle,Title,SKU,HS Code,COO,Shop 1,Shop 2",
			"shopify-inventory-wide" },
		{ "stock", "Handle,SKU,COO,Location,Available,On hand",
			"shopify-inventory" },
		{ "stock",
			"Handle,SKU,Location,Available (not editable),On hand "
			"(current),On hand (new)",
			"shopify-inventory-current" },
		{ "stock", "source_code,sku,status,quantity", "magento-msi" },
		{ "stock", "sku,quantityOnStock,supplyChannel",
			"commercetools-inventory" },
	};
	struct import_map *map = op_alloc(op, sizeof *map);
	size_t i;

	op->quiet = true;
	for (i = 0; i < sizeof files / sizeof *files; i++) {
		struct csv_row row = header_of(op, files[i].header);

		memset(map, 0, sizeof *map);
		CHECK(import_recognise(
			      op, import_kind_named(files[i].noun), &row, map) == OK);
		SAME(files[i].dialect, map->dialect->name);
	}
}

TEST_NO_DB(a_file_of_another_kind_is_refused_by_name)
{
	struct import_map *map = op_alloc(op, sizeof *map);
	struct csv_row row = header_of(op, "source_code,sku,status,quantity");

	CHECK(import_recognise(op, &import_product, &row, map) == E_DATA);
	SAME("file_is_of_its_kind", op->fault.rule);
	SAME("shopctl stock import FILE", op->fault.hint);
}
