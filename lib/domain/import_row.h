/* Inside import: one row of a file as one row of the stage. */
#ifndef DOMAIN_IMPORT_ROW_H
#define DOMAIN_IMPORT_ROW_H

#include "domain/import_kind.h"

/* Whose product files are understood. */
extern const struct import_dialect import_commercetools, import_magento, import_medusa,
	import_native, import_shopify, import_spree, import_vendure, import_woocommerce;

/* The stage's columns in the order rows are written. */
extern const char import_stage_columns[];

/* Append the row (state: an import_state) to out in COPY's text format; its problems go
 * with it. */
void import_row(
	struct op *scratch, void *state, const struct csv_row *row, struct text *out);

#endif
