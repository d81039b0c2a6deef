/* Returns: every state against every event, never more than left, and stock explained.
 */
#include "domain/return.h"

#include "db/db.h"
#include "domain/refund.h"
#include "given_order.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

#define SHIPPED                                                                        \
	A_PAID_ORDER                                                                   \
	"SELECT * FROM api.shipment_create(1024, 's', NULL, NULL, NULL, NULL);"        \
	"SELECT * FROM api.shipment_ship((SELECT min(id) FROM shipment), NULL, NULL);"
#define FSCK                                                                           \
	"SELECT coalesce(string_agg(code || ' ' || detail, ', '), '')"                 \
	" FROM api.fsck('{money,stock}', NULL, NULL)"

static struct texts one_line(struct op *op, const char *line)
{
	const char **v = op_alloc(op, sizeof *v);

	v[0] = line;
	return (struct texts){ v, 1 };
}

static enum err announce(
	struct op *op, const char *line, const char *key, struct returned *out)
{
	const struct return_wish w = { 1024, key, one_line(op, line), "too big" };

	return return_create(op, &w, out);
}

TEST(no_more_comes_back_than_left)
{
	struct returned r = { 0 };

	GIVEN(A_PAID_ORDER);
	REFUSED("return_within_shipped", announce(op, "DOG:1", "a", &r));
	GIVEN("SELECT * FROM api.shipment_create(1024, 's', NULL, NULL, NULL, NULL);"
	      "SELECT * FROM api.shipment_ship((SELECT min(id) FROM shipment), NULL, "
	      "NULL)");
	CHECK(announce(op, "DOG:2", "a", &r) == OK);
	CHECK(announce(op, "DOG:2", "a", &r) == OK);
	CHECK(r.replayed);
	REFUSED("return_within_shipped", announce(op, "DOG:2", "b", &r));
	CHECK(return_cancel(op, r.id, &r) == OK);
	CHECK(announce(op, "DOG:3", "c", &r) == OK);
	CHECK(return_approve(op, r.id, &r) == OK);
	REFUSED("return_received_as_announced",
		return_receive(op, r.id, one_line(op, "DOG:4"), "BER", &r));
	CHECK(return_receive(op, r.id, one_line(op, "DOG:2"), "BER", &r) == OK);
	SAME(2, r.received);
	CHECK(announce(op, "DOG:1", "d", &r) == OK);
	REFUSED("return_within_shipped", announce(op, "DOG:1", "e", &r));
}

TEST(what_comes_back_lies_on_the_shelf_or_is_written_off_and_its_money_goes_back)
{
	struct returned r = { 0 };

	GIVEN(SHIPPED);
	CHECK(announce(op, "DOG:3", "a", &r) == OK);
	CHECK(return_approve(op, r.id, &r) == OK);
	CHECK(return_receive(op, r.id, (struct texts){ 0 }, "BER", &r) == OK);
	SAME("7", ASK("SELECT on_hand FROM stock WHERE variant_id = 1"));
	CHECK(return_inspect(op, r.id, one_line(op, "DOG:2:restock"), "A", &r) == OK);
	SAME("received", r.state);
	REFUSED("return_inspected_as_received",
		return_inspect(op, r.id, one_line(op, "DOG:2:scrap"), NULL, &r));
	REFUSED("state_follows_its_graph", return_close(op, r.id, true, "x", &r));
	CHECK(return_inspect(op, r.id, one_line(op, "DOG:1:scrap"), "C", &r) == OK);
	SAME("inspected", r.state);
	SAME("9", ASK("SELECT on_hand FROM stock WHERE variant_id = 1"));
	SAME("return 2, return 1, scrap -1",
		ASK("SELECT string_agg(reason || ' ' || delta, ', ' ORDER BY id)"
		    " FROM stock_movement WHERE reference LIKE 'return:%'"));
	CHECK(return_close(op, r.id, true, "as agreed", &r) == OK);
	CHECK(return_close(op, r.id, true, "as agreed", &r) == OK);
	CHECK(r.replayed);
	SAME("1 6000 6000 requested",
		ASK("SELECT count(*) || ' ' || min(amount) || ' ' || min(recognised)"
		    " || ' ' || min(state) FROM refund"));
	SAME("", ASK(FSCK));
}

static const char *const states[] = { "requested", "approved", "received", "inspected",
	"closed", "rejected", "canceled" };
static const char *const events[] = { "approve", "reject", "cancel", "receive",
	"inspect", "close" };
static const struct edge {
	const char *from, *event, *to;
} edges[] = {
	{ "requested", "approve", "approved" },
	{ "requested", "reject", "rejected" },
	{ "requested", "cancel", "canceled" },
	{ "approved", "receive", "received" },
	{ "approved", "cancel", "canceled" },
	{ "received", "inspect", "inspected" },
	{ "inspected", "close", "closed" },
};

static enum err happens(struct op *op, int64_t id, const char *event)
{
	struct returned r;

	if (!strcmp(event, "approve"))
		return return_approve(op, id, &r);
	if (!strcmp(event, "reject"))
		return return_reject(op, id, "no", &r);
	if (!strcmp(event, "cancel"))
		return return_cancel(op, id, &r);
	if (!strcmp(event, "receive"))
		return return_receive(op, id, (struct texts){ 0 }, "BER", &r);
	if (!strcmp(event, "inspect"))
		return return_inspect(op, id, one_line(op, "DOG:1:restock"), NULL, &r);
	return return_close(op, id, false, "done", &r);
}

static const char *leads_to(const char *from, const char *event)
{
	for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
		if (!strcmp(edges[i].from, from) && !strcmp(edges[i].event, event))
			return edges[i].to;
	return NULL;
}

TEST(a_return_goes_along_its_graph_only)
{
	struct returned r = { 0 };

	GIVEN(SHIPPED);
	CHECK(announce(op, "DOG:1", "a", &r) == OK);
	GIVEN("UPDATE return_line SET received = 1;"
	      "UPDATE return_request SET warehouse_id = 1");
	for (size_t s = 0; s < sizeof states / sizeof *states; s++) {
		for (size_t e = 0; e < sizeof events / sizeof *events; e++) {
			const char *to = leads_to(states[s], events[e]);

			test_attempt(op);
			GIVEN(op_printf(op, "UPDATE return_request SET state = '%s'",
				states[s]));
			if (to) {
				CHECK(happens(op, r.id, events[e]) == OK);
				SAME(to, ASK("SELECT state FROM return_request"));
			} else if (strcmp(states[s], "closed") != 0 ||
				   strcmp(events[e], "close") != 0) {
				CHECK(happens(op, r.id, events[e]) == E_REFUSED);
				SAME("state_follows_its_graph", op->fault.rule);
				fault_clear(op);
			}
			GIVEN("ROLLBACK TO attempt; RELEASE attempt");
		}
	}
}
