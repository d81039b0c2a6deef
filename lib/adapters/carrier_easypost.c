/* EasyPost: one API for many carriers.  A tracker is made once a parcel, then read. */
#include "adapters/carrier.h"

#include "adapters/wire.h"
#include "base/config.h"

#include <string.h>

static struct wire wire = WIRE;

/* docs.easypost.com, "Tracker object": status. */
static const struct carrier_word words[] = {
	{ "in_transit", "in_transit" },
	{ "out_for_delivery", "in_transit" },
	{ "available_for_pickup", "in_transit" },
	{ "delivered", "delivered" },
	{ "failure", "exception" },
	{ "return_to_sender", "returning" },
	{ 0 },
};

static bool configured(const struct config *c)
{
	return *c->carrier.easypost_key_file ||
	       strcmp(c->carrier.tracker, "easypost") == 0;
}

static enum err ask(struct op *op, const char *tail, const char *body,
	struct carrier_answer *out, const struct json **node)
{
	const struct carrier_config *c = &op->config->carrier;
	const char *headers[] = { NULL, "Content-Type: application/json",
		"User-Agent: shop/" SHOP_VERSION, NULL };
	struct http_answer a;
	const char *key;

	TRY(secret_read(op, c->easypost_key_file, "easypost_key", &key));
	headers[0] = op_printf(op, "Authorization: %s", wire_basic(op, key, ""));
	if (!wire_admits(&wire, c->rate_per_second)) {
		*out = (struct carrier_answer){ .later = true,
			.reason = "our own limit of calls",
			.events = "[]" };
		*node = NULL;
		return OK;
	}
	TRY(http_send(op, wire_client(),
		&(struct http_request){ .method = body ? "POST" : "GET",
			.url = op_printf(
				op, "%s/v2/trackers%s", c->easypost_base_url, tail),
			.headers = headers,
			.body = body,
			.n = body ? strlen(body) : 0,
			.timeout_ms = (long)c->timeout_ms,
			.body_max = CARRIER_BODY_MAX },
		&a));
	wire_note(&wire, a.status);
	carrier_judge(op, &a, out, node);
	return OK;
}

/* The tracker of that number, if it is one. */
static const struct json *of_number(const struct json *tracker, const char *number)
{
	const char *code = json_string(json_get(tracker, "tracking_code"));

	return code && strcmp(code, number) == 0 ? tracker : NULL;
}

static const char *events_of(struct op *op, const struct json *tracker)
{
	const struct json *details = json_get(tracker, "tracking_details"), *d;
	struct json_writer w = { .op = op };
	int n = 0;

	json_array(&w, NULL);
	for (d = json_first(details); d && n < CARRIER_EVENTS_MAX;
		d = json_next(d), n++)
		carrier_put(&w, d, json_string(json_get(d, "datetime")),
			carrier_status(words, json_string(json_get(d, "status"))),
			json_string(json_get(d, "message")));
	json_close(&w);
	return w.text;
}

static enum err track(struct op *op, const char *tracking, struct carrier_answer *out)
{
	const struct json *node, *list, *t = NULL;

	TRY(ask(op, op_printf(op, "?page_size=5&tracking_code=%s", tracking), NULL, out,
		&node));
	if (out->reason)
		return OK;
	for (list = json_first(json_get(node, "trackers")); list && !t;
		list = json_next(list))
		t = of_number(list, tracking);
	if (!t) {
		TRY(ask(op, "",
			op_printf(op, "{\"tracker\":{\"tracking_code\":\"%s\"}}",
				tracking),
			out, &node));
		if (out->reason)
			return OK;
		t = of_number(node, tracking);
	}
	if (t)
		out->events = events_of(op, t);
	else
		out->reason = "answered with another parcel";
	return OK;
}

const struct carrier carrier_easypost = { "easypost", configured, track };
