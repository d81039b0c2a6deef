/* What customers find: queries, the index behind them, and synonyms. */
#ifndef DOMAIN_SEARCH_H
#define DOMAIN_SEARCH_H

#include "base/field.h"
#include "base/op.h"

enum { SEARCH_PAGE_MAX = 200, SEARCH_SWEEP = 2000 };
#define SEARCH_SORTS "relevance|sold|newest|name|price|price-desc"

/* NULL and zero say nothing; prices are minor units, -1: no bound. */
struct search_query {
	const char *q, *category;
	struct texts brand;
	const char *currency;
	int64_t price_min, price_max;
	struct texts attribute; /* NAME=VALUE; values of one name are alternatives */
	bool in_stock;
	const char *sort;
	struct texts facet; /* brand, category, price, or the name of an attribute */
	const char *cursor; /* `next` of the page before */
	int64_t limit;
};

/* total is 0 and `many` true when so many match that nobody counted them. */
struct search_page {
	int64_t total;
	bool many;
	const char *corrected; /* the words that were looked for instead, or NULL */
	const char *next;      /* NULL: this is the last page */
	struct json_text facets, items;
};

/*
 * One page.  E_DATA (cursor_is_of_this_query, attribute_filter_is_a_pair) for what
 * nobody could have been given; E_NOT_FOUND for a category or brand that is not there.
 */
enum err search_find(
	struct op *op, const struct search_query *q, struct search_page *out);

/* An item of a page. */
struct search_item {
	const char *handle, *sku, *title, *brand, *category;
	struct money price, compare_at;
	int64_t variants;
	bool available;
	const char *image;
	double score;
};
extern const struct shape search_item_shape;
enum err search_items(struct op *op, const struct search_page *page, struct rows *out);

struct search_facet {
	const char *facet, *value, *label;
	int64_t products;
};
extern const struct shape search_facet_shape;
enum err search_facets(struct op *op, const struct search_page *page, struct rows *out);

/* How a query is understood. */
struct search_part {
	const char *part, *how, *means;
	int64_t products;
};
extern const struct shape search_part_shape;
enum err search_explain(struct op *op, const struct search_query *q, struct rows *out);

/* Write every row again; a language other than NULL is that of the words from now on.
 */
struct search_size {
	int64_t products, changed;
};
extern const struct shape search_size_shape;
enum err search_reindex(struct op *op, const char *language, struct search_size *out);

/* Rows that do not say what they should. */
struct search_difference {
	const char *product, *what;
};
extern const struct shape search_difference_shape;
enum err search_verify(struct op *op, struct rows *out);

struct search_synonym {
	const char *word;
	struct texts means;
};
extern const struct shape search_synonym_shape;
enum err search_synonym_list(struct op *op, struct rows *out);
enum err search_synonym_set(struct op *op, const char *word, struct texts means,
	bool mutual, struct rows *out);
enum err search_synonym_remove(
	struct op *op, const char *word, struct search_synonym *out);

/* For the worker: one product, or those that the payload of a job names. */
enum err search_index(struct op *op, int64_t product, const char *payload);

/* What nobody says: prices that are due, at most SEARCH_SWEEP, and stock that was sold.
 */
enum err search_catch_up(struct op *op, int64_t *due);

/* How many units of each product were sold of late. */
enum err search_count_sold(struct op *op);

#endif
