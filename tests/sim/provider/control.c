/* The control side, /sim/...: faults, time, state. */
#include "provider/control.h"

#include "provider/fault.h"
#include "provider/flavour.h"

enum { ADVANCE_MAX = 400 * 86400 };

int control_refused(struct call *c, int status, const char *message)
{
	cJSON *o = cJSON_CreateObject();

	js_put_text(o, "error", message);
	c->out = op_json(c, o);
	return c->status = status;
}

int control_done(struct call *c)
{
	return answer_new(c, js("{\"ok\":true}"));
}

/* NULL refuses: the body is not JSON. */
const cJSON *control_body(struct call *c)
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
	const cJSON *list = control_body(c);
	const char *wrong;

	if (!list)
		return c->status;
	wrong = faults_add(c->sim, c->op, list);
	return wrong ? control_refused(c, 400, wrong) : control_done(c);
}

static int faults_get(struct call *c)
{
	return answer_new(c, faults_json(c->sim));
}

static int faults_drop(struct call *c)
{
	faults_clear(c->sim);
	return control_done(c);
}

static int advance(struct call *c)
{
	const cJSON *o = control_body(c);
	int64_t seconds = js_int(o, "seconds");

	if (!o)
		return c->status;
	if (seconds < 0 || seconds > ADVANCE_MAX)
		return control_refused(c, 400, "seconds are 0 to 34560000");
	c->sim->offset_us += seconds * SECOND;
	timers_run(c->sim);
	pthread_cond_broadcast(&c->sim->changed);
	return control_done(c);
}

static cJSON *figures(struct sim *s)
{
	cJSON *out = cJSON_CreateObject(), *counts = cJSON_CreateObject();

	js_put_int(out, "now", sim_now(s));
	for (int k = 0; flavour.kinds[k]; k++)
		js_put_int(counts, flavour.kinds[k], (int64_t)s->things[k].n);
	js_put(out, "counts", counts);
	js_put(out, "calls", cJSON_Duplicate(s->calls, true));
	js_put(out, "counters", cJSON_Duplicate(s->counters, true));
	js_put_int(out, "most_calls_at_once", (int64_t)s->most_calling);
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
	for (int k = 0; flavour.kinds[k]; k++)
		js_put(objects, flavour.kinds[k], all_of(&c->sim->things[k]));
	js_put(out, "objects", objects);
	js_put(out, "deliveries", cJSON_Duplicate(c->sim->deliveries, true));
	return answer_new(c, out);
}

static int reset(struct call *c)
{
	sim_reset(c->sim);
	return control_done(c);
}

/* Where webhooks go; {"url":null} stops them. */
static int webhook(struct call *c)
{
	const cJSON *o = control_body(c);
	const char *url = js_text(o, "url"), *secret = js_text(o, "secret");

	if (!o)
		return c->status;
	free(c->sim->webhook_url);
	c->sim->webhook_url = url ? keep(strdup(url)) : NULL;
	if (secret) {
		free(c->sim->webhook_secret);
		c->sim->webhook_secret = keep(strdup(secret));
	}
	return control_done(c);
}

int control_outcome(struct call *c, const char *wrong)
{
	return wrong ? control_refused(c, 409, wrong) : control_done(c);
}

static const struct route controls[] = {
	{ "GET", "/sim/state", state },
	{ "GET", "/sim/faults", faults_get },
	{ "POST", "/sim/faults", faults },
	{ "DELETE", "/sim/faults", faults_drop },
	{ "POST", "/sim/advance", advance },
	{ "POST", "/sim/reset", reset },
	{ "POST", "/sim/webhook", webhook },
	{ 0 },
};

static const struct route *find(const struct route *r, const struct call *c)
{
	while (r->method &&
		(strcmp(r->method, c->method) || strcmp(r->pattern, c->path)))
		r++;
	return r;
}

void control_answer(struct call *c)
{
	const struct route *r = find(controls, c);

	pthread_mutex_lock(&c->sim->lock);
	if (!r->method)
		r = find(flavour.controls, c);
	if (r->method)
		r->run(c);
	else
		control_refused(c, 404, "no such control");
	c->body = keep(cJSON_PrintUnformatted(c->out));
	op_defer(c->op, cJSON_free, (char *)c->body);
	pthread_mutex_unlock(&c->sim->lock);
}
