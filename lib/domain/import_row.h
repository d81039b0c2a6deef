/* Inside import: one row of a file as one row of the stage. */
#ifndef DOMAIN_IMPORT_ROW_H
#define DOMAIN_IMPORT_ROW_H

#include "domain/import_dialect.h"

/* What is known from the rows before. */
struct import_state {
	const struct import_map *map;
	const char *currency; /* when no column says it */
	struct text handle;   /* of the row before */
	int64_t head_line; /* the row that carries the product of this handle; 0: none
			    */
	struct op *op;     /* what the handle lives in */
};

/* The stage's columns in the order rows are written. */
extern const char import_stage_columns[];

/* Append the row (state: an import_state) to out in COPY's text format; its problems go
 * with it. */
void import_row(
	struct op *scratch, void *state, const struct csv_row *row, struct text *out);

#endif
