/* The way of one API request: route, key, faults, idempotency, endpoint, answer. */
#include "api.h"
#include "fault.h"

#include <ctype.h>
#include <math.h>

/* "/v1/refunds/:id" against "/v1/refunds/re_1"; *id is what stood for :id. */
static bool fits(struct op *op, const char *pattern, const char *path, const char **id)
{
	const char *hole = strstr(pattern, ":id");
	size_t n, before;

	if (!hole)
		return !strcmp(pattern, path);
	before = (size_t)(hole - pattern);
	if (strncmp(pattern, path, before))
		return false;
	n = strcspn(path + before, "/");
	if (!n || n >= ID_MAX || strcmp(path + before + n, hole + 3))
		return false;
	*id = op_strndup(op, path + before, n);
	return true;
}

static const struct route *route_find(struct call *c)
{
	const struct route *r;

	for (r = routes; r->method; r++)
		if (!strcmp(r->method, c->method) &&
			fits(c->op, r->pattern, c->path, &c->id))
			return r;
	REFUSE(c, 404,
		.message = op_printf(c->op, "Unrecognized request URL (%s: %.100s).",
			c->method, c->path));
	return NULL;
}

static int base64_digit(char d)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = d ? strchr(digits, d) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* "Basic base64(key:)": the key up to the colon. */
static const char *basic_key(struct op *op, const char *text)
{
	char *key = op_alloc(op, strlen(text) + 1);
	unsigned bits = 0;
	int have = 0;
	size_t n = 0;

	for (; *text && *text != '='; text++) {
		int digit = base64_digit(*text);

		if (digit < 0)
			return "";
		bits = (bits << 6 | (unsigned)digit) & 0xffffff;
		have += 6;
		if (have >= 8)
			key[n++] = (char)(bits >> (have -= 8));
	}
	key[strcspn(key, ":")] = '\0';
	return key;
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

static void print_body(struct call *c)
{
	if (c->body || !c->out)
		return;
	c->body = keep(cJSON_PrintUnformatted(c->out));
	op_defer(c->op, cJSON_free, (char *)c->body);
}

static void hit(struct call *c, const struct fault_hit *f)
{
	if (f->kind->error) {
		c->status = f->kind->status;
		c->body = f->kind->error;
	}
	c->effect = f->kind->effect;
	c->hold_s = f->seconds;
	if (f->kind->status == 429)
		answer_header(c, "Stripe-Rate-Limited-Reason",
			strstr(f->kind->name, "lock") ? "lock-timeout" : "global-rate");
	if (f->says_retry)
		answer_header(
			c, "Stripe-Should-Retry", f->should_retry ? "true" : "false");
}

/* The lock is free meanwhile: others go on, and the same key is in use. */
static void wait_a_while(struct sim *s, double seconds)
{
	int64_t until = sim_now_us(s) + (int64_t)(seconds * SECOND);

	while (!s->stopping && sim_now_us(s) < until)
		sim_wait(s, until - sim_now_us(s));
}

static void execute(struct call *c, const struct route *r, const struct fault_hit *f)
{
	if (f->kind && f->kind->stage == DURING)
		wait_a_while(c->sim, f->seconds);
	if (f->kind && f->kind->stage == INSTEAD) {
		c->executed = true;
		hit(c, f);
	} else if (r->run(c) == 200) {
		expand(c);
	}
	print_body(c);
	/* a 500 is what the key remembers; every other loss is on the wire only */
	if (f->kind && f->kind->stage == AFTER && f->kind->status == 500)
		hit(c, f);
	idem_finish(c);
	if (f->kind && f->kind->stage == AFTER && f->kind->status != 500)
		hit(c, f);
}

static void process(struct call *c, const struct route *r)
{
	struct fault_hit f = fault_take(
		c->sim, op_printf(c->op, "%s %s", c->method, c->path), c->route, false);

	if (f.kind && f.kind->stage == BEFORE)
		hit(c, &f);
	else if (idem_claim(c) == CLAIM_NEW)
		execute(c, r, &f);
	else if (f.kind && f.kind->stage == AFTER)
		hit(c, &f);
}

static void tally(struct call *c)
{
	const char *name = c->route ? c->route : "(unknown)";
	cJSON *row = js_get(c->sim->calls, name);

	if (!row) {
		js_put(c->sim->calls, name, cJSON_CreateObject());
		row = js_get(c->sim->calls, name);
	}
	count(row, "count");
	count(row, c->effect == SEND ? op_printf(c->op, "%d", c->status) : "lost");
}

void api_answer(struct call *c)
{
	const struct route *r;
	char id[ID_MAX];

	pthread_mutex_lock(&c->sim->lock);
	new_id(c->sim, "req_", id);
	c->request_id = op_strdup(c->op, id);
	answer_header(c, "Request-Id", c->request_id);
	if (c->version)
		answer_header(c, "Stripe-Version", c->version);
	r = route_find(c);
	if (r)
		c->route = op_printf(c->op, "%s %s", r->method, r->pattern);
	if (r && admitted(c, r) && versioned(c) && keyed(c) && known_params(c, r))
		process(c, r);
	print_body(c);
	tally(c);
	pthread_mutex_unlock(&c->sim->lock);
}
