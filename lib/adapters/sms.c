/* Short messages: one call a message, and one that looks whether it is there. */
#include "adapters/sms.h"

#include "adapters/sms_code.h"
#include "adapters/sms_webhook.h"
#include "adapters/wire.h"
#include "base/config.h"
#include "base/json.h"

#include <curl/curl.h>
#include <string.h>

static struct wire wire = WIRE;
static const char our_limit[] = "our own limit of calls";

static void free_curl(void *text)
{
	curl_free(text);
}

static const char *escaped(struct op *op, const char *text)
{
	char *coded = curl_easy_escape(NULL, text, 0);

	if (!coded)
		return "";
	op_defer(op, free_curl, coded);
	return coded;
}

static enum err ask(struct op *op, const char *method, const char *tail,
	const char *body, struct http_answer *out)
{
	const struct sms_config *c = &op->config->sms;
	const char *token, *headers[3] = { 0 };
	struct http_request r = { .method = method,
		.headers = headers,
		.body = body,
		.n = body ? strlen(body) : 0,
		.timeout_ms = (long)c->timeout_ms,
		.fresh = body != NULL };

	if (strncmp(c->account_sid, "AC", 2) != 0 || strlen(c->account_sid) != 34) {
		fail(op, E_CONFIG, "sms_account_is_set",
			"sms.account_sid is not set, or no account");
		return fail_hint(op, "set sms.account_sid, sms.from and "
				     "sms.auth_token_file");
	}
	TRY(secret_read(op, c->auth_token_file, "sms_auth_token", &token));
	r.url = op_printf(op, "%s/2010-04-01/Accounts/%s/Messages.json%s", c->base_url,
		c->account_sid, tail);
	headers[0] = op_printf(
		op, "Authorization: %s", wire_basic(op, c->account_sid, token));
	if (body)
		headers[1] = "Content-Type: application/x-www-form-urlencoded";
	if (!wire_admits(&wire, c->rate_per_second)) {
		*out = (struct http_answer){
			.outcome = HTTP_NOT_SENT, .body = "", .reason = our_limit
		};
		return OK;
	}
	TRY(http_send(op, wire_client(), &r, out));
	wire_note(&wire, out->status);
	return OK;
}

static const char *form_of(struct op *op, const struct sms *m)
{
	const struct sms_config *c = &op->config->sms;
	bool service = c->messaging_service_sid && *c->messaging_service_sid;

	return op_printf(op, "To=%s&%s=%s&Body=%s%s%s", escaped(op, m->to),
		service ? "MessagingServiceSid" : "From",
		escaped(op, service ? c->messaging_service_sid : c->from),
		escaped(op, m->text), m->callback ? "&StatusCallback=" : "",
		m->callback ? escaped(op, m->callback) : "");
}

static void by_code(struct op *op, int64_t code, struct sms_answer *out)
{
	const struct sms_code *known = sms_code_find(code);

	*out = (struct sms_answer){ .outcome = SMS_REFUSED,
		.reason = op_printf(op, "refused with code %lld", (long long)code) };
	if (!known)
		return;
	out->outcome = known->outcome;
	out->reason = op_printf(op, "%s (%lld)", known->words, (long long)code);
}

/* No usable answer, trouble of its own, or with our account: so it is for all. */
static bool away(const struct http_answer *a)
{
	if (a->outcome != HTTP_ANSWERED)
		return a->reason != our_limit;
	return a->status >= 500 || a->status == 401 || a->status == 403;
}

/*
 * Only what the provider itself said counts: a proxy's 4xx or a redirect says nothing
 * of the message, and neither does a 5xx.  The provider's own words are dropped, for
 * they quote the number.
 */
static void judge(struct op *op, const struct http_answer *a, struct sms_answer *out)
{
	const struct json *node = NULL;
	int64_t code = 0;

	*out = (struct sms_answer){ .outcome = SMS_UNKNOWN, .reason = "" };
	out->away = away(a);
	if (a->outcome != HTTP_ANSWERED) {
		out->outcome = a->outcome == HTTP_NOT_SENT ? SMS_LATER : SMS_UNKNOWN;
		out->reason = a->reason;
		return;
	}
	if (json_parse(op, a->body, a->n, &node) != OK)
		fault_clear(op);
	json_int(json_get(node, "code"), &code);
	if ((a->status == 200 || a->status == 201) &&
		json_string(json_get(node, "sid"))) {
		out->outcome = SMS_SENT;
		out->ref = json_string(json_get(node, "sid"));
	} else if (a->status == 429 || a->status == 401 || a->status == 403) {
		out->outcome = SMS_LATER;
		out->reason = op_printf(op, "answered with %d", a->status);
	} else if (a->status >= 400 && a->status < 500 && code) {
		by_code(op, code, out);
	} else {
		out->reason = op_printf(op, "answered with %d", a->status);
	}
}

enum err sms_send(struct op *op, const struct sms *m, struct sms_answer *out)
{
	struct http_answer answer;

	TRY(ask(op, "POST", "", form_of(op, m), &answer));
	judge(op, &answer, out);
	return OK;
}

static const char *of_status(const char *status)
{
	const char *state = sms_state(status);

	return state ? state : "";
}

/* A message that failed at the provider reached nobody, and may be sent again. */
static const struct json *find_text(const struct json *messages, const char *text)
{
	const struct json *m;

	for (m = json_first(messages); m; m = json_next(m)) {
		const char *body = json_string(json_get(m, "body"));
		const char *status = json_string(json_get(m, "status"));

		if (body && strcmp(body, text) == 0 &&
			!(status && strcmp(of_status(status), "failed") == 0))
			return m;
	}
	return NULL;
}

enum err sms_find(
	struct op *op, const struct sms *m, struct stamp since, struct sms_answer *out)
{
	/* By whole days: DateSent is compared in GMT, and a day back is none too many.
	 */
	struct stamp day = { since.us - 86400LL * 1000000 };
	const char *query = op_printf(op, "?To=%s&DateSent%%3E=%.10s&PageSize=200",
		escaped(op, m->to), stamp_text(op, day));
	struct http_answer answer;
	const struct json *page = NULL, *found;

	*out = (struct sms_answer){ .outcome = SMS_LATER,
		.reason = "it may have been sent, and the provider does not say" };
	TRY(ask(op, "GET", query, NULL, &answer));
	out->away = away(&answer);
	if (answer.outcome != HTTP_ANSWERED || answer.status != 200)
		return OK;
	if (json_parse(op, answer.body, answer.n, &page) != OK) {
		fault_clear(op);
		return OK;
	}
	if (!json_is_array(json_get(page, "messages")))
		return OK;
	found = find_text(json_get(page, "messages"), m->text);
	*out = (struct sms_answer){ .outcome = found ? SMS_SENT : SMS_REFUSED,
		.ref = json_string(json_get(found, "sid")),
		.reason = "" };
	return OK;
}
