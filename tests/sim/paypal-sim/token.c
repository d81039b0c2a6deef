/* Tokens: given for the secret, good for nine hours of simulated time. */
#include "nouns.h"

enum { LIFE_S = 32400 };

int token_create(struct call *c)
{
	const char *a = c->authorization;
	const char *wanted =
		op_printf(c->op, "%s:%s", c->sim->set.client, c->sim->set.key);
	cJSON *o;

	if (!a || strncasecmp(a, "Basic ", 6) ||
		strcmp(basic_text(c->op, a + 6), wanted) != 0) {
		o = js("{\"error\":\"invalid_client\",\"error_description\":"
		       "\"Client Authentication failed\"}");
		answer_new(c, o);
		return c->status = 401;
	}
	if (!strstr(op_strndup(c->op, c->raw, c->raw_n),
		    "grant_type=client_credentials")) {
		answer_new(c, js("{\"error\":\"unsupported_grant_type\"}"));
		return c->status = 400;
	}
	o = js("{\"scope\":\"https://uri.paypal.com/services/payments\","
	       "\"token_type\":\"Bearer\",\"app_id\":\"APP-80W284485P519543T\"}");
	js_put_text(o, "access_token",
		op_printf(c->op, "A21AA-%lld", (long long)sim_now(c->sim)));
	js_put_int(o, "expires_in", LIFE_S);
	return answer_new(c, o);
}

bool token_is_good(const struct call *c)
{
	const char *a = c->authorization;
	int64_t since;

	if (!a || strncmp(a, "Bearer A21AA-", 13))
		return false;
	since = strtoll(a + 13, NULL, 10);
	return since <= sim_now(c->sim) && sim_now(c->sim) < since + LIFE_S;
}
