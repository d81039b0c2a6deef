/* Transfers: every state against every event, and no unit that is nowhere. */
#include "domain/transfer.h"

#include "domain/stock.h"
#include "domain/units_file.h"
#include "test.h"

#include <string.h>

#define SHELVES                                                                        \
	"INSERT INTO warehouse (code, priority) VALUES ('AMS', 1), ('BER', 2);"        \
	"INSERT INTO product (handle, title, status) VALUES ('p', 'P', 'active');"     \
	"INSERT INTO variant (product_id, sku, title, options) SELECT id, s, s, "      \
	"ARRAY[s] FROM product, unnest('{MUG,CUP}'::text[]) s;"                        \
	"SELECT api.stock_set(s, 'AMS', 10, NULL) FROM unnest('{MUG,CUP}'::text[]) s"
#define LYING                                                                          \
	"SELECT string_agg(v.sku || ' ' || w.code || ' ' || s.on_hand, ', ' ORDER BY " \
	"v.sku DESC, w.code) FROM stock s JOIN variant v ON v.id = s.variant_id "      \
	"JOIN warehouse w ON w.id = s.warehouse_id"
#define FSCK                                                                           \
	"SELECT coalesce(string_agg(code || ' ' || detail, ', '), '')"                 \
	" FROM api.fsck('{stock}', NULL, NULL)"

static struct json_text units(struct op *op, const char *line)
{
	const char **v = op_alloc(op, sizeof *v);
	struct json_text json = { 0 };

	v[0] = line;
	CHECK(units_all(op, NULL, (struct texts){ v, 1 }, (struct money){ 0 }, &json) ==
		OK);
	return json;
}

static enum err plan(struct op *op, const char *line, struct transfer *out)
{
	const struct transfer_wish w = { "k", "AMS", "BER", units(op, line), "refill" };

	return transfer_create(op, &w, out);
}

static enum err came(struct op *op, int64_t id, const char *line, bool more)
{
	struct transfer_delivery d = { .id = id, .more = more };
	struct transfer t = { 0 };

	if (line)
		d.lines = units(op, line);
	return transfer_receive(op, &d, &t);
}

TEST(what_is_shipped_is_in_transit_until_it_came_or_is_lost)
{
	struct transfer t = { 0 };

	GIVEN(SHELVES);
	CHECK(plan(op, "MUG:8", &t) == OK);
	CHECK(plan(op, "MUG:8", &t) == OK);
	CHECK(t.replayed);
	SAME("MUG AMS 10, CUP AMS 10", ASK(LYING));
	CHECK(transfer_ship(op, t.id, (struct json_text){ 0 }, &t) == OK);
	SAME(8, t.in_transit);
	SAME("MUG AMS 2, MUG BER 0, CUP AMS 10", ASK(LYING));
	REFUSED("transfer_received_within_shipped", came(op, t.id, "MUG:9", true));
	REFUSED("transfer_received_within_shipped", came(op, t.id, "CUP:1", true));
	CHECK(came(op, t.id, "MUG:5", true) == OK);
	CHECK(came(op, t.id, "MUG:1", false) == OK);
	SAME("MUG AMS 2, MUG BER 6, CUP AMS 10", ASK(LYING));
	CHECK(transfer_get(op, t.id, &t) == OK);
	SAME("received", t.state);
	SAME(2, t.lost);
	SAME(0, t.in_transit);
	SAME("transfer_out -8, transfer_in 5, transfer_in 3, transfer_loss -2",
		ASK("SELECT string_agg(reason || ' ' || delta, ', ' ORDER BY id)"
		    " FROM stock_movement WHERE reference LIKE 'transfer:%'"));
	SAME("", ASK(FSCK));
}

TEST(what_is_recalled_goes_back)
{
	struct transfer t = { 0 };

	GIVEN(SHELVES);
	CHECK(plan(op, "MUG:8", &t) == OK);
	CHECK(transfer_ship(op, t.id, units(op, "MUG:6"), &t) == OK);
	CHECK(came(op, t.id, "MUG:1", true) == OK);
	CHECK(transfer_cancel(op, t.id, &t) == OK);
	SAME("canceled", t.state);
	SAME("MUG AMS 9, MUG BER 1, CUP AMS 10", ASK(LYING));
	SAME("", ASK(FSCK));
}

TEST(no_more_leaves_than_lies_there_and_is_free)
{
	struct transfer t = { 0 };

	GIVEN(SHELVES);
	CHECK(plan(op, "MUG:8", &t) == OK);
	GIVEN("UPDATE stock SET reserved = 3");
	REFUSED("stock_never_oversold",
		transfer_ship(op, t.id, (struct json_text){ 0 }, &t));
	REFUSED("transfer_shipped_within_plan",
		transfer_ship(op, t.id, units(op, "MUG:9"), &t));
	CHECK(transfer_ship(op, t.id, units(op, "MUG:7"), &t) == OK);
	SAME("3", ASK("SELECT on_hand FROM stock s JOIN variant v ON v.id = variant_id"
		      " JOIN warehouse w ON w.id = warehouse_id"
		      " WHERE (sku, code) = ('MUG', 'AMS')"));
}

TEST(a_delivery_that_is_told_twice_came_once)
{
	struct transfer t = { 0 };
	struct transfer_delivery d = { .key = "lorry", .more = true };

	GIVEN(SHELVES);
	CHECK(plan(op, "MUG:8", &t) == OK);
	CHECK(transfer_ship(op, t.id, (struct json_text){ 0 }, &t) == OK);
	d.id = t.id;
	d.lines = units(op, "MUG:3");
	CHECK(transfer_receive(op, &d, &t) == OK);
	CHECK(transfer_receive(op, &d, &t) == OK);
	CHECK(t.replayed);
	SAME(3, t.received);
}

TEST(a_transfer_names_two_warehouses_and_what_there_is)
{
	struct transfer t = { 0 };
	const struct transfer_wish same = { "a", "AMS", "AMS", { 0 }, "x" },
				   nothing = { "b", "AMS", "BER", { 0 }, "x" };

	GIVEN(SHELVES);
	REFUSED("transfer_goes_elsewhere", transfer_create(op, &same, &t));
	REFUSED("transfer_has_lines", transfer_create(op, &nothing, &t));
	REFUSED("variant_exists", plan(op, "POT:1", &t));
	REFUSED("transfer_qty_is_positive", plan(op, "MUG:0", &t));
	REFUSED("transfer_exists", transfer_get(op, 99, &t));
}

static const char *const states[] = { "draft", "in_transit", "received", "canceled" };
static const char *const events[] = { "ship", "receive_part", "receive", "cancel" };
static const struct edge {
	const char *from, *event, *to;
} edges[] = {
	{ "draft", "ship", "in_transit" },
	{ "draft", "cancel", "canceled" },
	{ "in_transit", "receive_part", "in_transit" },
	{ "in_transit", "receive", "received" },
	{ "in_transit", "cancel", "canceled" },
};

static enum err happens(struct op *op, int64_t id, const char *event)
{
	struct transfer t;

	if (!strcmp(event, "ship"))
		return transfer_ship(op, id, (struct json_text){ 0 }, &t);
	if (!strcmp(event, "receive_part"))
		return came(op, id, "MUG:1", true);
	if (!strcmp(event, "receive"))
		return came(op, id, NULL, false);
	return transfer_cancel(op, id, &t);
}

static const char *leads_to(const char *from, const char *event)
{
	for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
		if (!strcmp(edges[i].from, from) && !strcmp(edges[i].event, event))
			return edges[i].to;
	return NULL;
}

TEST(a_transfer_goes_along_its_graph_only)
{
	struct transfer t = { 0 };

	GIVEN(SHELVES);
	CHECK(plan(op, "MUG:2", &t) == OK);
	for (size_t s = 0; s < sizeof states / sizeof *states; s++) {
		for (size_t e = 0; e < sizeof events / sizeof *events; e++) {
			const char *to = leads_to(states[s], events[e]);

			test_attempt(op);
			GIVEN(op_printf(op,
				"UPDATE transfer SET state = '%s';"
				"UPDATE transfer_line SET received = 0, lost = 0, back "
				"= 0,"
				" shipped = CASE '%s' WHEN 'draft' THEN 0 ELSE 2 END",
				states[s], states[s]));
			if (to) {
				CHECK(happens(op, t.id, events[e]) == OK);
				SAME(to, ASK("SELECT state FROM transfer"));
			} else {
				REFUSED("state_follows_its_graph",
					happens(op, t.id, events[e]));
			}
		}
	}
}
