/* Counts: only what is different is posted, whatever moves meanwhile. */
#include "domain/stock_count.h"

#include "domain/stock.h"
#include "domain/units_file.h"
#include "test.h"

#include <string.h>

#define SHELVES                                                                        \
	"INSERT INTO warehouse (code) VALUES ('AMS');"                                 \
	"INSERT INTO product (handle, title, status) VALUES ('p', 'P', 'active');"     \
	"INSERT INTO variant (product_id, sku, title, options) SELECT id, s, s, "      \
	"ARRAY[s] FROM product, unnest('{MUG,CUP}'::text[]) s;"                        \
	"SELECT api.stock_adjust(s, 'AMS', 10) FROM unnest('{MUG,CUP}'::text[]) s"
#define MUGS                                                                           \
	"SELECT on_hand FROM stock JOIN variant v ON v.id = variant_id WHERE sku = "   \
	"'MUG'"
#define FSCK                                                                           \
	"SELECT coalesce(string_agg(code || ' ' || detail, ', '), '')"                 \
	" FROM api.fsck('{stock}', NULL, NULL)"

static enum err start(struct op *op, const char *key, const char *like, int64_t *id)
{
	const char **v = op_alloc(op, sizeof *v);
	struct stock_count c = { 0 };
	struct count_wish w = { key, "AMS", { v, like ? 1 : 0 }, true, "spot" };
	enum err e;

	v[0] = like;
	e = count_start(op, &w, &c);
	*id = c.id;
	return e;
}

static enum err found(struct op *op, int64_t id, const char *line, bool add)
{
	const char **v = op_alloc(op, sizeof *v);
	struct count_finding f = { .id = id, .add = add };
	struct stock_count c = { 0 };

	v[0] = line;
	CHECK(units_all(op, NULL, (struct texts){ v, 1 }, (struct money){ 0 },
		      &f.lines) == OK);
	return count_enter(op, &f, &c);
}

static enum err post(struct op *op, int64_t id, const char *uncounted)
{
	struct stock_count c = { 0 };

	return count_post(op, id, uncounted, &c);
}

TEST(what_moves_while_it_is_counted_makes_no_difference)
{
	struct stock s = { 0 };
	int64_t id;

	GIVEN(SHELVES);
	CHECK(start(op, "k", "MUG", &id) == OK);
	CHECK(stock_adjust(op, "MUG", "AMS", -2, &s) == OK);
	CHECK(found(op, id, "MUG:7", false) == OK); /* the book has 8 */
	CHECK(stock_adjust(op, "MUG", "AMS", 5, &s) == OK);
	CHECK(post(op, id, NULL) == OK);
	SAME("12", ASK(MUGS));
	SAME("-1 count:1", ASK("SELECT delta || ' ' || reference FROM stock_movement"
			       " WHERE reason = 'count'"));
	SAME("", ASK(FSCK));
}

TEST(what_was_written_down_earlier_is_held_against_the_book_of_then)
{
	struct count_finding f = { .at = { 0 } };
	struct stock_count c = { 0 };
	int64_t id;

	GIVEN(SHELVES);
	CHECK(start(op, "k", "MUG", &id) == OK);
	GIVEN("UPDATE stock_count SET started_at = now() - interval '3 h';"
	      "UPDATE stock_movement SET at = now() - interval '4 h';"
	      "SELECT api.stock_adjust('MUG', 'AMS', -4)");
	f.id = id;
	f.lines.s = "[{\"sku\":\"MUG\",\"qty\":9}]";
	CHECK(stamp_parse(op,
		      ASK("SELECT to_char(now() - interval '1 h', "
			  "'YYYY-MM-DD\"T\"HH24:MI:SSTZH:TZM')"),
		      &f.at) == OK);
	CHECK(count_enter(op, &f, &c) == OK);
	CHECK(post(op, id, NULL) == OK);
	SAME("5", ASK(MUGS));
	SAME("10", ASK("SELECT book FROM stock_count_line"));
}

TEST(nobody_sees_the_book_of_a_blind_count)
{
	struct rows rows;
	int64_t id;

	GIVEN(SHELVES);
	CHECK(start(op, "k", NULL, &id) == OK);
	CHECK(found(op, id, "MUG:7", false) == OK);
	CHECK(count_lines(op, id, &rows) == OK);
	SAME(2, (int64_t)rows.n);
	CHECK(!((const struct stock_count_line *)rows.items)[1].book.s);
	SAME("7", ((const struct stock_count_line *)rows.items)[1].counted.s);
	CHECK(post(op, id, "leave") == OK);
	CHECK(count_lines(op, id, &rows) == OK);
	SAME("-3", ((const struct stock_count_line *)rows.items)[1].difference.s);
	SAME("10", ASK("SELECT on_hand FROM stock JOIN variant v ON v.id = variant_id"
		       " WHERE sku = 'CUP'"));
}

TEST(what_nobody_counted_is_not_posted_by_accident)
{
	int64_t id;

	GIVEN(SHELVES);
	CHECK(start(op, "k", NULL, &id) == OK);
	CHECK(found(op, id, "MUG:10", false) == OK);
	REFUSED("count_is_complete", post(op, id, NULL));
	REFUSED("uncounted_is_known", post(op, id, "perhaps"));
	CHECK(post(op, id, "zero") == OK);
	SAME("CUP -10", ASK("SELECT string_agg(sku || ' ' || delta, ', ') FROM "
			    "stock_movement JOIN variant v ON v.id = variant_id"
			    " WHERE reason = 'count'"));
}

TEST(what_is_promised_is_not_counted_away)
{
	int64_t id;

	GIVEN(SHELVES);
	CHECK(start(op, "k", "M*", &id) == OK);
	GIVEN("UPDATE stock SET reserved = 6");
	CHECK(found(op, id, "MUG:5", false) == OK);
	REFUSED("stock_never_oversold", post(op, id, NULL));
}

TEST(one_finding_is_posted_once)
{
	const struct stock_set nine = { "MUG", "AMS", 9, NULL };
	struct stock s = { 0 };
	int64_t id, other;

	GIVEN(SHELVES);
	CHECK(start(op, "k", "MUG", &id) == OK);
	CHECK(start(op, "k", "MUG", &other) == OK);
	SAME(id, other);
	REFUSED("count_line_is_of_one_count", start(op, "l", "MUG", &other));
	REFUSED("count_has_lines", start(op, "m", "POT*", &other));
	CHECK(found(op, id, "MUG:9", false) == OK);
	CHECK(stock_set(op, &nine, &s) == OK);
	REFUSED("count_is_newest", post(op, id, NULL));
	CHECK(found(op, id, "MUG:9", false) == OK);
	CHECK(post(op, id, NULL) == OK);
	SAME("9", ASK(MUGS));
	CHECK(start(op, "n", "MUG", &other) == OK);
}

TEST(two_shelves_are_added_when_nothing_moved_between)
{
	struct stock s = { 0 };
	int64_t id;

	GIVEN(SHELVES);
	CHECK(start(op, "k", "MUG", &id) == OK);
	CHECK(found(op, id, "MUG:4", false) == OK);
	CHECK(found(op, id, "MUG:5", true) == OK);
	SAME("9", ASK("SELECT counted FROM stock_count_line"));
	CHECK(stock_adjust(op, "MUG", "AMS", 1, &s) == OK);
	REFUSED("count_is_of_one_moment", found(op, id, "MUG:1", true));
}

static const char *const states[] = { "open", "posted", "canceled" };
static const char *const events[] = { "enter", "post", "cancel" };

static enum err happens(struct op *op, int64_t id, const char *event)
{
	struct stock_count c = { 0 };

	if (!strcmp(event, "enter"))
		return found(op, id, "MUG:1", false);
	if (!strcmp(event, "post"))
		return post(op, id, "leave");
	return count_cancel(op, id, &c);
}

TEST(a_count_goes_along_its_graph_only)
{
	static const char *const to[] = { "open", "posted", "canceled" };
	int64_t id;

	GIVEN(SHELVES);
	CHECK(start(op, "k", "MUG", &id) == OK);
	for (size_t s = 0; s < sizeof states / sizeof *states; s++) {
		for (size_t e = 0; e < sizeof events / sizeof *events; e++) {
			test_attempt(op);
			GIVEN(op_printf(
				op, "UPDATE stock_count SET state = '%s'", states[s]));
			if (s == 0) {
				CHECK(happens(op, id, events[e]) == OK);
				SAME(to[e], ASK("SELECT state FROM stock_count"));
			} else {
				REFUSED(e ? "state_follows_its_graph" : "count_is_open",
					happens(op, id, events[e]));
			}
		}
	}
}
