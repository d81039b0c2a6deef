/* Inside history: one line of an order as one row of the stage. */
#ifndef DOMAIN_HISTORY_ROW_H
#define DOMAIN_HISTORY_ROW_H

#include "base/csv.h"
#include "base/op.h"

enum history_target {
	H_EXTERNAL_ID,
	H_AT,
	H_CUSTOMER,
	H_SKU,
	H_TITLE,
	H_QTY,
	H_UNIT_PRICE,
	H_CURRENCY,
	H_COUNTRY,
	H_STAGED, /* how many the stage has */
	H_NOTHING = H_STAGED
};

struct history_state {
	struct op *op; /* what the batch lives in */
	const char *currency;
	size_t n; /* columns of the file */
	enum history_target targets[CSV_COLUMNS_MAX];
	const char *names[CSV_COLUMNS_MAX];
	bool has[H_STAGED + 1];
};

extern const char history_stage_columns[];

/* Which column is what; E_DATA when one that an order needs is missing. */
enum err history_recognise(
	struct op *op, const struct csv_row *header, struct history_state *out);

/* Append the row (ctx: a history_state) to out; its problems go with it. */
void history_row(
	struct op *scratch, void *ctx, const struct csv_row *row, struct text *out);

#endif
