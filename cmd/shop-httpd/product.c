/* GET /v1/products...: what a storefront shows.  On connections of its own. */
#include "domain/product.h"

#include "base/config.h"
#include "base/json.h"
#include "domain/recommend.h"
#include "domain/search.h"
#include "shop-httpd/door.h"
#include "shop-httpd/query.h"
#include "shop-httpd/route.h"

#include <string.h>

/* Prices and stock are those of the moment, so that nobody keeps them for long. */
static const char FRESH[] = "private, max-age=5", STEADY[] = "private, max-age=300";

struct listing {
	struct search_query query;
	struct search_page page;
};

/* The members of search_query, under the names that a URL has. */
static const struct shape list_shape = SHAPE(search_query, FIELD(search_query, q),
	FIELD(search_query, category), FIELD(search_query, brand),
	FIELD(search_query, attribute), FIELD(search_query, currency),
	FIELD(search_query, price_min, .initial = "-1"),
	FIELD(search_query, price_max, .initial = "-1"), FIELD(search_query, in_stock),
	FIELD(search_query, sort, .choices = SEARCH_SORTS), FIELD(search_query, facet),
	FIELD(search_query, cursor), FIELD(search_query, limit, .initial = "24"));

/* What is wrong with a query string is the URL's fault: 400. */
static void answer_asked(struct request *r)
{
	if (r->op.fault.code == E_DATA)
		r->op.fault.code = E_USAGE;
	answer_fault(r);
}

static void find(struct request *r)
{
	struct listing *l = r->of;

	search_find(&r->op, &l->query, &l->page);
}

static void found(struct request *r)
{
	const struct listing *l = r->of;
	struct json_writer w = { .op = &r->op };

	if (r->op.fault.code != OK) {
		answer_asked(r);
		return;
	}
	json_object(&w, NULL);
	json_put_raw(&w, "items", l->page.items.s);
	if (l->page.many)
		json_put(&w, "total", NULL);
	else
		json_put_int(&w, "total", l->page.total);
	json_put(&w, "next", l->page.next);
	json_put(&w, "corrected", l->page.corrected);
	json_put_raw(&w, "facets", l->page.facets.s);
	json_close(&w);
	answer_cached(r, w.text, FRESH);
}

static enum err check(struct request *r, const struct search_query *q)
{
	if (q->limit < 1 || q->limit > SEARCH_PAGE_MAX)
		return fail(&r->op, E_USAGE, "page_is_bounded", "limit is 1 to %d",
			SEARCH_PAGE_MAX);
	if (q->price_min < -1 || q->price_max < -1)
		return fail(&r->op, E_USAGE, "price_is_not_negative",
			"a price is in minor units, 0 or more");
	if (q->currency && money_exponent(q->currency) < 0)
		return fail(&r->op, E_USAGE, "currency_is_known",
			"%s is not an ISO 4217 code", q->currency);
	return OK;
}

static void list(struct request *r)
{
	struct listing *l = op_alloc(&r->op, sizeof *l);

	r->of = l;
	if (query_read(r, &list_shape, &l->query) != OK || check(r, &l->query) != OK)
		answer_fault(r);
	else
		pool_run(r->door->storefront, r, find, found);
}

void products_list(struct request *r)
{
	client_admit(r, "catalog", list);
}

static void search(struct request *r)
{
	struct listing *l = op_alloc(&r->op, sizeof *l);

	r->of = l;
	if (query_read(r, &list_shape, &l->query) == OK && !l->query.q)
		fail(&r->op, E_USAGE, "parameter_is_given", "what is looked for is q");
	if (r->op.fault.code != OK || check(r, &l->query) != OK)
		answer_fault(r);
	else
		pool_run(r->door->storefront, r, find, found);
}

void products_search(struct request *r)
{
	client_admit(r, "catalog", search);
}

struct looked_at {
	const char *currency;
	int64_t limit;
	struct product_shown shown;
	struct rows others;
};

static const struct shape look_shape = SHAPE(looked_at, FIELD(looked_at, currency));

static void look(struct request *r)
{
	struct looked_at *l = r->of;

	product_offer(&r->op, r->tail, l->currency, &l->shown);
}

static void looked(struct request *r)
{
	const struct looked_at *l = r->of;

	if (r->op.fault.code != OK)
		answer_fault(r);
	else
		answer_cached(r, l->shown.product.s, FRESH);
}

static void get(struct request *r)
{
	struct looked_at *l = op_alloc(&r->op, sizeof *l);

	r->of = l;
	if (query_read(r, &look_shape, l) != OK)
		answer_fault(r);
	else
		pool_run(r->door->storefront, r, look, looked);
}

void product_get(struct request *r)
{
	client_admit(r, "catalog", get);
}

static const struct shape recommend_shape =
	SHAPE(looked_at, FIELD(looked_at, limit, .initial = "10"));

static void recommend(struct request *r)
{
	struct looked_at *l = r->of;

	recommend_product(&r->op, r->tail, l->limit, false, &l->others);
}

static void recommended(struct request *r)
{
	const struct looked_at *l = r->of;
	struct json_writer w = { .op = &r->op };
	size_t i;

	if (r->op.fault.code != OK) {
		answer_fault(r);
		return;
	}
	json_object(&w, NULL);
	json_array(&w, "items");
	for (i = 0; i < l->others.n; i++) {
		const struct recommended *o = row_at(&recommended_shape, l->others, i);

		json_object(&w, NULL);
		json_put(&w, "sku", o->other);
		json_put(&w, "title", o->title);
		json_put_int(&w, "together", o->together);
		json_close(&w);
	}
	json_close(&w);
	json_close(&w);
	answer_cached(r, w.text, STEADY);
}

static void recommendations(struct request *r)
{
	struct looked_at *l = op_alloc(&r->op, sizeof *l);

	r->of = l;
	if (query_read(r, &recommend_shape, l) == OK &&
		(l->limit < 1 || l->limit > SEARCH_PAGE_MAX))
		fail(&r->op, E_USAGE, "page_is_bounded", "limit is 1 to %d",
			SEARCH_PAGE_MAX);
	if (r->op.fault.code != OK)
		answer_fault(r);
	else
		pool_run(r->door->storefront, r, recommend, recommended);
}

void product_recommendations(struct request *r)
{
	client_admit(r, "catalog", recommendations);
}
