/* What is bought together: to six digits, and the same however it was counted. */
#include "domain/recommend.h"
#include "test.h"

/*
 * A thousand baskets.  BREAD is in 400, BUTTER in 250, both in 200; everything else is
 * chance: MILK in every third, TEA in every seventh.
 */
#define BASKETS                                                                        \
	"INSERT INTO sale_history (source, external_id, at, currency, customer, "      \
	"digest, run_id) SELECT 't', i::text, now(), 'EUR', (i % 50)::text, '', 1 "    \
	"FROM generate_series(1, 1000) i;"                                             \
	"INSERT INTO sale_history_line (history_id, n, sku, title, qty, unit_price, "  \
	"amount, rest) SELECT h.id, row_number() OVER (PARTITION BY h.id), s.sku, "    \
	"lower(s.sku), 1, 1, 100, 0 FROM sale_history h, LATERAL (SELECT "             \
	"external_id::int AS i) x, LATERAL (VALUES ('BREAD', i <= 400), ('BUTTER', "   \
	"i BETWEEN 201 AND 450), ('MILK', i % 3 = 0), ('TEA', i % 7 = 0), ('SALT', "   \
	"true)) AS s (sku, has) WHERE s.has;"                                          \
	"INSERT INTO together_todo (history_id) SELECT id FROM sale_history;"

static void fold(struct op *op, int64_t most)
{
	int64_t folded;
	bool more = true;

	while (more)
		CHECK(recommend_fold(op, most, &folded, &more) == OK);
}

/* All counts as one text, by name: the numbers of products may differ. */
#define COUNTS                                                                         \
	"SELECT md5(string_agg(x, ';' ORDER BY x)) FROM (SELECT sku || baskets AS x "  \
	"FROM together_item UNION ALL SELECT least(i.sku, j.sku) || greatest(i.sku, "  \
	"j.sku) || p.baskets FROM together_pair p JOIN together_item i ON i.id = p.a " \
	"JOIN together_item j ON j.id = p.b UNION ALL SELECT customer || sku FROM "    \
	"together_customer UNION ALL SELECT baskets || '/' || skipped FROM "           \
	"together_total) s"

TEST(a_known_pair_has_its_figures_to_six_digits)
{
	struct recommend_why why;
	const struct recommended *r;
	struct rows rows;

	GIVEN(BASKETS);
	fold(op, 1000);
	CHECK(recommend_explain(op, "BREAD", "BUTTER", &why) == OK);
	SAME(1000, why.baskets);
	SAME(400, why.with_a);
	SAME(250, why.with_b);
	SAME(200, why.together);
	SAME("0.200000 0.500000 0.800000 2.000000",
		op_printf(op, "%.6f %.6f %.6f %.6f", why.support, why.confidence,
			why.confidence_back, why.lift));
	CHECK(recommend_explain(op, "TEA", "MILK", &why) == OK);
	SAME("0.047000 0.330986 0.993952", /* 47 of 142 and 333 */
		op_printf(op, "%.6f %.6f %.6f", why.support, why.confidence, why.lift));
	CHECK(recommend_product(op, "BREAD", 10, true, &rows) == OK);
	r = rows.items;
	SAME("BUTTER", r[0].other);
	SAME("butter", r[0].title);
	SAME("2.000000", op_printf(op, "%.6f", r[0].lift));
	CHECK(recommend_product(op, "BREAD", 10, false, &rows) == OK);
	SAME(0, rows.n); /* the catalogue sells none of it */
}

TEST(batches_and_a_rebuild_count_the_same)
{
	struct recommend_size size;
	const char *before;

	GIVEN(BASKETS);
	fold(op, 37);
	before = ASK(COUNTS);
	CHECK(recommend_rebuild(op, &size) == OK);
	SAME(1000, size.baskets);
	SAME(10, size.pairs);
	SAME(before, ASK(COUNTS));
	SAME("0", ASK("SELECT count(*) FROM together_todo"));
}

TEST(a_rare_pair_is_not_offered_and_a_huge_basket_not_counted)
{
	struct recommend_size size;
	struct rows rows;

	GIVEN(BASKETS "UPDATE setting SET value = '0.21' WHERE name = "
		      "'recommend.min_support'");
	fold(op, 1000);
	CHECK(recommend_product(op, "BUTTER", 10, true, &rows) == OK);
	SAME(1, rows.n); /* SALT, which everybody buys */
	GIVEN("UPDATE setting SET value = '3' WHERE name = 'recommend.basket_max'");
	CHECK(recommend_rebuild(op, &size) == OK);
	SAME(ASK("SELECT count(*) FROM (SELECT 1 FROM sale_history_line GROUP BY "
		 "history_id HAVING count(*) > 3) x"),
		op_printf(op, "%lld", (long long)size.skipped));
}

TEST(a_customer_is_offered_what_is_new_and_why)
{
	const struct recommended *r;
	struct rows rows;

	GIVEN(BASKETS "INSERT INTO together_customer VALUES ('9', 'BUTTER'), ('9', "
		      "'SALT');");
	fold(op, 1000);
	CHECK(recommend_customer(op, "9", 10, true, &rows) == OK);
	SAME(3, rows.n); /* and MILK and TEA, a little above chance; SALT is known */
	r = rows.items;
	SAME("BREAD", r[0].other);
	SAME("BUTTER", r[0].because);
	SAME("0.800000", op_printf(op, "%.6f", r[0].confidence));
	REFUSED("customer_has_bought", recommend_customer(op, "10", 10, true, &rows));
}

TEST(a_product_that_nobody_knows_is_absent)
{
	struct rows rows;

	REFUSED("variant_exists", recommend_product(op, "NONE", 10, true, &rows));
}
