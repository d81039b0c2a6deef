/* PUT /v1/inventory/{sku}: what lies on a shelf, said by another system of the shop's.
 */
#include "domain/inventory.h"

#include "base/json.h"
#include "base/sha.h"
#include "shop-httpd/door.h"
#include "shop-httpd/route.h"

#include <stdlib.h>
#include <string.h>

static const struct shape put_shape =
	SHAPE(inventory, FIELD(inventory, warehouse, .flags = FIELD_REQUIRED),
		FIELD(inventory, on_hand, .flags = FIELD_REQUIRED),
		FIELD(inventory, expected, .initial = "-1"), FIELD(inventory, reason));

static void put(struct request *r)
{
	struct inventory *i = r->of;

	inventory_set(&r->op, i, &i->result);
}

static void done(struct request *r)
{
	const struct inventory *i = r->of;
	struct json_writer w = { .op = &r->op };

	if (r->op.fault.code != OK) {
		if (i->matched && !strcmp(r->op.fault.rule, "stock_is_as_expected"))
			answer_problem(
				r, 412, r->op.fault.rule, "%s", r->op.fault.text);
		else
			answer_fault(r);
		return;
	}
	json_object(&w, NULL);
	json_put(&w, "sku", i->result.sku);
	json_put(&w, "warehouse", i->result.warehouse);
	json_put_int(&w, "on_hand", i->result.on_hand);
	json_put_int(&w, "reserved", i->result.reserved);
	json_put_int(&w, "available", i->result.available);
	json_close(&w);
	answer_header(r, "ETag", "\"%lld\"", (long long)i->result.on_hand);
	if (i->result.replayed)
		answer_header(r, "Idempotency-Replayed", "true");
	answer_json(r, 200, w.text);
}

/* If-Match: "12", the on_hand that the caller knows; "*" is any. */
static bool read_match(struct request *r, struct inventory *i)
{
	const char *match = head_get(&r->head, "if-match");
	char *end;

	if (!match)
		return i->expected >= 0;
	if (!strcmp(match, "*"))
		return true;
	i->matched = true;
	i->expected = *match == '"' ? strtoll(match + 1, &end, 10) : -1;
	return i->expected >= 0 && !strcmp(end, "\"");
}

static bool read_body(struct request *r, struct inventory *i)
{
	struct json_reader reader = { .op = &r->op };
	const struct json *body;

	if (json_parse(&r->op, r->body, r->body_n, &body) != OK) {
		answer_problem(r, 400, r->op.fault.rule, "%s", r->op.fault.text);
		return false;
	}
	json_bind(&reader, body, "", &put_shape, i, NULL);
	if (!reader.n && i->on_hand < 0)
		json_fault(&reader, "/on_hand", "stock_is_counted", "is below zero");
	if (!reader.n)
		return true;
	answer_invalid(r, &reader);
	return false;
}

static void create(struct request *r)
{
	struct inventory *i = op_alloc(&r->op, sizeof *i);
	struct text all = { 0 };
	const char *match = head_get(&r->head, "if-match");

	r->of = i;
	i->client_id = r->client.id;
	i->sku = r->tail;
	i->expected = -1;
	i->key = request_key(r);
	if (!i->key || !request_is_json(r) || !read_body(r, i))
		return;
	if (!read_match(r, i)) {
		answer_problem(r, 428, "stock_is_as_expected",
			"send If-Match with the ETag of the last answer or *, or "
			"expected");
		return;
	}
	text_add(&r->op, &all, r->tail);
	text_add(&r->op, &all, match ? match : "");
	text_add_n(&r->op, &all, r->body, r->body_n);
	sha256(all.s, all.n, i->fingerprint);
	pool_run(r->door->storefront, r, put, done);
}

void inventory_put(struct request *r)
{
	client_admit(r, "inventory", create);
}
