/* Checkouts: what is placed, what is refused, and that both paths agree. */
#include "domain/checkout_call.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

/* DOG: 5 in MAIN and 3 in EAST; CAT: 100 in EAST only; BIRD is not for sale, FISH has
 * no price. */
#define SHOP                                                                           \
	"INSERT INTO warehouse (code, priority, open) VALUES ('MAIN', 1, true),"       \
	" ('EAST', 2, true), ('SHUT', 0, false);"                                      \
	"INSERT INTO product (handle, title, status) VALUES ('t', 'T', 'active');"     \
	"INSERT INTO variant (product_id, sku, options, title, sellable) SELECT "      \
	"p.id, s, ARRAY[s],"                                                           \
	" 'Title of ' || s, s <> 'BIRD' FROM product p,"                               \
	" unnest('{DOG,CAT,BIRD,FISH}'::text[]) s WHERE handle = 't';"                 \
	"INSERT INTO price (variant_id, currency, amount) SELECT id, 'EUR', 1000"      \
	" FROM variant WHERE sku IN ('DOG', 'CAT', 'BIRD');"                           \
	"INSERT INTO stock (variant_id, warehouse_id, on_hand) SELECT v.id, w.id, n"   \
	" FROM (VALUES ('DOG', 'MAIN', 5), ('DOG', 'EAST', 3), ('CAT', 'EAST', 100),"  \
	" ('DOG', 'SHUT', 50), ('BIRD', 'MAIN', 9), ('FISH', 'MAIN', 9)) s (sku, "     \
	"code, n)"                                                                     \
	" JOIN variant v USING (sku) JOIN warehouse w USING (code);"

#define LINES(...)                                                                     \
	(struct checkout_line[]){ __VA_ARGS__ },                                       \
		sizeof((struct checkout_line[]){ __VA_ARGS__ }) /                      \
			sizeof(struct checkout_line)

static void close_op(void *own)
{
	op_close(own);
}

static struct checkout *want(
	struct op *op, const char *key, const struct checkout_line *lines, size_t n)
{
	struct checkout *c = op_alloc(op, sizeof *c);

	c->op = op_alloc(op, sizeof *c->op);
	op_open(c->op, op->config, op->verb);
	op_defer(op, close_op, c->op);
	c->client_id = 1;
	c->key = key;
	c->currency = "EUR";
	c->expected_total = CHECKOUT_ANY_TOTAL;
	c->email = "ada@example.com";
	c->address = "{\"city\": \"Berlin\"}";
	c->lines = op_alloc(op, n * sizeof *lines);
	memcpy(c->lines, lines, n * sizeof *lines);
	c->line_count = n;
	CHECK(checkout_check(c) == OK);
	checkout_fingerprint(c);
	return c;
}

static enum err place(struct op *op, struct checkout **batch, size_t n)
{
	struct checkout_ids *ids = checkout_ids_new();
	enum err e = checkout_place_exact(op, ids, batch, n);

	checkout_ids_free(ids);
	return e;
}

/* Placed alone; what went wrong is its rule. */
static const char *fate(struct op *op, struct checkout *c)
{
	CHECK(place(op, &c, 1) == OK);
	return c->err == OK ? c->replayed ? "replayed" : "placed" : c->op->fault.rule;
}

static const char *fate_of(
	struct op *op, const char *key, const struct checkout_line *lines, size_t n)
{
	return fate(op, want(op, key, lines, n));
}

#define RESERVED(sku_, code_)                                                          \
	ASK("SELECT reserved FROM stock JOIN variant v ON v.id = variant_id"           \
	    " JOIN warehouse w ON w.id = warehouse_id WHERE sku = '" sku_              \
	    "' AND code = '" code_ "'")

TEST(an_order_has_lines_contact_payment_and_jobs)
{
	struct checkout *c = want(op, "a", LINES({ "DOG", 2 }, { "CAT", 1 }));

	GIVEN(SHOP);
	SAME("placed", fate(op, c));
	SAME("pending", c->state);
	SAME(3000, c->total.minor);
	SAME("EUR", c->total.currency);
	SAME("2", RESERVED("DOG", "MAIN"));
	SAME("1", RESERVED("CAT", "EAST"));
	SAME("1 DOG 2 1000 active,2 CAT 1 1000 active",
		ASK("SELECT string_agg(concat_ws(' ', n, sku, qty, unit_price,"
		    " stock_state), ',' ORDER BY n) FROM order_line"));
	SAME("ada@example.com {\"city\": \"Berlin\"}",
		ASK("SELECT concat_ws(' ', email, address) FROM order_contact"));
	SAME("new t 3000",
		ASK("SELECT concat_ws(' ', p.state, live, amount) FROM payment p"
		    " JOIN orders o ON o.id = p.id AND o.id = p.order_id"));
	SAME("payment.submit",
		ASK("SELECT kind FROM job JOIN orders o ON o.id = subject"
		    " AND o.trace = job.trace"));
	SAME("reservation.expire",
		ASK("SELECT kind FROM job_later JOIN orders o ON o.id = subject"
		    " AND o.trace = job_later.trace AND run_at = o.expires_at"
		    " AND o.expires_at = now() + interval '15 min'"));
}

TEST(the_last_units_are_sold_once)
{
	struct checkout *c = want(op, "b", LINES({ "DOG", 2 }));

	GIVEN(SHOP);
	SAME("placed", fate_of(op, "a", LINES({ "DOG", 7 })));
	SAME("stock_never_oversold", fate(op, c));
	SAME("only 1 of DOG left", c->op->fault.text);
	SAME("placed", fate_of(op, "c", LINES({ "DOG", 1 })));
	SAME("stock_never_oversold", fate_of(op, "d", LINES({ "DOG", 1 })));
	SAME("8", ASK("SELECT sum(reserved) FROM stock"));
}

TEST(a_refused_order_leaves_nothing_and_gives_back_what_it_took)
{
	struct checkout *batch[] = { want(op, "a", LINES({ "DOG", 6 }, { "CAT", 101 })),
		want(op, "b", LINES({ "DOG", 8 })),
		want(op, "c", LINES({ "DOG", 1 })) };

	GIVEN(SHOP);
	CHECK(place(op, batch, 3) == OK);
	SAME("only 100 of CAT left", batch[0]->op->fault.text);
	SAME(OK, batch[1]->err);
	SAME("only 0 of DOG left", batch[2]->op->fault.text);
	SAME("1 2 1 1 1 1",
		ASK("SELECT concat_ws(' ', (SELECT count(*) FROM orders),"
		    " (SELECT count(*) FROM order_line), (SELECT count(*) FROM "
		    "payment),"
		    " (SELECT count(*) FROM order_contact), (SELECT count(*) FROM job),"
		    " (SELECT count(*) FROM job_later))"));
	SAME("0", RESERVED("CAT", "EAST"));
}

TEST(a_line_that_needs_two_warehouses_becomes_two_lines)
{
	GIVEN(SHOP);
	SAME("placed", fate_of(op, "a", LINES({ "DOG", 6 }, { "CAT", 1 })));
	SAME("1 DOG MAIN 5,2 DOG EAST 1,3 CAT EAST 1",
		ASK("SELECT string_agg(concat_ws(' ', n, sku, code, qty), ',' ORDER BY "
		    "n)"
		    " FROM order_line l JOIN warehouse w ON w.id = l.warehouse_id"));
	SAME("0", RESERVED("DOG", "SHUT"));
}

TEST(what_cannot_be_sold_is_refused_by_name)
{
	struct checkout *cent = want(op, "e", LINES({ "DOG", 1 }));

	GIVEN(SHOP "UPDATE price SET valid_until = now() WHERE variant_id ="
		   " (SELECT id FROM variant WHERE sku = 'CAT')");
	SAME("sku_is_known", fate_of(op, "a", LINES({ "DOG", 1 }, { "COW", 1 })));
	SAME("sku_is_sellable", fate_of(op, "b", LINES({ "BIRD", 1 })));
	SAME("price_is_set", fate_of(op, "c", LINES({ "FISH", 1 })));
	SAME("price_is_set", fate_of(op, "d", LINES({ "CAT", 1 })));
	cent->expected_total = 1001;
	SAME("order_total_is_agreed", fate(op, cent));
	SAME(E_REFUSED, cent->err);
	SAME("0 0", ASK("SELECT concat_ws(' ', (SELECT count(*) FROM order_line),"
			" (SELECT sum(reserved) FROM stock))"));
}

TEST(nothing_to_pay_is_refused)
{
	GIVEN(SHOP "UPDATE price SET amount = 0");
	SAME("order_total_is_positive", fate_of(op, "a", LINES({ "DOG", 1 })));
}

TEST(what_the_database_cannot_take_is_told_to_who_asks_alone)
{
	struct checkout *c = want(op, "k", LINES({ "DOG", 1 }));

	GIVEN(SHOP);
	c->op = op; /* an operator's checkout has the command's own op */
	c->address = "{not json";
	CHECK(place(op, &c, 1) == OK && c->err == E_DATA);
	SAME("value_is_valid", op->fault.rule);
}

TEST(a_key_opens_one_order)
{
	struct checkout *first = want(op, "a", LINES({ "DOG", 1 }));
	struct checkout *second = want(op, "a", LINES({ "DOG", 1 }));
	struct checkout *theirs = want(op, "a", LINES({ "DOG", 1 }));
	struct checkout *other = want(op, "a", LINES({ "DOG", 2 }));

	GIVEN(SHOP);
	theirs->client_id = 2;
	SAME("placed", fate(op, first));
	GIVEN("UPDATE price SET amount = 7");
	SAME("replayed", fate(op, second));
	SAME(first->id, second->id);
	SAME(1000, second->total.minor);
	SAME("order_key_names_one_request", fate(op, other));
	SAME(E_DATA, other->err);
	SAME("placed", fate(op, theirs));
	SAME(7, theirs->total.minor);
}

TEST(a_key_twice_in_one_batch_opens_one_order)
{
	struct checkout *batch[] = { want(op, "a", LINES({ "DOG", 9 })),
		want(op, "a", LINES({ "DOG", 1 })), want(op, "a", LINES({ "DOG", 1 })),
		want(op, "a", LINES({ "DOG", 9 })) };

	GIVEN(SHOP);
	CHECK(place(op, batch, 4) == OK);
	SAME("stock_never_oversold", batch[0]->op->fault.rule);
	SAME(OK, batch[1]->err);
	CHECK(!batch[1]->replayed);
	SAME(OK, batch[2]->err);
	CHECK(batch[2]->replayed);
	SAME(batch[1]->id, batch[2]->id);
	SAME("order_key_names_one_request", batch[3]->op->fault.rule);
	SAME("1", ASK("SELECT count(*) FROM orders"));
}

TEST(two_lines_of_one_sku_are_one)
{
	GIVEN(SHOP);
	SAME("placed",
		fate_of(op, "a", LINES({ "DOG", 1 }, { "CAT", 1 }, { "DOG", 2 })));
	SAME("1 DOG 3,2 CAT 1",
		ASK("SELECT string_agg(concat_ws(' ', n, sku, qty), ',' ORDER BY n)"
		    " FROM order_line"));
}

/* Everything a batch wrote, but for ids of jobs. */
#define WRITTEN                                                                        \
	ASK("SELECT md5(concat((SELECT string_agg(o::text, ';' ORDER BY id) FROM "     \
	    "orders o),"                                                               \
	    " (SELECT string_agg(l::text, ';' ORDER BY order_id, n) FROM order_line "  \
	    "l),"                                                                      \
	    " (SELECT string_agg(p::text, ';' ORDER BY id) FROM payment p),"           \
	    " (SELECT string_agg(c::text, ';' ORDER BY order_id) FROM order_contact "  \
	    "c),"                                                                      \
	    " (SELECT string_agg(s::text, ';' ORDER BY variant_id, warehouse_id)"      \
	    " FROM stock s), (SELECT string_agg(concat_ws(' ', kind, subject, "        \
	    "trace), ';'"                                                              \
	    " ORDER BY subject) FROM job), (SELECT string_agg(concat_ws(' ', kind,"    \
	    " subject, trace, run_at), ';' ORDER BY subject) FROM job_later)))")

TEST(both_paths_write_the_same)
{
	struct checkout *batch[3];
	const char *fast;
	size_t i;

	GIVEN(SHOP "SAVEPOINT clean");
	for (i = 0; i < 3; i++)
		batch[i] = want(op, op_printf(op, "k%zu", 9 - i),
			LINES({ "CAT", (int64_t)i + 1 }, { "DOG", 1 }));
	for (i = 0; i < 3; i++)
		batch[i]->id = ((int64_t)i + 1) << 10;
	CHECK(checkout_call(op, "order_place_fast", batch, 3) == OK);
	fast = WRITTEN;
	GIVEN("ROLLBACK TO clean");
	CHECK(checkout_call(op, "order_place", batch, 3) == OK);
	SAME(fast, WRITTEN);
	SAME("3", ASK("SELECT count(*) FROM orders"));
}

TEST(the_fast_path_refuses_a_batch_with_one_bad_order)
{
	struct checkout *spread[] = { want(op, "a", LINES({ "CAT", 1 })),
		want(op, "b", LINES({ "DOG", 6 })) };
	struct checkout *wrong[] = { want(op, "a", LINES({ "CAT", 1 })),
		want(op, "b", LINES({ "COW", 1 })) };
	struct checkout *twice[] = { want(op, "a", LINES({ "CAT", 1 })),
		want(op, "a", LINES({ "CAT", 1 })) };

	GIVEN(SHOP);
	spread[0]->id = wrong[0]->id = twice[0]->id = 1024;
	spread[1]->id = wrong[1]->id = twice[1]->id = 2048;
	REFUSED("stock_never_oversold",
		checkout_call(op, "order_place_fast", spread, 2));
	REFUSED("batch_is_clean", checkout_call(op, "order_place_fast", wrong, 2));
	REFUSED("order_key_used_once", checkout_call(op, "order_place_fast", twice, 2));
	wrong[1]->lines[0].sku = "CAT";
	wrong[1]->expected_total = 999;
	REFUSED("batch_is_clean", checkout_call(op, "order_place_fast", wrong, 2));
	wrong[1]->expected_total = 1000;
	CHECK(checkout_call(op, "order_place_fast", wrong, 2) == OK);
}

TEST(a_short_sku_is_remembered)
{
	struct checkout *c = want(op, "a", LINES({ "RARE", 9 }));

	GIVEN(SHOP "UPDATE variant SET sku = 'RARE' WHERE sku = 'DOG'");
	CHECK(!checkout_short(c));
	SAME("stock_never_oversold", fate(op, c));
	CHECK(checkout_short(want(op, "b", LINES({ "RARE", 1 }))));
	CHECK(!checkout_short(want(op, "c", LINES({ "RARER", 1 }))));
}

/* A shop of four SKUs in two warehouses, as simple as it can be written. */
struct model {
	int64_t free[4][2];
};

static bool model_place(struct model *m, const struct checkout *c)
{
	struct model after = *m;
	size_t i, w;

	for (i = 0; i < c->line_count; i++) {
		int64_t need = c->lines[i].qty,
			*free = after.free[c->lines[i].sku[1] - '0'];

		for (w = 0; w < 2; w++) {
			int64_t take = need < free[w] ? need : free[w];

			free[w] -= take;
			need -= take;
		}
		if (need)
			return false;
	}
	*m = after;
	return true;
}

TEST(whatever_comes_the_model_agrees)
{
	struct model m = { { { 40, 10 }, { 0, 50 }, { 30, 0 }, { 25, 25 } } };
	unsigned seed = 1;
	size_t round, i, j;

	GIVEN("INSERT INTO warehouse (code, priority) VALUES ('W0', 1), ('W1', 2);"
	      "INSERT INTO product (handle, title) VALUES ('t', 'T');"
	      "INSERT INTO variant (product_id, sku, title, options) SELECT id, 'S' || "
	      "i, 'S', ARRAY[i::text]"
	      " FROM product, generate_series(0, 3) i WHERE handle = 't';"
	      "INSERT INTO price (variant_id, currency, amount) SELECT id, 'EUR', 5 "
	      "FROM variant;"
	      "INSERT INTO stock (variant_id, warehouse_id, on_hand) SELECT v.id, "
	      "w.id, n"
	      " FROM (VALUES ('S0', 'W0', 40), ('S0', 'W1', 10), ('S1', 'W1', 50),"
	      " ('S2', 'W0', 30), ('S3', 'W0', 25), ('S3', 'W1', 25)) s (sku, code, n)"
	      " JOIN variant v USING (sku) JOIN warehouse w USING (code)");
	for (round = 0; round < 12; round++) {
		struct checkout *batch[8];
		size_t n = 1 + (size_t)rand_r(&seed) % 8;

		for (i = 0; i < n; i++) {
			struct checkout_line lines[3];
			size_t count = 1 + (size_t)rand_r(&seed) % 3;

			for (j = 0; j < count; j++)
				lines[j] = (struct checkout_line){
					op_printf(op, "S%d", rand_r(&seed) % 4),
					1 + rand_r(&seed) % 6
				};
			batch[i] = want(
				op, op_printf(op, "%zu-%zu", round, i), lines, count);
		}
		CHECK(place(op, batch, n) == OK);
		for (i = 0; i < n; i++)
			SAME(model_place(&m, batch[i]), batch[i]->err == OK);
	}
	for (i = 0; i < 4; i++)
		SAME(op_printf(op, "%d %d", (int)m.free[i][0], (int)m.free[i][1]),
			ASK(op_printf(op,
				"SELECT string_agg(coalesce(on_hand - reserved, 0)"
				"::text, ' ' ORDER BY w.id) FROM warehouse w LEFT JOIN "
				"stock s"
				" ON s.warehouse_id = w.id AND s.variant_id = (SELECT "
				"id FROM"
				" variant WHERE sku = 'S%zu')",
				i)));
}

TEST(a_client_sees_its_own_checkouts_only)
{
	struct checkout *c = want(op, "a", LINES({ "DOG", 6 }));
	struct checkout_view view;

	GIVEN(SHOP);
	SAME("placed", fate(op, c));
	CHECK(checkout_get(op, 1, c->id, &view) == OK);
	SAME("pending", view.state);
	SAME("new", view.payment_state);
	SAME(6000, view.total.minor);
	SAME("[{\"qty\": 6, \"sku\": \"DOG\", \"title\": \"Title of DOG\", "
	     "\"discount\": 0, \"unit_price\": 1000}]",
		view.lines.s);
	REFUSED("checkout_exists", checkout_get(op, 2, c->id, &view));
}
