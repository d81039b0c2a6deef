/* Importing products: several rows a product, as every shop exports them. */
#include "domain/import.h"
#include "domain/import_kind.h"
#include "domain/import_row.h"

static bool knows(const struct import_map *map)
{
	return map->has[T_HANDLE] || map->has[T_SKU] || map->has[T_TITLE];
}

/* The first of those that know most columns of a file. */
static const struct import_dialect *const dialects[] = {
	&import_native,
	&import_shopify,
	&import_woocommerce,
	&import_magento,
	&import_spree,
	&import_vendure,
	&import_medusa,
	&import_commercetools,
	NULL,
};

const struct import_kind import_product = {
	.noun = "product",
	.columns = import_stage_columns,
	.dialects = dialects,
	.row = import_row,
	.knows = knows,
	.lacks = "neither a product's handle, nor its title, nor a SKU",
	.staged = T_STAGED,
	.nothing = T_NOTHING,
	.result = &import_result_shape,
};
