/* Inside import: a row while it is read, and what a dialect's hook may do with it. */
#ifndef DOMAIN_IMPORT_DRAFT_H
#define DOMAIN_IMPORT_DRAFT_H

#include "base/text.h"
#include "domain/import_row.h"

/* What a row has more of than a stage has columns, each a list of JSON. */
enum extra {
	EXTRA_IMAGES,   /* "url", after the first */
	EXTRA_PRICES,   /* ["USD", 1000]: in other currencies */
	EXTRA_REFS,     /* "cc-tee", "id:741": what other rows call this one */
	EXTRA_PAIRS,    /* ["Colour", "Red"]: options, if they tell variants apart */
	EXTRA_SALES,    /* ["EUR", 500, 900, since, until]: a price for a time */
	EXTRA_CHILDREN, /* ["TEE-S", ["size", "S"], ...]: rows that are its variants */
	EXTRA_COUNT,
};

/* A row while it is read: what is staged for each target, and what is wrong. */
struct import_draft {
	struct op *op;
	struct import_state *state;
	const struct csv_row *row;
	const char *values[T_COUNT];
	const char *lists[IMPORT_LISTS][IMPORT_LIST_MAX + 1];
	struct text attributes[2]; /* of the product and of the variant */
	struct text extra[EXTRA_COUNT];
	const char *parent; /* what the row that carries its product is called */
	const char *id;     /* what the file calls this variant, when it has no SKU */
	bool loose;         /* its pairs are options only when variants need them */
	bool derived;       /* the SKU was made of handle and options */
	bool plain;         /* it has no variant of its own */
	struct import_problems problems;
};

/* The fault of the op is a problem of this row. */
void draft_problem(struct import_draft *d, const char *column);

/* What the dialect's own column holds; NULL when it is empty or not there. */
static inline const char *draft_own(const struct import_draft *d, int i)
{
	return d->values[T_OWN + i];
}

/* An attribute of the product (T_PRODUCT_KEY) or the variant (T_VARIANT_KEY). */
void draft_keep(
	struct import_draft *d, enum target target, const char *key, const char *value);

/* One more of a list, as JSON. */
void draft_extra(struct import_draft *d, enum extra list, const char *json);

/* A picture: the first is the row's, the others go with it. */
void draft_image(struct import_draft *d, const char *url);

/* ["name", "value"] */
const char *draft_pair(struct import_draft *d, const char *name, const char *value);

/* The file holds something that the shop has no place for; said once, with a count. */
void draft_ignored(struct import_draft *d, const char *what);

/* Amounts of an offer: what is paid now, and what is crossed out. */
struct import_offer {
	const char *regular, *sale; /* minor units as text; NULL: none */
	const char *from, *until;   /* cell_moment's text; NULL: since ever, for good */
};
void draft_offer(struct import_draft *d, const struct import_offer *offer);

#endif
