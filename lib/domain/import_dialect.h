/* Inside import: the columns of product files and of other kinds, told apart by their
 * header. */
#ifndef DOMAIN_IMPORT_DIALECT_H
#define DOMAIN_IMPORT_DIALECT_H

#include "base/csv.h"
#include "base/op.h"

/* Where a cell of a product file goes: the columns of the stage, in its order, then
 * what is made into them.  Other kinds have targets of their own. */
enum target {
	T_HANDLE,
	T_SKU,
	T_TITLE, /* from here on: the product */
	T_DESCRIPTION,
	T_BRAND,
	T_CATEGORY,
	T_TYPE,
	T_TAGS,
	T_STATUS,
	T_ATTRIBUTES,
	T_OPTION_NAMES,
	T_OPTIONS, /* from here on: the variant */
	T_BARCODE,
	T_WEIGHT,
	T_TAX_CLASS,
	T_SHIPPING,
	T_COST,
	T_VARIANT_IMAGE,
	T_VARIANT_ATTRIBUTES,
	T_CURRENCY, /* from here on: its price, its place, a picture */
	T_PRICE,
	T_COMPARE_AT,
	T_WAREHOUSE,
	T_ON_HAND,
	T_IMAGE,
	T_IMAGE_ALT,
	T_IMAGE_POSITION,
	T_STAGED, /* how many the stage has */
	T_NAME1 = T_STAGED,
	T_NAME2,
	T_NAME3,
	T_VALUE1,
	T_VALUE2,
	T_VALUE3,
	T_PUBLISHED,
	T_PRODUCT_KEY, /* kept as an attribute */
	T_VARIANT_KEY,
	T_NOTHING, /* known, and without a meaning here */
	T_COUNT,
};

enum { IMPORT_TARGETS_MAX = 64 };

/* What a cell is read with: the text as it is staged; NULL leaves things as they are.
 */
struct import_cell {
	const char *text, *currency;
};
typedef enum err import_parse(
	struct op *op, const struct import_cell *cell, const char **out);

struct import_column {
	const char *names; /* "body html|body": lower case, words with single blanks */
	int target;        /* of its kind */
	import_parse *parse; /* NULL: as it is */
	const char *none;    /* staged when the cell of a row that counts is empty */
	const char *key;     /* of the attribute */
	bool needed;         /* of flat kinds: a row without it is refused */
};

struct import_dialect {
	const char *name;
	const struct import_column *columns;
	size_t n;
	bool short_rows; /* cells missing at the end of a row are empty */
};

/* Which column of the file is what; columns that are not known are NULL. */
struct import_map {
	const struct import_dialect *dialect;
	const struct import_column *columns[CSV_COLUMNS_MAX];
	const char *names[CSV_COLUMNS_MAX]; /* as the header has them */
	size_t n;
	bool has[IMPORT_TARGETS_MAX];
};

struct import_kind;

/* Those of product files; a nameless one ends them. */
extern const struct import_dialect product_dialects[];

/*
 * Recognise the kind's dialect by the header; E_DATA when it is none of them or
 * names a column twice.  What is ignored is noted on standard error.
 */
enum err import_recognise(struct op *op, const struct import_kind *kind,
	const struct csv_row *header, struct import_map *out);

/* "Variant Compare-At Price" and "variant_compare_at_price" are one name. */
const char *import_plain(struct op *op, const char *header);

#endif
