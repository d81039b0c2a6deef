/* POST /v1/events: what visitors do, in batches, beside the way of the checkouts. */
#include "domain/event.h"

#include "shop-httpd/door.h"
#include "shop-httpd/route.h"

#include <string.h>

struct ingesting {
	const char *events;
	struct event_result result;
};

static void keep(struct request *r)
{
	struct ingesting *i = r->of;

	event_ingest(&r->op, r->client.id, i->events, &i->result);
}

static void kept(struct request *r)
{
	const struct ingesting *i = r->of;
	struct json_writer w = { .op = &r->op };

	if (r->op.fault.code != OK) {
		answer_fault(r);
		return;
	}
	json_object(&w, NULL);
	json_put_int(&w, "accepted", i->result.accepted);
	json_put_int(&w, "repeated", i->result.repeated);
	json_close(&w);
	answer_json(r, 202, w.text);
}

static void create(struct request *r)
{
	struct json_reader reader = { .op = &r->op };
	struct ingesting *i = op_alloc(&r->op, sizeof *i);
	const struct json *body, *member;

	r->of = i;
	if (!request_is_json(r))
		return;
	if (json_parse(&r->op, r->body, r->body_n, &body) != OK) {
		answer_problem(r, 400, r->op.fault.rule, "%s", r->op.fault.text);
		return;
	}
	for (member = json_first(body); member && json_is_object(body);
		member = json_next(member))
		if (strcmp(json_name(member), "events") != 0)
			json_fault(&reader, json_at(&r->op, "", json_name(member)),
				"member_is_known", "is not known");
	i->events = events_read(&reader, json_get(body, "events"), "/events");
	if (reader.n) {
		answer_invalid(r, &reader);
		return;
	}
	pool_run(r->door->events, r, keep, kept);
}

void events_create(struct request *r)
{
	client_admit(r, "events", create);
}
