/* The verbs of search. */
#include "domain/search.h"

#include "base/cli.h"
#include "base/config.h"
#include "base/json.h"
#include "db/db.h"

#include <string.h>

enum { REINDEX_BATCH = 1000 };

static const struct shape page_shape = SHAPE(search_page,
	FIELD(search_page, total, .flags = FIELD_OPTIONAL), FIELD(search_page, many),
	FIELD(search_page, corrected), FIELD(search_page, next),
	FIELD(search_page, facets), FIELD(search_page, items));

const struct shape search_item_shape = SHAPE(search_item,
	FIELD(search_item, handle, .flags = FIELD_ID), FIELD(search_item, sku),
	FIELD(search_item, title), FIELD(search_item, brand),
	FIELD(search_item, category), FIELD(search_item, price),
	FIELD(search_item, compare_at, .flags = FIELD_HIDDEN),
	FIELD(search_item, variants, .flags = FIELD_HIDDEN),
	FIELD(search_item, available), FIELD(search_item, image, .flags = FIELD_HIDDEN),
	FIELD(search_item, score));

const struct shape search_facet_shape =
	SHAPE(search_facet, FIELD(search_facet, facet), FIELD(search_facet, value),
		FIELD(search_facet, label), FIELD(search_facet, products));

const struct shape search_part_shape = SHAPE(search_part, FIELD(search_part, part),
	FIELD(search_part, how), FIELD(search_part, means),
	FIELD(search_part, products, .flags = FIELD_OPTIONAL));

const struct shape search_size_shape =
	SHAPE(search_size, FIELD(search_size, products), FIELD(search_size, changed));

const struct shape search_difference_shape = SHAPE(search_difference,
	FIELD(search_difference, product), FIELD(search_difference, what));

const struct shape search_synonym_shape = SHAPE(search_synonym,
	FIELD(search_synonym, word, .flags = FIELD_ID), FIELD(search_synonym, means));

/* -1 is no bound. */
static struct value bound(struct op *op, int64_t v)
{
	return v < 0 ? V((const char *)NULL) : V(v);
}

static const char *currency_of(struct op *op, const struct search_query *q)
{
	return q->currency ? q->currency : op->config->shop.currency;
}

enum err search_find(
	struct op *op, const struct search_query *q, struct search_page *out)
{
	return db_one(op, "search_query", &page_shape, out, V(q->q), V(q->category),
		V(q->brand), V(currency_of(op, q)), bound(op, q->price_min),
		bound(op, q->price_max), V(q->attribute), V(q->in_stock), V(q->sort),
		V(q->facet), V(q->cursor), V(q->limit));
}

enum err search_items(struct op *op, const struct search_page *page, struct rows *out)
{
	struct json_reader reader = { .op = op };
	const struct json *items;

	TRY(json_parse(op, page->items.s, strlen(page->items.s), &items));
	*out = json_bind_rows(&reader, items, "", &search_item_shape);
	return json_done(&reader);
}

/* {"brand": [{"value", "label", "products"}]} as rows. */
enum err search_facets(struct op *op, const struct search_page *page, struct rows *out)
{
	struct search_facet *all = NULL;
	const struct json *facets, *facet, *row;
	size_t n = 0;

	TRY(json_parse(op, page->facets.s, strlen(page->facets.s), &facets));
	for (facet = json_first(facets); facet; facet = json_next(facet))
		n += json_count(facet);
	all = op_alloc(op, (n + 1) * sizeof *all);
	*out = (struct rows){ all, n };
	for (facet = json_first(facets); facet; facet = json_next(facet)) {
		for (row = json_first(facet); row; row = json_next(row), all++) {
			all->facet = json_name(facet);
			all->value = json_string(json_get(row, "value"));
			all->label = json_string(json_get(row, "label"));
			json_int(json_get(row, "products"), &all->products);
		}
	}
	return OK;
}

enum err search_explain(struct op *op, const struct search_query *q, struct rows *out)
{
	return db_rows(op, "search_explain", &search_part_shape, out, V(q->q),
		V(q->category), V(q->brand), V(currency_of(op, q)),
		bound(op, q->price_min), bound(op, q->price_max), V(q->attribute),
		V(q->in_stock), V(q->sort));
}

/* How far a walk over the products went; last is 0 behind the last. */
struct step {
	int64_t last, products, changed;
};
static const struct shape step_shape =
	SHAPE(step, FIELD(step, last, .flags = FIELD_OPTIONAL), FIELD(step, products),
		FIELD(step, changed));

enum err search_reindex(struct op *op, const char *language, struct search_size *out)
{
	struct step s = { 0 };

	*out = (struct search_size){ 0 };
	op->timeout_ms = 0;
	TRY(db_do(op, "search_reindex_begin", V(language)));
	do {
		if (cli_interrupted())
			return fail(op, E_BUSY, "search_is_whole", "interrupted");
		TRY(db_one(op, "search_reindex", &step_shape, &s, V(s.last),
			V(REINDEX_BATCH)));
		out->products += s.products;
		out->changed += s.changed;
	} while (s.last);
	return OK;
}

struct verified {
	int64_t last;
	const char *product, *what;
};
static const struct shape verified_shape =
	SHAPE(verified, FIELD(verified, last, .flags = FIELD_OPTIONAL),
		FIELD(verified, product), FIELD(verified, what));

/* The rows that name a product, behind those there are. */
static int64_t take(struct op *op, struct rows found, struct rows *all)
{
	struct search_difference *d = op_grow(
		op, all->items, all->n * sizeof *d, (all->n + found.n) * sizeof *d + 1);
	const struct verified *v = NULL;
	size_t i;

	all->items = d;
	for (i = 0; i < found.n; i++) {
		v = row_at(&verified_shape, found, i);
		if (v->product)
			d[all->n++] = (struct search_difference){ v->product, v->what };
	}
	return v ? v->last : 0;
}

enum err search_verify(struct op *op, struct rows *out)
{
	struct rows found;
	int64_t last = 0;

	*out = (struct rows){ 0 };
	op->timeout_ms = 0;
	TRY(db_do_values(op, "search_verify_begin", NULL, 0));
	do {
		TRY(db_rows(op, "search_verify", &verified_shape, &found, V(last),
			V(REINDEX_BATCH)));
		last = take(op, found, out);
	} while (last && !cli_interrupted());
	TRY(db_rows_values(
		op, "search_verify_terms", &verified_shape, &found, NULL, 0));
	take(op, found, out);
	return OK;
}

enum err search_synonym_list(struct op *op, struct rows *out)
{
	return db_rows_values(
		op, "search_synonym_list", &search_synonym_shape, out, NULL, 0);
}

enum err search_synonym_set(struct op *op, const char *word, struct texts means,
	bool mutual, struct rows *out)
{
	return db_rows(op, "search_synonym_set", &search_synonym_shape, out, V(word),
		V(means), V(mutual));
}

enum err search_synonym_remove(
	struct op *op, const char *word, struct search_synonym *out)
{
	return db_one(op, "search_synonym_remove", &search_synonym_shape, out, V(word));
}

enum err search_index(struct op *op, int64_t product, const char *payload)
{
	struct json_text names = { payload };

	return db_do(op, "search_index", V(product), V(names));
}

struct swept {
	int64_t due;
};
static const struct shape swept_shape = SHAPE(swept, FIELD(swept, due));

enum err search_catch_up(struct op *op, int64_t *due)
{
	struct swept s;

	TRY(db_one(op, "search_catch_up", &swept_shape, &s, V(SEARCH_SWEEP)));
	*due = s.due;
	return OK;
}

enum err search_count_sold(struct op *op)
{
	return db_do_values(op, "search_count_sold", NULL, 0);
}
