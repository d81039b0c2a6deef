/* Inside import: the columns of product files and of other kinds, told apart by their
 * header. */
#ifndef DOMAIN_IMPORT_DIALECT_H
#define DOMAIN_IMPORT_DIALECT_H

#include "base/csv.h"
#include "base/op.h"

enum { IMPORT_TARGETS_MAX = 80, IMPORT_OWN_MAX = 24 };
enum { IMPORT_LISTS = 2, IMPORT_LIST_MAX = 64 };

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
	T_EXTRA,  /* JSON: more pictures and prices, and what rows are to each other */
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
	T_AMOUNT,  /* a price in the currency that the header ends with */
	T_NOTHING, /* known, and without a meaning here */
	T_LIST,    /* columns that come numbered: lists by number ... */
	T_OWN = T_LIST + IMPORT_LISTS, /* ... and what only the dialect's hook reads */
	T_COUNT = T_OWN + IMPORT_OWN_MAX,
};

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
	const char *key;     /* of the attribute; NULL: the header */
	bool needed;         /* of flat kinds: a row without it is refused */
	const char *glob; /* instead of names: a pattern of the header as it stands */
	size_t index;     /* the first number in a header that has the pattern */
};

struct import_draft;

struct import_dialect {
	const char *name;
	const struct import_column *columns;
	size_t n;
	bool short_rows; /* cells missing at the end of a row are empty */
	/* Of products: what the columns of a row are to each other, once its cells are
	 * read; false: nothing of it is staged. */
	bool (*row)(struct import_draft *d);
	const char *required; /* columns without which such a file is not whole */
	const char *strict;   /* an unknown column of this pattern is refused */
};

#define IMPORT_DIALECT(columns) (columns), sizeof(columns) / sizeof *(columns)

/* Which column of the file is what; columns that are not known are NULL. */
struct import_map {
	const struct import_dialect *dialect;
	const struct import_column *columns[CSV_COLUMNS_MAX];
	const char *names[CSV_COLUMNS_MAX]; /* as the header has them */
	size_t n;
	bool has[IMPORT_TARGETS_MAX];
};

struct import_kind;

/*
 * Recognise the kind's dialect by the header; E_DATA when it is none of them or
 * names a column twice.  What is ignored is noted on standard error.
 */
enum err import_recognise(struct op *op, const struct import_kind *kind,
	const struct csv_row *header, struct import_map *out);

/* How many columns of a header the dialect knows. */
size_t import_known(const struct import_dialect *d, const struct import_map *map,
	const struct csv_row *header);

/* "Variant Compare-At Price" and "variant_compare_at_price" are one name. */
const char *import_plain(struct op *op, const char *header);

#endif
