/* The columns of our own product files. */
#include "domain/import_cell.h"
#include "domain/import_row.h"

/* What `product export` writes and `import template` explains. */
static const struct import_column native[] = {
	{ "handle|slug", T_HANDLE, cell_line },
	{ "sku", T_SKU, cell_sku },
	{ "title|name", T_TITLE, cell_line },
	{ "description", T_DESCRIPTION, NULL, "" },
	{ "brand|brand name", T_BRAND, cell_line, "" },
	{ "category", T_CATEGORY, cell_line, "" },
	{ "type", T_TYPE, cell_line, "" },
	{ "tags", T_TAGS, cell_tags, "{}" },
	{ "status", T_STATUS, cell_status },
	{ "attributes", T_ATTRIBUTES, cell_object },
	{ "option1 name", T_NAME1, cell_line },
	{ "option1 value", T_VALUE1, cell_line },
	{ "option2 name", T_NAME2, cell_line },
	{ "option2 value", T_VALUE2, cell_line },
	{ "option3 name", T_NAME3, cell_line },
	{ "option3 value", T_VALUE3, cell_line },
	{ "barcode", T_BARCODE, cell_line, "" },
	{ "weight grams", T_WEIGHT, cell_grams, "0" },
	{ "tax class|tax category", T_TAX_CLASS, cell_line, "standard" },
	{ "requires shipping", T_SHIPPING, cell_bool, "t" },
	{ "cost", T_COST, cell_money, "-1" },
	{ "variant image url", T_VARIANT_IMAGE, cell_line, "" },
	{ "variant attributes", T_VARIANT_ATTRIBUTES, cell_object },
	{ "currency", T_CURRENCY, cell_currency },
	{ "price", T_PRICE, cell_money },
	{ "compare at|compare at price", T_COMPARE_AT, cell_money, "-1" },
	{ "warehouse", T_WAREHOUSE, cell_line },
	{ "on hand|inventory count", T_ON_HAND, cell_count },
	{ "image url", T_IMAGE, cell_line },
	{ "image alt", T_IMAGE_ALT, NULL },
	{ "image position", T_IMAGE_POSITION, cell_count },
	IMPORT_REJECT_COLUMNS(T_NOTHING),
};

const struct import_dialect import_native = { "native", IMPORT_DIALECT(native) };
