/* The control side, /sim/...: faults, time, state, and what customers and banks do. */
#include "fault.h"
#include "nouns.h"

enum { ADVANCE_MAX = 400 * 86400 };

static const char *const names[KINDS] = { "payment_intents", "charges", "refunds",
	"balance_transactions", "events", "customers", "payment_methods", "disputes" };

static int control_refused(struct call *c, int status, const char *message)
{
	cJSON *o = cJSON_CreateObject();

	js_put_text(o, "error", message);
	c->out = op_json(c, o);
	return c->status = status;
}

static int done(struct call *c)
{
	return answer_new(c, js("{\"ok\":true}"));
}

/* NULL refuses: the body is not JSON. */
static const cJSON *body(struct call *c)
{
	cJSON *json = cJSON_ParseWithLength(c->raw, c->raw_n);

	if (!json) {
		control_refused(c, 400, "the body is not JSON");
		return NULL;
	}
	return op_json(c, json);
}

static int faults(struct call *c)
{
	const cJSON *list = body(c);
	const char *wrong;

	if (!list)
		return c->status;
	wrong = faults_add(c->sim, c->op, list);
	return wrong ? control_refused(c, 400, wrong) : done(c);
}

static int faults_get(struct call *c)
{
	return answer_new(c, faults_json(c->sim));
}

static int faults_drop(struct call *c)
{
	faults_clear(c->sim);
	return done(c);
}

static int advance(struct call *c)
{
	const cJSON *o = body(c);
	int64_t seconds = js_int(o, "seconds");

	if (!o)
		return c->status;
	if (seconds < 0 || seconds > ADVANCE_MAX)
		return control_refused(c, 400, "seconds are 0 to 34560000");
	c->sim->offset_us += seconds * SECOND;
	timers_run(c->sim);
	pthread_cond_broadcast(&c->sim->changed);
	return done(c);
}

static cJSON *figures(struct sim *s)
{
	cJSON *out = cJSON_CreateObject(), *counts = cJSON_CreateObject();

	js_put_int(out, "now", sim_now(s));
	for (int k = 0; k < KINDS; k++)
		js_put_int(counts, names[k], (int64_t)s->things[k].n);
	js_put(out, "counts", counts);
	js_put(out, "calls", cJSON_Duplicate(s->calls, true));
	js_put(out, "counters", cJSON_Duplicate(s->counters, true));
	js_put_int(out, "webhooks_waiting", (int64_t)hooks_waiting(s));
	js_put(out, "faults", faults_json(s));
	return out;
}

static cJSON *all_of(const struct list *l)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < l->n; i++)
		cJSON_AddItemToArray(
			list, l->v[i]->json ? cJSON_Duplicate(l->v[i]->json, true)
					    : cJSON_CreateRaw(l->v[i]->text));
	return list;
}

/* ?objects=0 leaves out all that grows with use. */
static int state(struct call *c)
{
	cJSON *out = figures(c->sim), *objects;

	if (js_is(c->query, "objects", "0"))
		return answer_new(c, out);
	objects = cJSON_CreateObject();
	for (int k = 0; k < KINDS; k++)
		js_put(objects, names[k], all_of(&c->sim->things[k]));
	js_put(out, "objects", objects);
	js_put(out, "deliveries", cJSON_Duplicate(c->sim->deliveries, true));
	return answer_new(c, out);
}

static int reset(struct call *c)
{
	sim_reset(c->sim);
	return done(c);
}

/* Where webhooks go; {"url":null} stops them. */
static int webhook(struct call *c)
{
	const cJSON *o = body(c);
	const char *url = js_text(o, "url"), *secret = js_text(o, "secret");

	if (!o)
		return c->status;
	free(c->sim->webhook_url);
	c->sim->webhook_url = url ? keep(strdup(url)) : NULL;
	if (secret) {
		free(c->sim->webhook_secret);
		c->sim->webhook_secret = keep(strdup(secret));
	}
	return done(c);
}

static int outcome(struct call *c, const char *wrong)
{
	return wrong ? control_refused(c, 409, wrong) : done(c);
}

static int authenticate(struct call *c)
{
	const char *id = js_text(c->query, "payment_intent");

	return outcome(c, intent_authenticate(c->sim, id ? id : "",
				  !js_is(c->query, "outcome", "fail")));
}

static int fail_refund(struct call *c)
{
	const cJSON *o = body(c);
	const char *id = js_text(o, "refund");

	if (!o)
		return c->status;
	if (!thing_find(c->sim, id, REFUND))
		return control_refused(c, 404, "no such refund");
	refund_fail(c->sim, id);
	return done(c);
}

/* {"charge": id} opens one; {"dispute": id, "outcome": "won"} closes it. */
static int dispute(struct call *c)
{
	const cJSON *o = body(c);
	const char *id = js_text(o, "dispute");

	if (!o)
		return c->status;
	if (id)
		return outcome(
			c, dispute_close(c->sim, id, js_is(o, "outcome", "won")));
	if (!thing_find(c->sim, js_text(o, "charge"), CHARGE))
		return control_refused(c, 404, "no such charge");
	dispute_open(c->sim, js_text(o, "charge"));
	return done(c);
}

static const struct route controls[] = {
	{ "GET", "/sim/state", state },
	{ "GET", "/sim/faults", faults_get },
	{ "POST", "/sim/faults", faults },
	{ "DELETE", "/sim/faults", faults_drop },
	{ "POST", "/sim/advance", advance },
	{ "POST", "/sim/reset", reset },
	{ "POST", "/sim/webhook", webhook },
	{ "GET", "/sim/authenticate", authenticate },
	{ "POST", "/sim/authenticate", authenticate },
	{ "POST", "/sim/refunds/fail", fail_refund },
	{ "POST", "/sim/disputes", dispute },
	{ 0 },
};

void control_answer(struct call *c)
{
	const struct route *r = controls;

	pthread_mutex_lock(&c->sim->lock);
	while (r->method &&
		(strcmp(r->method, c->method) || strcmp(r->pattern, c->path)))
		r++;
	if (r->method)
		r->run(c);
	else
		control_refused(c, 404, "no such control");
	c->body = keep(cJSON_PrintUnformatted(c->out));
	op_defer(c->op, cJSON_free, (char *)c->body);
	pthread_mutex_unlock(&c->sim->lock);
}
