/* Stripe over HTTP: one call, its answer, and what the answer means. */
#include "adapters/stripe.h"

#include "adapters/wire.h"
#include "base/config.h"
#include "base/json.h"

#include <string.h>

/* The first row that fits decides; NULL fits all. */
static const struct {
	int from, to;
	const char *type, *code, *should_retry, *verdict;
} verdicts[] = {
	{ 200, 299, NULL, NULL, NULL, "done" },
	{ 409, 409, NULL, NULL, NULL, "not_executed" }, /* the key is in use */
	{ 400, 400, "idempotency_error", NULL, NULL, "broken" },
	{ 429, 429, NULL, NULL, NULL,
		"not_executed" }, /* before the key is looked at */
	{ 401, 401, NULL, NULL, NULL, "not_executed" }, /* a matter of our key file */
	{ 403, 403, NULL, NULL, NULL, "not_executed" },
	{ 400, 499, NULL, "lock_timeout", NULL, "not_executed" },
	{ 400, 499, "api_error", NULL, NULL, "unknown" },
	{ 400, 404, "", NULL, NULL, "refused" }, /* "": any error that Stripe wrote */
	{ 500, 500, NULL, NULL, "true", "unknown" },
	{ 500, 500, NULL, NULL, NULL, "indeterminate" }, /* and cached: look it up */
};

static bool same(const char *wanted, const char *got)
{
	return !wanted || (got && (!*wanted || strcmp(wanted, got) == 0));
}

const char *stripe_verdict(
	int status, const char *type, const char *code, const char *should_retry)
{
	for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
		if (status >= verdicts[i].from && status <= verdicts[i].to &&
			same(verdicts[i].type, type) && same(verdicts[i].code, code) &&
			same(verdicts[i].should_retry, should_retry))
			return verdicts[i].verdict;
	}
	return "unknown";
}

static struct wire wire = WIRE;

/* Where each action goes; %s is the reference, or for find the key. */
static const struct endpoint {
	const char *action, *method, *path;
	bool refund, list;
} endpoints[] = {
	{ "balance.get", "GET", NULL, false, true }, /* see stripe_list.c */
	{ "payment.create", "POST", "/v1/payment_intents", false, false },
	{ "payment.cancel", "POST", "/v1/payment_intents/%s/cancel", false, false },
	{ "payment.capture", "POST", "/v1/payment_intents/%s/capture", false, false },
	{ "payment.get", "GET",
		"/v1/payment_intents/"
		"%s?expand%5B0%5D=latest_charge.balance_transaction",
		false, false },
	{ "payment.find", "GET",
		"/v1/payment_intents/"
		"search?query=metadata%5B%27op_key%27%5D%3A%27%s%27",
		false, true },
	{ "payout.list", "GET", NULL, false, true },
	{ "refund.create", "POST", "/v1/refunds", true, false },
	{ "refund.get", "GET", "/v1/refunds/%s", true, false },
	{ "refund.find", "GET", "/v1/refunds?payment_intent=%s&limit=100", true, true },
	{ "txn.list", "GET", NULL, false, true },
	{ "dispute.get", "GET", "/v1/disputes/%s", false, false },
	{ "dispute.update", "POST", "/v1/disputes/%s", false, false },
	{ "dispute.close", "POST", "/v1/disputes/%s/close", false, false },
};

static const struct endpoint *endpoint_find(const char *action)
{
	for (size_t i = 0; i < sizeof endpoints / sizeof *endpoints; i++)
		if (strcmp(endpoints[i].action, action) == 0)
			return &endpoints[i];
	return NULL;
}

/* The path with its reference; nothing that could lead elsewhere gets in. */
static const char *path_of(
	struct op *op, const struct endpoint *e, const struct provider_call *call)
{
	const char *hole, *into = call->ref;
	size_t before;

	if (!e->path)
		return stripe_list_path(op, call);
	hole = strstr(e->path, "%s");
	if (strcmp(e->action, "payment.find") == 0) {
		into = call->key;
		if (!into || strspn(into, "abcdefghijklmnopqrstuvwxyz0123456789.-") !=
				     strlen(into))
			return NULL;
	} else if (hole && !stripe_is_ref(into)) {
		return NULL;
	}
	if (!hole)
		return e->path;
	before = (size_t)(hole - e->path);
	return op_printf(op, "%.*s%s%s", (int)before, e->path, into, hole + 2);
}

static int64_t timeout_ms(const struct config *config)
{
	return config->stripe.timeout_ms < PROVIDER_CALL_MAX_MS
		       ? config->stripe.timeout_ms
		       : PROVIDER_CALL_MAX_MS;
}

enum err stripe_request(struct op *op, const char *method, const char *path,
	const char *key, const char *body, struct http_answer *out)
{
	const struct stripe_config *c = &op->config->stripe;
	const char *headers[6] = { 0 }, *secret;
	size_t n = 0;

	TRY(secret_read(op, c->key_file, "stripe_key", &secret));
	headers[n++] = op_printf(op, "Authorization: Bearer %s", secret);
	headers[n++] = op_printf(op, "Stripe-Version: %s", c->version);
	headers[n++] = "User-Agent: shop/" SHOP_VERSION;
	if (body) {
		headers[n++] = "Content-Type: application/x-www-form-urlencoded";
		headers[n++] = op_printf(op, "Idempotency-Key: %s", key);
	}
	return http_send(op, wire_client(),
		&(struct http_request){ .method = method,
			.url = op_printf(op, "%s%s", c->base_url, path),
			.headers = headers,
			.body = body,
			.n = body ? strlen(body) : 0,
			.connect_timeout_ms = c->connect_timeout_ms,
			.timeout_ms = timeout_ms(op->config) },
		out);
}

static enum err send(struct op *op, const struct endpoint *e,
	const struct provider_call *call, struct http_answer *out)
{
	const char *path = path_of(op, e, call);

	if (!path)
		return fail(op, E_BROKEN, "provider_call_is_accepted",
			"%s has no usable reference", call->action);
	return stripe_request(op, e->method, path, call->key, call->body, out);
}

/* The object as facts JSON, or NULL when it is none of the kind. */
static const char *facts(
	struct op *op, const struct endpoint *e, const struct json *object)
{
	struct provider_payment payment;
	struct provider_refund refund;
	struct provider_dispute dispute;

	if (strncmp(e->action, "dispute.", 8) == 0)
		return stripe_dispute(op, object, &dispute)
			       ? provider_facts(op, &provider_dispute_shape, &dispute)
			       : NULL;
	if (e->refund)
		return stripe_refund(op, object, &refund)
			       ? provider_facts(op, &provider_refund_shape, &refund)
			       : NULL;
	return stripe_payment(op, object, &payment)
		       ? provider_facts(op, &provider_payment_shape, &payment)
		       : NULL;
}

/* A lookup: the one object of the list that carries our key. */
static void read_list(struct op *op, const struct endpoint *e,
	const struct provider_call *call, const struct json *body,
	struct provider_answer *out)
{
	const struct json *list = json_get(body, "data"), *one;

	if (!json_is_array(list)) {
		out->verdict = "unknown";
		return;
	}
	for (one = json_first(list); one; one = json_next(one)) {
		const char *key = json_string(json_find(one, "/metadata/op_key"));

		if (key && call->key && strcmp(key, call->key) == 0) {
			out->facts = facts(op, e, one);
			out->verdict = out->facts ? "done" : "unknown";
			return;
		}
	}
	out->verdict = json_is_true(json_get(body, "has_more")) ? "unknown" : "absent";
}

static const char *short_text(const struct json *node, const char *name)
{
	const char *s = json_string(json_get(node, name));

	return s && *s && strlen(s) <= 300 ? s : NULL;
}

/* A refusal may bring the object with it: a decline, a cancel that came too late. */
static void read_error(struct op *op, const struct endpoint *e, const struct json *body,
	const struct http_answer *answer, struct provider_answer *out)
{
	const struct json *error = json_get(body, "error");
	const char *type = short_text(error, "type"), *code = short_text(error, "code");

	out->verdict = stripe_verdict(
		answer->status, type, code, http_header(answer, "Stripe-Should-Retry"));
	out->error = code ? code : type;
	if (!out->error)
		out->error = op_printf(op, "HTTP %d", answer->status);
	if (strcmp(out->verdict, "refused") != 0)
		return;
	if (answer->status == 404 && strcmp(e->method, "GET") == 0)
		out->verdict = "absent";
	if (!e->refund)
		out->facts = facts(op, e, json_get(error, "payment_intent"));
}

static void read_answer(struct op *op, const struct endpoint *e,
	const struct provider_call *call, const struct http_answer *answer,
	struct provider_answer *out)
{
	const struct json *body = NULL;

	out->status = answer->status;
	out->request_id = http_header(answer, "Request-Id");
	out->retry_after_s = wire_retry_after(answer);
	if (json_parse(op, answer->body, answer->n, &body) != OK) {
		fault_clear(op);
		body = NULL;
	}
	if (answer->status < 200 || answer->status > 299) {
		read_error(op, e, body, answer, out);
	} else if (!e->path) {
		stripe_page(op, call, body, out);
	} else if (e->list) {
		read_list(op, e, call, body, out);
	} else {
		out->facts = facts(op, e, body);
		out->verdict = out->facts ? "done" : "unknown";
	}
	if (strcmp(out->verdict, "unknown") == 0 && !out->error)
		out->error = "the answer cannot be read";
}

static enum err call(
	struct op *op, const struct provider_call *asked, struct provider_answer *out)
{
	const struct endpoint *e = endpoint_find(asked->action);
	struct http_answer answer = { 0 };

	*out = (struct provider_answer){ .verdict = "not_executed" };
	if (!e)
		return fail(op, E_BROKEN, "provider_call_is_accepted",
			"stripe has no %s", asked->action);
	if (!wire_admits(&wire, op->config->stripe.rate_per_second)) {
		out->error = "our own rate limit";
		return OK;
	}
	TRY(send(op, e, asked, &answer));
	if (answer.outcome == HTTP_ANSWERED) {
		wire_note(&wire, answer.status);
		read_answer(op, e, asked, &answer, out);
		return OK;
	}
	out->verdict = answer.outcome == HTTP_NOT_SENT ? "not_executed" : "unknown";
	out->error = answer.reason;
	out->away = true;
	return OK;
}

static enum err body(struct op *op, const struct provider_call *asked, const char **out)
{
	*out = stripe_body(op, asked);
	return OK;
}

static bool livemode(const struct config *config)
{
	return config->stripe.livemode;
}

const struct provider stripe_provider = {
	.name = "stripe",
	.livemode = livemode,
	.timeout_ms = timeout_ms,
	.body = body,
	.call = call,
	.event = stripe_event,
	.events = stripe_events,
};
