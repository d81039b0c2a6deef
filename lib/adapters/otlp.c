/* The exporter's protocol: what it sends, and what the answers mean. */
#include "adapters/otlp.h"

#include "adapters/wire.h"
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

bool otlp_span_of(struct op *op, const char *datagram, size_t n, struct otlp_span *out)
{
	const char *json = memchr(datagram, '\n', n);
	size_t name = json ? (size_t)(json - datagram) : 0;
	bool ok;

	if (!name || n - name < 3 || json[1] != '{')
		return false;
	ok = json_check(op, json + 1, n - name - 1) == OK;
	fault_clear(op);
	*out = (struct otlp_span){ op_strndup(op, datagram, name),
		op_strndup(op, json + 1, n - name - 1) };
	return ok;
}

static void add_service(struct op *op, struct text *t, const struct otlp *o,
	const struct otlp_span *spans, size_t n, const char *service)
{
	const char *comma = "";

	text_add(op, t,
		op_printf(op,
			"%s{\"resource\":{\"attributes\":[{\"key\":\"service.name\","
			"\"value\":{\"stringValue\":%s}},{\"key\":\"service.version\","
			"\"value\":{\"stringValue\":\"%s\"}}%s]},\"scopeSpans\":[{"
			"\"scope\":{\"name\":\"shop\",\"version\":\"%s\"},\"spans\":[",
			t->s[t->n - 1] == '[' ? "" : ",", json_quote(op, service),
			SHOP_VERSION, o->resource, SHOP_VERSION));
	for (size_t i = 0; i < n; i++) {
		if (strcmp(spans[i].service, service) != 0)
			continue;
		text_add(op, t, comma);
		text_add(op, t, spans[i].json);
		comma = ",";
	}
	text_add(op, t, "]}]}");
}

static bool is_first_of_service(const struct otlp_span *spans, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (strcmp(spans[i].service, spans[at].service) == 0)
			return false;
	return true;
}

const char *otlp_request(
	struct op *op, const struct otlp *o, const struct otlp_span *spans, size_t n)
{
	struct text t = { 0 };

	text_add(op, &t, "{\"resourceSpans\":[");
	for (size_t i = 0; i < n; i++)
		if (is_first_of_service(spans, i))
			add_service(op, &t, o, spans, n, spans[i].service);
	text_add(op, &t, "]}");
	return t.s;
}

/* {"partialSuccess":{"rejectedSpans":"3","errorMessage":".."}}; the number may be one.
 */
static void read_partial(
	struct op *op, const struct http_answer *got, struct otlp_answer *out)
{
	const struct json *body, *n;

	if (got->n == 0 || json_parse(op, got->body, got->n, &body) != OK) {
		fault_clear(op);
		return;
	}
	n = json_find(body, "/partialSuccess/rejectedSpans");
	if (!json_int(n, &out->rejected) && json_string(n))
		out->rejected = strtoll(json_string(n), NULL, 10);
	if (out->rejected)
		out->reason =
			json_string(json_find(body, "/partialSuccess/errorMessage"));
}

static bool is_passing(int status)
{
	return status == 429 || status == 502 || status == 503 || status == 504;
}

enum err otlp_post(struct op *op, const struct otlp *o, struct http_client *client,
	const char *request, struct otlp_answer *out)
{
	const struct http_request ask = { .method = "POST",
		.url = o->url,
		.headers = o->headers,
		.body = request,
		.n = strlen(request),
		.timeout_ms = o->timeout_ms };
	struct http_answer got;

	*out = (struct otlp_answer){ OTLP_TAKEN };
	TRY(http_send(op, client, &ask, &got));
	if (got.outcome != HTTP_ANSWERED) {
		out->verdict = OTLP_AGAIN;
		out->reason = got.reason;
	} else if (got.status / 100 == 2) {
		read_partial(op, &got, out);
	} else {
		out->verdict = is_passing(got.status) ? OTLP_AGAIN : OTLP_REFUSED;
		out->reason = op_printf(op, "HTTP %d", got.status);
		out->again_s = wire_retry_after(&got);
	}
	return OK;
}
