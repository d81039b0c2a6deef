/* A provider in our own process: its simulator without its sockets. */
#include "inside.h"

#include "base/world.h"

struct sim sim;

static const struct {
	const char *kind;
	bool hook, posts;
} rules[] = {
#define X(name, kind, hook, posts, most) { kind, hook, posts },
	PROVIDER_FAULTS(X)
#undef X
};
enum { RULES = sizeof rules / sizeof *rules, FIRST = F_p429 };

static const char *match_of(int rule)
{
	if (rules[rule].hook)
		return "webhook*";
	return rules[rule].posts ? manner.posts : manner.calls;
}

static void faults_set(struct op *op)
{
	cJSON *list = cJSON_CreateArray();

	for (int i = 0; i < RULES; i++) {
		cJSON *o = cJSON_CreateObject();

		js_put_text(o, "kind", rules[i].kind);
		js_put_text(o, "match", match_of(i));
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

/* Without a defence: nobody tells, or nobody tells again. */
static void defences_set(void)
{
	if (run.without == W_webhooks) {
		free(sim.webhook_url);
		sim.webhook_url = NULL;
	}
	if (run.without == W_resends)
		sim.set.tries = 1;
}

void house_open(void)
{
	struct op op;

	sim.set = flavour.defaults;
	sim.set.late_s = between(600, 5 * 86400);
	sim.set.fee_s = between(1, 3600);
	sim.set.search_lag_s = between(0, 60);
	sim.set.retry_ms = 60000;
	sim.set.seed = run.seed;
	manner.settings(&sim.set);
	sim_open(&sim);
	defences_set();
	op_open(&op, NULL, "world");
	faults_set(&op);
	op_close(&op);
}

void house_close(void)
{
	sim_reset(&sim);
}

void house_pass(void)
{
	pthread_mutex_lock(&sim.lock);
	timers_run(&sim);
	pthread_mutex_unlock(&sim.lock);
}

/* How often each rule struck is asked before they are forgotten. */
void house_calm(void)
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

/* What is still to come by itself is far away: an authorization that lapses, say. */
bool house_quiet(void)
{
	return queue_due(&sim.timers) > run.now_us + 6 * HOUR_US &&
	       !hooks_waiting(&sim);
}

void house_resend(void)
{
	if (run.without != W_resends)
		hooks_resend(&sim);
}

bool house_deliver(void)
{
	bool some;

	pthread_mutex_lock(&sim.lock);
	some = hook_deliver(&sim, NULL);
	pthread_mutex_unlock(&sim.lock);
	return some;
}

struct thing *house_any(int kind)
{
	struct list *l = &sim.things[kind];

	return l->n ? l->v[below((int64_t)l->n)] : NULL;
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

void house_ask(struct op *op, struct call *c, const char *uri, struct http_answer *out)
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

enum err house_call(
	struct op *op, const struct http_request *r, struct http_answer *out)
{
	struct call c = { .op = op,
		.sim = &sim,
		.method = r->method,
		.authorization = header(r, "Authorization"),
		.key = header(r, flavour.key_header),
		.version = header(r, "Stripe-Version"),
		.content_type = header(r, "Content-Type"),
		.raw = r->body ? r->body : "",
		.raw_n = r->n };

	house_ask(op, &c, strchr(strstr(r->url, "://") + 3, '/'), out);
	return OK;
}

void house_effects(void)
{
	int64_t mismatches = js_int(sim.counters, "idempotency_mismatches");

	run.effects[E_keys_replayed] += js_int(sim.counters, "idempotency_replays");
	if (mismatches)
		violation("%s: a key was used with another body, %lld times",
			flavour.name, (long long)mismatches);
}
