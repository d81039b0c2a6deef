/* shopctl search: what customers find, why, and the index behind it. */
#include "domain/search.h"

#include "base/cli.h"
#include "base/config.h"
#include "base/out.h"

struct asked {
	const char *q, *category;
	struct texts brand, attribute;
	const char *currency, *price_min, *price_max;
	bool in_stock;
	const char *sort;
	struct texts facet;
	const char *cursor;
	int64_t limit;
};

#define FILTERS                                                                        \
	FIELD(asked, q, "WORDS", "what a customer types", FIELD_OPERAND),              \
		FIELD(asked, category, "PATH",                                         \
			"only what is in or below this category"),                     \
		FIELD(asked, brand, "NAME", "only this brand; may be repeated"),       \
		FIELD(asked, attribute, "NAME=VALUE",                                  \
			"only with this; values of one name are alternatives"),        \
		FIELD(asked, currency, "CODE",                                         \
			"prices in this currency (default the shop's)"),               \
		FIELD(asked, price_min, "AMOUNT", "only from this price on"),          \
		FIELD(asked, price_max, "AMOUNT", "only up to this price"),            \
		FIELD(asked, in_stock, NULL, "only what can be had now"),              \
		FIELD(asked, sort, "ORDER",                                            \
			"the order (default relevance; without words, sold)",          \
			.choices = SEARCH_SORTS)

static const struct shape query_args = SHAPE(asked, FILTERS,
	FIELD(asked, facet, "NAME",
		"count by brand, category, price or an attribute; may be repeated"),
	FIELD(asked, cursor, "CURSOR", "go on behind a page, with what it said"),
	FIELD(asked, limit, "N", "at most N", .initial = "24"));

static const struct shape explain_args = SHAPE(asked, FILTERS);

/* "19.99" in the currency asked for; NULL is no bound. */
static enum err price(
	struct op *op, const char *text, const char *currency, int64_t *out)
{
	struct money m;

	*out = -1;
	if (!text)
		return OK;
	TRY(money_parse(op, op_printf(op, "%s %s", text, currency), &m));
	*out = m.minor;
	return OK;
}

static enum err query_of(struct op *op, const struct asked *a, struct search_query *out)
{
	const char *currency = a->currency ? a->currency : op->config->shop.currency;

	if (a->limit < 0 || a->limit > SEARCH_PAGE_MAX)
		return fail(op, E_USAGE, "page_is_bounded", "a page has 1 to %d items",
			SEARCH_PAGE_MAX);
	*out = (struct search_query){ a->q, a->category, a->brand, currency, -1, -1,
		a->attribute, a->in_stock, a->sort, a->facet, a->cursor, a->limit };
	TRY(price(op, a->price_min, currency, &out->price_min));
	return price(op, a->price_max, currency, &out->price_max);
}

static void tell(struct op *op, const struct search_page *page)
{
	if (page->corrected)
		out_note(op, "looked for: %s", page->corrected);
	if (page->many)
		out_note(op, "too many match to be counted");
	else
		out_note(op, "%lld match%s", (long long)page->total,
			page->total == 1 ? "es" : "");
	if (page->next)
		out_note(op, "next page: --cursor '%s'", page->next);
}

static enum err query(struct op *op, const void *args)
{
	struct search_query q;
	struct search_page page;
	struct rows rows;

	TRY(query_of(op, args, &q));
	TRY(search_find(op, &q, &page));
	if (q.facet.n) {
		TRY(search_facets(op, &page, &rows));
		return out_rows(op, &search_facet_shape, rows);
	}
	TRY(search_items(op, &page, &rows));
	TRY(out_rows(op, &search_item_shape, rows));
	if (out_is_table(op))
		tell(op, &page);
	return OK;
}

static enum err explain(struct op *op, const void *args)
{
	struct search_query q;
	struct rows rows;

	TRY(query_of(op, args, &q));
	TRY(search_explain(op, &q, &rows));
	return out_rows(op, &search_part_shape, rows);
}

struct reindex {
	const char *language;
};
static const struct shape reindex_args = SHAPE(reindex,
	FIELD(reindex, language, "NAME", "the language of the catalog from now on"));

static enum err reindex(struct op *op, const void *args)
{
	const struct reindex *a = args;
	struct search_size size;

	TRY(search_reindex(op, a->language, &size));
	return out_one(op, &search_size_shape, &size);
}

static enum err verify(struct op *op, const void *args)
{
	struct rows rows;

	(void)args;
	TRY(search_verify(op, &rows));
	TRY(out_rows(op, &search_difference_shape, rows));
	if (!rows.n)
		return OK;
	fail(op, E_NO, "search_row_is_its_product", "%zu rows differ", rows.n);
	return fail_hint(op, "let shop-worker run, or: shopctl search reindex");
}

static enum err synonym_list(struct op *op, const void *args)
{
	struct rows rows;

	(void)args;
	TRY(search_synonym_list(op, &rows));
	return out_rows(op, &search_synonym_shape, rows);
}

struct synonym {
	const char *word;
	struct texts means;
	bool mutual;
};

static const struct shape synonym_set_args = SHAPE(synonym,
	FIELD(synonym, word, "WORD", "what customers type",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(synonym, means, "WORDS", "what they find as well",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(synonym, mutual, NULL, "and the other way round"));

static enum err synonym_set(struct op *op, const void *args)
{
	const struct synonym *a = args;
	struct rows rows;

	TRY(search_synonym_set(op, a->word, a->means, a->mutual, &rows));
	return out_rows(op, &search_synonym_shape, rows);
}

static const struct shape synonym_remove_args = SHAPE(synonym,
	FIELD(synonym, word, "WORD", "whose synonyms", FIELD_OPERAND | FIELD_REQUIRED));

static enum err synonym_remove(struct op *op, const void *args)
{
	const struct synonym *a = args;
	struct search_synonym gone;

	TRY(search_synonym_remove(op, a->word, &gone));
	return out_one(op, &search_synonym_shape, &gone);
}

const struct command search_commands[] = {
	{ "query", "the page that a customer would see", &query_args, query, 0,
		"shopctl search query 'dgo food' --in-stock\n"
		"shopctl search query --sort price --price-max 20 --format csv\n"
		"shopctl search query lamp --facet brand --facet color",
		"Words are found in titles first, then in brands, categories, tags, "
		"attributes and SKUs, then in descriptions, whatever their ending and "
		"accents; the last one may be typed half. A word that is in no product "
		"is taken for the nearest that is. Only active products are found. "
		"With --facet the counts are printed instead of the page. What changed "
		"in the catalog is found a moment later, when shop-worker has seen it; "
		"prices and stock of a page are those of this moment." },
	{ "explain", "how a query is understood, and how its page is found",
		&explain_args, explain, 0,
		"shopctl search explain 'dgo food'\n"
		"shopctl search explain lamp --price-max 20 --format json" },
	{ "reindex", "write the whole index again", &reindex_args, reindex, CMD_MUTATES,
		"shopctl search reindex\n"
		"shopctl search reindex --language german --dry-run",
		"A thousand products a transaction; nobody waits for it. A language is "
		"one that the database server knows, or simple for none." },
	{ "verify", "prove that the index says what the catalog says", NULL, verify, 0,
		"shopctl search verify\n"
		"shopctl search verify --format json",
		"Exit status 1: rows differ, which they do for a moment after a change "
		"until shop-worker has seen it." },
	{ "synonym list", "words that find others", NULL, synonym_list, 0,
		"shopctl search synonym list\n"
		"shopctl search synonym list --format csv" },
	{ "synonym set", "let a word find others as well", &synonym_set_args,
		synonym_set, CMD_MUTATES,
		"shopctl search synonym set telly television 'tv set'\n"
		"shopctl search synonym set sofa couch --mutual" },
	{ "synonym remove", "let a word find itself alone", &synonym_remove_args,
		synonym_remove, CMD_MUTATES,
		"shopctl search synonym remove telly\n"
		"shopctl search synonym remove sofa --dry-run" },
	{ 0 },
};
