/* The provider in our own process: stripe-sim without its sockets, on the world's
 * clock. */
#include "base/config.h"
#include "base/http.h"
#include "base/world.h"
#include "provider/flavour.h"
#include "stripe-sim/nouns.h"
#include "world.h"

static struct sim sim;

static const struct {
	const char *kind, *match;
} rules[] = {
#define X(name, kind, match, most) { kind, match },
	PROVIDER_FAULTS(X)
#undef X
};
enum { RULES = sizeof rules / sizeof *rules, FIRST = F_p429 };

static void faults_set(struct op *op)
{
	cJSON *list = cJSON_CreateArray();

	for (int i = 0; i < RULES; i++) {
		cJSON *o = cJSON_CreateObject();

		js_put_text(o, "kind", rules[i].kind);
		js_put_text(o, "match", rules[i].match);
		cJSON_AddNumberToObject(
			o, "rate", (double)run.rates[FIRST + i] / 10000);
		cJSON_AddNumberToObject(o, "seconds", (double)between(5, 7200));
		js_put_int(o, "seed", below(1 << 30));
		if (run.rates[FIRST + i])
			cJSON_AddItemToArray(list, o);
		else
			cJSON_Delete(o);
	}
	if (faults_add(&sim, op, list))
		abort();
	cJSON_Delete(list);
}

void provider_open(void)
{
	struct op op;

	sim.set = flavour.defaults;
	sim.set.key = "sk_test_world";
	sim.set.late_s = between(600, 5 * 86400);
	sim.set.fee_s = between(1, 3600);
	sim.set.search_lag_s = between(0, 60);
	sim.set.retry_ms = 60000;
	sim.set.seed = run.seed;
	sim.set.first_url = "http://shop.invalid/v1/webhooks/stripe";
	sim.set.first_secret = "whsec_world";
	sim_open(&sim);
	op_open(&op, NULL, "world");
	faults_set(&op);
	op_close(&op);
}

void provider_close(void)
{
	sim_reset(&sim);
}

void provider_pass(void)
{
	pthread_mutex_lock(&sim.lock);
	timers_run(&sim);
	pthread_mutex_unlock(&sim.lock);
}

/* How often each rule struck is asked before they are forgotten. */
void provider_calm(void)
{
	cJSON *fired = faults_json(&sim), *one;

	cJSON_ArrayForEach(one, fired)
	{
		for (int i = 0; i < RULES; i++)
			if (js_is(one, "kind", rules[i].kind))
				run.injected[FIRST + i] += js_int(one, "fired");
	}
	cJSON_Delete(fired);
	faults_clear(&sim);
}

bool provider_quiet(void)
{
	return !sim.timers.n && !hooks_waiting(&sim);
}

void provider_resend(void)
{
	hooks_resend(&sim);
}

bool provider_deliver(void)
{
	bool some;

	pthread_mutex_lock(&sim.lock);
	some = hook_deliver(&sim, NULL);
	pthread_mutex_unlock(&sim.lock);
	return some;
}

static struct thing *any(int kind)
{
	struct list *l = &sim.things[kind];

	return l->n ? l->v[below((int64_t)l->n)] : NULL;
}

/* What happens at a provider by itself: a refund that had succeeded comes back. */
void provider_mischief(void)
{
	struct thing *refund = any(REFUND);

	if (refund && js_is(refund->json, "status", "succeeded") &&
		strikes(F_refund_fails_late))
		refund_fail(&sim, refund->id);
}

static const char *header(const struct http_request *r, const char *name)
{
	size_t i, n = strlen(name);

	for (i = 0; r->headers && r->headers[i]; i++)
		if (!strncasecmp(r->headers[i], name, n) && r->headers[i][n] == ':')
			return r->headers[i] + n + 2;
	return NULL;
}

static void answered(struct op *op, const struct call *c, struct http_answer *out)
{
	struct http_header *headers = op_alloc(op, sizeof *headers * 8);

	out->outcome = HTTP_ANSWERED;
	out->status = c->status;
	out->body = c->effect == GARBAGE ? "{\"id\": \"pi_3" : op_strdup(op, c->body);
	out->n = strlen(out->body);
	for (size_t i = 0; i + 1 < c->n_headers; i += 2)
		headers[out->n_headers++] =
			(struct http_header){ op_strdup(op, c->headers[i]),
				op_strdup(op, c->headers[i + 1]) };
	out->headers = headers;
}

static const char *const effects[] = { [SEND] = "",
	[HOLD] = "timeout",
	[RESET] = "reset",
	[TRUNCATE] = "truncated",
	[GARBAGE] = "garbage",
	[HUGE_BODY] = "huge" };

static void ask(struct op *op, struct call *c, const char *uri, struct http_answer *out)
{
	c->path = op_strndup(op, uri, strcspn(uri, "?"));
	if (flavour.read(c, strchr(uri, '?')))
		api_answer(c);
	trace("%s %s: %d %s", c->method, c->path, c->status, effects[c->effect]);
	if (c->effect == HOLD)
		world->sleep_us(20 * SECOND_US);
	if (c->effect == SEND || c->effect == GARBAGE)
		answered(op, c, out);
	else
		out->reason = effects[c->effect];
}

static bool unreachable(struct http_answer *out)
{
	if (strikes(F_blackout))
		run.blackout_until = run.now_us + between(1, 30) * MINUTE_US;
	if (run.now_us >= run.blackout_until)
		return false;
	world->sleep_us(2 * SECOND_US);
	out->outcome = HTTP_NOT_SENT;
	out->reason = "no connection";
	trace("provider unreachable");
	return true;
}

enum err provider_http(
	struct op *op, const struct http_request *r, struct http_answer *out)
{
	struct call c = { .op = op,
		.sim = &sim,
		.method = r->method,
		.authorization = header(r, "Authorization"),
		.key = header(r, "Idempotency-Key"),
		.version = header(r, "Stripe-Version"),
		.content_type = header(r, "Content-Type"),
		.raw = r->body ? r->body : "",
		.raw_n = r->n };

	out->outcome = HTTP_UNKNOWN;
	out->body = "";
	if (!strncmp(r->url, "http://shop.invalid", 19))
		return door_take(op, r, out);
	if (unreachable(out))
		return OK;
	run.effects[E_lookups] += strstr(r->url, "search?") != NULL;
	ask(op, &c, strchr(r->url + 8, '/'), out);
	return OK;
}

int provider_browser(struct op *op, const char *path, const char *form)
{
	struct http_answer out = { 0 };
	struct call c = { .op = op,
		.sim = &sim,
		.method = "POST",
		.authorization = "Bearer pk_test_world",
		.version = "2024-06-20",
		.raw = form,
		.raw_n = strlen(form) };

	ask(op, &c, path, &out);
	return c.status;
}

void provider_authenticate(struct op *op, const char *pi, bool success)
{
	(void)op;
	pthread_mutex_lock(&sim.lock);
	intent_authenticate(&sim, pi, success);
	pthread_mutex_unlock(&sim.lock);
}

static void book(cJSON *list, const struct thing *t)
{
	cJSON *o = cJSON_CreateObject();
	const cJSON *meta = js_get(t->json, "metadata");

	js_put_text(o, "id", t->id);
	js_put_text(o, "status", js_text(t->json, "status"));
	js_put_text(o, "type", js_text(t->json, "type"));
	js_put_text(o, "currency", js_text(t->json, "currency"));
	js_put_text(o, "payment", js_text(t->json, "payment_intent"));
	js_put_text(o, "op_key", meta ? js_text(meta, "op_key") : NULL);
	js_put_int(o, "amount", js_int(t->json, "amount"));
	js_put_int(o, "fee", js_int(t->json, "fee"));
	js_put_int(o, "received", js_int(t->json, "amount_received"));
	cJSON_AddItemToArray(list, o);
}

const char *provider_books(struct op *op)
{
	static const struct {
		int kind;
		const char *name;
	} all[] = { { PI, "payments" }, { REFUND, "refunds" }, { TXN, "txns" } };
	cJSON *books = cJSON_CreateObject(), *list;
	char *text;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		list = cJSON_AddArrayToObject(books, all[i].name);
		for (size_t k = 0; k < sim.things[all[i].kind].n; k++)
			book(list, sim.things[all[i].kind].v[k]);
	}
	text = keep(cJSON_PrintUnformatted(books));
	cJSON_Delete(books);
	op_defer(op, cJSON_free, text);
	return text;
}

void provider_effects(void)
{
	int64_t mismatches = js_int(sim.counters, "idempotency_mismatches");

	run.effects[E_keys_replayed] += js_int(sim.counters, "idempotency_replays");
	if (mismatches)
		violation("a key was used with another body, %lld times",
			(long long)mismatches);
}
