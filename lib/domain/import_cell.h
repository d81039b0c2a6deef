/* Inside import: one cell, from the text of a file to the text of the stage. */
#ifndef DOMAIN_IMPORT_CELL_H
#define DOMAIN_IMPORT_CELL_H

#include "domain/import_dialect.h"

import_parse cell_line, cell_sku, cell_bool, cell_count, cell_grams, cell_money;
import_parse cell_status, cell_published, cell_tags, cell_object, cell_taxable;
import_parse cell_currency;

/* A PostgreSQL array literal of n texts. */
const char *cell_array(struct op *op, const char *const *v, size_t n);

/* A name as it stands in SKUs and handles: "Dog Food, 5 kg" is dog-food-5-kg. */
const char *cell_slug(struct op *op, const char *name);

#endif
