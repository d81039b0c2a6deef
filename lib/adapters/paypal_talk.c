/* Requests to PayPal and the verdicts on their answers. */
#include "adapters/paypal_talk.h"

#include "adapters/wire.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/http.h"
#include "base/json.h"

#include <string.h>

enum { LEAST_MS = 200 };

/*
 * The first row that fits decides; NULL fits all.  Errors name the issue that
 * matters in their first detail: https://developer.paypal.com/api/rest/responses
 *
 * "In progress" is an answer to this request, which did nothing, while an earlier
 * one with the same key still runs: how that ends is as unknown as it was.
 */
static const struct {
	int from, to;
	const char *issue, *verdict;
} verdicts[] = {
	{ 200, 299, NULL, "done" },
	{ 400, 499, "PREVIOUS_REQUEST_IN_PROGRESS", "unknown" },
	{ 400, 499, "ORDER_COMPLETION_IN_PROGRESS", "unknown" },
	{ 400, 499, "INTERNAL_SERVICE_ERROR", "unknown" },
	{ 400, 499, "INTERNAL_SERVER_ERROR", "unknown" },
	{ 400, 499, "PAYPAL_REQUEST_ID_PREVIOUSLY_USED", "broken" },
	{ 400, 499, "DUPLICATE_REQUEST_ID", "broken" },
	{ 409, 409, NULL, "unknown" },
	{ 400, 400, NULL, "broken" }, /* not a question of money but of grammar */
	{ 401, 401, NULL, "not_executed" },
	{ 403, 403, NULL, "not_executed" }, /* a matter of the app's permissions */
	{ 404, 404, NULL, "refused" },
	{ 405, 406, NULL, "broken" },
	{ 413, 415, NULL, "broken" },
	/* declined, spent, expired, not approved, disputed: business, and final */
	{ 422, 422, NULL, "refused" },
	{ 429, 429, NULL, "not_executed" },
};

const char *paypal_verdict(int status, const char *issue)
{
	for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
		if (status >= verdicts[i].from && status <= verdicts[i].to &&
			(!verdicts[i].issue ||
				(issue && strcmp(verdicts[i].issue, issue) == 0)))
			return verdicts[i].verdict;
	}
	return "unknown"; /* a 5xx too: the same key brings what became of it */
}

static struct wire wire = WIRE;

bool talk_admitted(struct op *op)
{
	return wire_admits(&wire, op->config->paypal.rate_per_second);
}

static int64_t left_ms(const struct talk *t)
{
	return (t->end - clock_ticks()) / 1000;
}

/* A form says itself what parts it: its first line. */
static const char *content_type(struct op *op, const char *body)
{
	if (!body || strncmp(body, "--", 2) != 0)
		return "Content-Type: application/json";
	return op_printf(op, "Content-Type: multipart/form-data; boundary=%.*s",
		(int)strcspn(body + 2, "\r\n"), body + 2);
}

static enum err request(struct talk *t, const char *token, const char *method,
	const char *path, struct http_answer *out)
{
	struct op *op = t->op;
	const char *body = strcmp(method, "POST") == 0 ? t->call->body : NULL;
	const char *headers[8] = { content_type(op, body),
		"Prefer: return=representation", "User-Agent: shop/" SHOP_VERSION };
	size_t n = 3;

	headers[n++] = op_printf(op, "Authorization: Bearer %s", token);
	if (body)
		headers[n++] = op_printf(op, "PayPal-Request-Id: %s", t->call->key);
	return http_send(op, wire_client(),
		&(struct http_request){ .method = method,
			.url = op_printf(op, "%s%s", op->config->paypal.base_url, path),
			.headers = headers,
			.body = body,
			.n = body ? strlen(body) : 0,
			.timeout_ms = left_ms(t) },
		out);
}

/* A token that was taken back is asked for once more; the request did nothing yet. */
static enum err exchange(
	struct talk *t, const char *method, const char *path, struct http_answer *out)
{
	const char *token;

	for (int try = 0; try < 2; try++) {
		*out = (struct http_answer){ .outcome = HTTP_NOT_SENT,
			.reason = "no time was left" };
		if (left_ms(t) < LEAST_MS)
			return OK;
		if (paypal_token(t->op, left_ms(t), &token) != OK) {
			out->reason = t->op->fault.text;
			fault_clear(t->op);
			return OK;
		}
		if (left_ms(t) < LEAST_MS)
			return OK;
		TRY(request(t, token, method, path, out));
		if (out->outcome != HTTP_ANSWERED || out->status != 401)
			return OK;
		if (!paypal_token_drop(token))
			return OK;
	}
	return OK;
}

static const char *issue_of(const struct json *body)
{
	const char *s = json_string(json_find(body, "/details/0/issue"));

	if (!s)
		s = json_string(json_get(body, "name"));
	return s && *s && strlen(s) <= 200 ? s : NULL;
}

/* What an answer without an effect, or the last one with it, makes of the verdict. */
static void judge(struct talk *t, const char *method, const struct http_answer *a)
{
	struct provider_answer *out = t->out;
	const char *issue;

	if (a->outcome != HTTP_ANSWERED) {
		out->verdict = a->outcome == HTTP_NOT_SENT ? "not_executed" : "unknown";
		out->error = a->reason;
		out->away = true;
		return;
	}
	wire_note(&wire, a->status);
	out->status = a->status;
	out->request_id = http_header(a, "Paypal-Debug-Id");
	out->retry_after_s = wire_retry_after(a);
	if (a->n && json_parse(t->op, a->body, a->n, &t->body) != OK) {
		fault_clear(t->op);
		t->body = NULL;
	}
	issue = issue_of(t->body);
	out->verdict = paypal_verdict(a->status, issue);
	out->error = strcmp(out->verdict, "done") == 0 ? NULL
		     : issue                           ? issue
			     : op_printf(t->op, "HTTP %d", a->status);
	if (a->status == 404 && strcmp(method, "GET") == 0)
		out->verdict = "absent";
}

bool talk_done(const struct talk *t)
{
	return strcmp(t->out->verdict, "done") == 0;
}

enum err talk_ask(struct talk *t, const char *method, const char *path, const char *ref)
{
	const char *hole = strstr(path, "%s");
	struct http_answer a;

	if (hole && !paypal_is_ref(ref))
		return fail(t->op, E_BROKEN, "provider_call_is_accepted",
			"%s has no usable reference", t->call->action);
	if (hole)
		path = op_printf(
			t->op, "%.*s%s%s", (int)(hole - path), path, ref, hole + 2);
	t->body = NULL;
	TRY(exchange(t, method, path, &a));
	judge(t, method, &a);
	return OK;
}
