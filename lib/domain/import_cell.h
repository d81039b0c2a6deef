/* Inside import: one cell, from the text of a file to the text of the stage. */
#ifndef DOMAIN_IMPORT_CELL_H
#define DOMAIN_IMPORT_CELL_H

#include "domain/import_dialect.h"

import_parse cell_line, cell_sku, cell_bool, cell_count, cell_grams, cell_money;
import_parse cell_status, cell_published, cell_tags, cell_object, cell_taxable;
import_parse cell_currency;
import_parse cell_kilograms, cell_whole_grams, cell_pounds, cell_ounces, cell_quantity;
import_parse cell_moment; /* staged as RFC 3339 */

/* How weights in "kg", "g", "lb" or "oz" are read; NULL: not a unit of weight. */
import_parse *cell_weight_in(const char *unit);

/* The parts between marks, trimmed; a mark after a backslash is part of one. */
const char **cell_list(struct op *op, const char *text, char mark, size_t *n);

/* A PostgreSQL array literal of n texts. */
const char *cell_array(struct op *op, const char *const *v, size_t n);

/* A name as it stands in SKUs and handles: "Dog Food, 5 kg" is dog-food-5-kg. */
const char *cell_slug(struct op *op, const char *name);

#endif
