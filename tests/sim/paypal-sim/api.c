/* What PayPal's answers are made of: refusals, money, ids, links. */
#include "nouns.h"

#include "base/clock.h"

static cJSON *seen; /* every request, for the contract's sake */

int refuse(struct call *c, const struct refusal *r)
{
	cJSON *o = js("{\"details\":[],\"links\":[]}"), *detail = cJSON_CreateObject();

	js_put_text(o, "name",
		r->name            ? r->name
		: r->status == 422 ? "UNPROCESSABLE_ENTITY"
		: r->status == 404 ? "RESOURCE_NOT_FOUND"
				   : "INVALID_REQUEST");
	js_put_text(o, "message",
		r->status == 422 ? "The requested action could not be performed, "
				   "semantically incorrect, or failed business "
				   "validation."
		: r->status == 404
			? "The specified resource does not exist."
			: "Request is not well-formed, syntactically incorrect, or "
			  "violates schema.");
	js_put_text(o, "debug_id", c->request_id);
	if (r->issue) {
		js_put_text(detail, "issue", r->issue);
		js_put_text(detail, "description", r->words ? r->words : r->issue);
		cJSON_AddItemToArray(js_get(o, "details"), detail);
	} else {
		cJSON_Delete(detail);
	}
	c->out = op_json(c, o);
	return c->status = r->status;
}

int absent(struct call *c)
{
	return REFUSE(c, 404, .issue = "INVALID_RESOURCE_ID",
		.words = "Specified resource ID does not exist.");
}

/* Currencies whose fractions PayPal does not take. */
static bool whole_only(const char *currency)
{
	return !strcmp(currency, "HUF") || !strcmp(currency, "TWD");
}

bool read_money(struct op *op, const cJSON *amount, struct money *out)
{
	const char *value = js_text(amount, "value");
	const char *currency = js_text(amount, "currency_code");

	if (!value || !currency || strlen(currency) != 3 ||
		(strchr(value, '.') &&
			(whole_only(currency) || !money_exponent(currency))))
		return false;
	if (money_parse_as(op, value, currency, out) == OK)
		return true;
	fault_clear(op);
	return false;
}

cJSON *money_json(struct op *op, struct money m)
{
	cJSON *o = cJSON_CreateObject();
	const char *value = money_decimal(op, m);

	if (whole_only(m.currency))
		value = op_strndup(op, value, strcspn(value, "."));
	js_put_text(o, "currency_code", m.currency);
	js_put_text(o, "value", value);
	return o;
}

void new_ref(struct sim *s, char out[ID_MAX])
{
	static const char letters[] = "0123456789ABCDEFGHJKLMNPRSTUVWXY";

	for (int i = 0; i < 17; i++)
		out[i] = letters[sim_random(s) % 32];
	out[17] = '\0';
}

void put_time(struct op *op, struct sim *s, cJSON *o, const char *name, int64_t in_s)
{
	js_put_text(o, name,
		stamp_text(op, (struct stamp){ (sim_now(s) + in_s) * SECOND }));
}

void put_link(struct op *op, struct sim *s, cJSON *o, const char *path, const char *rel,
	const char *method)
{
	cJSON *link = cJSON_CreateObject();

	if (!js_get(o, "links"))
		js_put(o, "links", cJSON_CreateArray());
	js_put_text(link, "href",
		op_printf(op, "http://127.0.0.1:%d%s", s->set.port, path));
	js_put_text(link, "rel", rel);
	js_put_text(link, "method", method);
	cJSON_AddItemToArray(js_get(o, "links"), link);
}

const char *secret_of(const struct thing *t, const char *name)
{
	return js_text(js_get(t->json, "_"), name);
}

void secret_put(struct thing *t, const char *name, const char *value)
{
	if (!js_get(t->json, "_"))
		js_put(t->json, "_", cJSON_CreateObject());
	js_put_text(js_get(t->json, "_"), name, value);
}

static void note_request(struct call *c)
{
	cJSON *o = cJSON_CreateObject();

	if (!seen)
		seen = keep(cJSON_CreateArray());
	js_put_text(o, "route", c->route);
	js_put_text(o, "key", c->key);
	js_put(o, "body",
		c->form ? cJSON_Duplicate(c->form, true) : cJSON_CreateNull());
	cJSON_AddItemToArray(seen, o);
}

int requests_get(struct call *c)
{
	return answer_new(c, seen ? cJSON_Duplicate(seen, true) : cJSON_CreateArray());
}

enum { OPEN = 1 }; /* of struct route: without a token */

bool paypal_admit(struct call *c, const struct route *r)
{
	answer_header(c, "Paypal-Debug-Id", c->request_id);
	if (r->flags & OPEN)
		return true;
	note_request(c);
	if (!token_is_good(c)) {
		REFUSE(c, 401, .name = "AUTHENTICATION_FAILURE");
		return false;
	}
	if (!strcmp(c->method, "POST") && (!c->form || !c->key || strlen(c->key) > 108))
		REFUSE(c, 400,
			.issue = c->form ? "PAYPAL_REQUEST_ID_REQUIRED"
					 : "MALFORMED_REQUEST_JSON");
	return !c->status;
}

#define ORDERS   "/v2/checkout/orders"
#define PAYMENTS "/v2/payments/"
#define DISPUTES "/v1/customer/disputes"

const struct route paypal_routes[] = {
	{ "POST", "/v1/oauth2/token", token_create, "", OPEN },
	{ "GET", "/v1/notifications/certs/:id", certificate_get, "", OPEN },
	{ "POST", ORDERS, order_create, "" },
	{ "GET", ORDERS "/:id", order_get, "" },
	{ "POST", ORDERS "/:id/capture", order_capture, "" },
	{ "POST", ORDERS "/:id/authorize", order_authorize, "" },
	{ "GET", PAYMENTS "authorizations/:id", authorization_get, "" },
	{ "POST", PAYMENTS "authorizations/:id/capture", authorization_capture, "" },
	{ "POST", PAYMENTS "authorizations/:id/reauthorize", authorization_renew, "" },
	{ "POST", PAYMENTS "authorizations/:id/void", authorization_void, "" },
	{ "GET", PAYMENTS "captures/:id", capture_get, "" },
	{ "POST", PAYMENTS "captures/:id/refund", capture_refund, "" },
	{ "GET", PAYMENTS "refunds/:id", refund_get, "" },
	{ "GET", DISPUTES, dispute_list, "" },
	{ "GET", DISPUTES "/:id", dispute_get, "" },
	{ "POST", DISPUTES "/:id/provide-evidence", dispute_evidence, "" },
	{ "POST", DISPUTES "/:id/accept-claim", dispute_accept, "" },
	{ "GET", "/v1/reporting/transactions", txn_list, "" },
	{ "GET", "/v1/reporting/balances", balance_list, "" },
	{ 0 },
};
