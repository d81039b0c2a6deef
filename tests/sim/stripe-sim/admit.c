/* Who may call what: the key, the version, the parameters. */
#include "api.h"

#include <ctype.h>

/* "Basic base64(key:)": the key up to the colon. */
static const char *basic_key(struct op *op, const char *text)
{
	const char *both = basic_text(op, text);

	return op_strndup(op, both, strcspn(both, ":"));
}

static const char *given_key(struct call *c)
{
	const char *a = c->authorization;

	if (a && !strncasecmp(a, "Bearer ", 7))
		return a + 7;
	if (a && !strncasecmp(a, "Basic ", 6))
		return basic_key(c->op, a + 6);
	return js_text(c->form, "key") ? js_text(c->form, "key")
				       : js_text(c->query, "key");
}

static bool admitted(struct call *c, const struct route *r)
{
	const char *key = given_key(c);

	if (!key || !*key) {
		REFUSE(c, 401,
			.message =
				"You did not provide an API key. You need to provide "
				"your API key in the Authorization header, using "
				"Bearer auth.");
	} else if (!strncmp(key, "pk_", 3)) {
		c->publishable = true;
		if (!(r->flags & PUBLISHABLE))
			REFUSE(c, 403, .code = "secret_key_required",
				.message = "This API call cannot be made with a "
					   "publishable API key. Please use a secret "
					   "API key.");
	} else if (strcmp(key, c->sim->set.key)) {
		REFUSE(c, 401, .message = "Invalid API Key provided: sk_test_****");
	}
	return !c->status;
}

static bool is_version(const char *v)
{
	static const char shape[] = "dddd-dd-dd";
	size_t i;

	for (i = 0; shape[i]; i++)
		if (shape[i] == 'd' ? !isdigit((unsigned char)v[i]) : v[i] != '-')
			return false;
	return !v[i] || v[i] == '.';
}

/* Stripe takes the account's version then; an adapter must never rely on that. */
static bool versioned(struct call *c)
{
	if (!c->version && c->publishable)
		return true;
	if (!c->version || !is_version(c->version))
		REFUSE(c, 400,
			.message = "Invalid Stripe API version: the Stripe-Version "
				   "header must name one, such as 2024-06-20.");
	return !c->status;
}

static bool listed(const char *list, const char *name)
{
	size_t n = strlen(name);
	const char *at = list;

	while ((at = strstr(at, name))) {
		if ((at == list || at[-1] == ' ') && (!at[n] || at[n] == ' '))
			return n > 0;
		at += n;
	}
	return false;
}

static bool known_params(struct call *c, const struct route *r)
{
	const cJSON *one, *given = !strcmp(c->method, "GET") ? c->query : c->form;

	cJSON_ArrayForEach(one, given)
	{
		const char *name = one->string;

		if (listed(r->params, name) || !strcmp(name, "expand") ||
			!strcmp(name, "key"))
			continue;
		REFUSE(c, 400, .code = "parameter_unknown", .param = name,
			.message = op_printf(
				c->op, "Received unknown parameter: %s", name));
		return false;
	}
	return true;
}

static bool keyed(struct call *c)
{
	if (c->key && (!*c->key || strlen(c->key) > 255))
		REFUSE(c, 400,
			.message = "Idempotency keys are 1 to 255 characters long.");
	return !c->status;
}

bool stripe_admit(struct call *c, const struct route *r)
{
	answer_header(c, "Request-Id", c->request_id);
	if (c->version)
		answer_header(c, "Stripe-Version", c->version);
	return admitted(c, r) && versioned(c) && keyed(c) && known_params(c, r);
}
