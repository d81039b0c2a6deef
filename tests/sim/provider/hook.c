/*
 * Webhooks: signed, at least once, in no promised order, retried until a 2xx;
 * sent by threads of their own, so that no API answer waits for one.
 */
#include "provider/fault.h"
#include "provider/flavour.h"
#include "provider/hook.h"
#include "provider/js.h"

#include "base/http.h"

enum { LOG_MAX = 20000, BACKOFF_MAX = 6, COPIES_MAX = 1000 };

/* Counts resets: what was under way during one is history. */
static uint64_t era;

static void delivery_free(struct delivery *d)
{
	free(d->text);
	free(d);
}

static void enqueue(struct sim *s, struct delivery *d)
{
	queue_put(&s->deliveries_due, d->due_us, d);
	pthread_cond_broadcast(&s->changed);
}

static void note(struct sim *s, const struct delivery *d, int status, const char *how)
{
	cJSON *o;

	count(s->counters, how);
	if (js_int(s->counters, "deliveries_noted") >= LOG_MAX)
		return;
	count(s->counters, "deliveries_noted");
	o = cJSON_CreateObject();
	js_put_text(o, "event", d->event);
	js_put_text(o, "type", d->type);
	js_put_int(o, "attempt", d->attempt);
	js_put_int(o, "status", status);
	js_put_text(o, "outcome", how);
	cJSON_AddItemToArray(s->deliveries, o);
}

static struct delivery *delivery_new(
	struct sim *s, const struct thing *event, const char *type)
{
	struct delivery *d = keep(calloc(1, sizeof *d));

	d->due_us = sim_now_us(s);
	d->text = keep(strdup(event->text));
	d->era = era;
	snprintf(d->event, sizeof d->event, "%s", event->id);
	snprintf(d->type, sizeof d->type, "%s", type);
	return d;
}

/* The same news under another event id, as providers warn may happen. */
static void twin(struct sim *s, const struct thing *event, const char *type)
{
	cJSON *json = js(event->text);
	struct thing *other;
	char id[ID_MAX];

	new_id(s, flavour.event_prefix, id);
	js_put_text(json, "id", id);
	other = thing_add(s, EVENT, json);
	other->text = keep(cJSON_PrintUnformatted(json));
	other->json = NULL;
	other->undelivered = true;
	cJSON_Delete(json);
	enqueue(s, delivery_new(s, other, type));
	count(s->counters, "webhook_twins");
}

static void copies(
	struct sim *s, const struct thing *event, const char *type, int64_t n)
{
	for (int64_t i = 0; i < n && i < COPIES_MAX; i++) {
		enqueue(s, delivery_new(s, event, type));
		count(s->counters, "webhook_duplicates");
	}
}

/* Those held back follow the one that was just queued. */
static void let_held_follow(struct sim *s, int64_t due_us)
{
	struct queue all = s->deliveries_due;
	struct delivery *d;

	if (!s->held_back)
		return;
	s->held_back = 0;
	s->deliveries_due = (struct queue){ 0 };
	while ((d = queue_take(&all))) {
		if (d->held)
			d->due_us = due_us + SECOND / 20;
		d->held = false;
		enqueue(s, d);
	}
}

static void spoil(struct delivery *d, struct sim *s, const struct fault_hit *f)
{
	d->bad_signature = !strcmp(f->kind->name, "bad_signature");
	d->stale = !strcmp(f->kind->name, "stale");
	d->held = !strcmp(f->kind->name, "reorder");
	if (d->held || f->kind->stage == DURING) {
		d->due_us += (int64_t)(f->seconds * SECOND);
		count(s->counters, d->held ? "webhook_reordered" : "webhook_delayed");
	}
}

void hook_queue(struct sim *s, struct thing *event, const char *type)
{
	struct delivery *d = delivery_new(s, event, type);
	char subject[100];
	struct fault_hit f;

	snprintf(subject, sizeof subject, "webhook %s", type);
	f = fault_take(s, subject, subject, true);
	if (f.kind && !strcmp(f.kind->name, "lost")) {
		note(s, d, 0, "webhook_lost");
		delivery_free(d);
		return;
	}
	if (f.kind)
		spoil(d, s, &f);
	if (d->held)
		s->held_back++;
	else
		let_held_follow(s, d->due_us);
	enqueue(s, d);
	if (f.kind && !strcmp(f.kind->name, "duplicate"))
		copies(s, event, type, f.n);
	if (f.kind && !strcmp(f.kind->name, "twin"))
		twin(s, event, type);
}

void hooks_clear(struct sim *s)
{
	struct delivery *d;

	era++;
	s->held_back = 0;
	while ((d = queue_take(&s->deliveries_due)))
		delivery_free(d);
}

size_t hooks_waiting(const struct sim *s)
{
	return s->in_flight + s->deliveries_due.n;
}

static void post(struct op *op, struct http_client *client, const struct delivery *d,
	const struct target *to, struct http_answer *out)
{
	const char *headers[12] = { "Content-Type: application/json; charset=utf-8" };
	struct http_request request = {
		.method = "POST",
		.url = to->url,
		.headers = headers,
		.body = d->text,
		.n = strlen(d->text),
		.connect_timeout_ms = 1000,
		.timeout_ms = 5000,
	};

	flavour.sign(op, d, to, headers + 1);
	if (http_send(op, client, &request, out) != OK)
		*out = (struct http_answer){ .outcome = HTTP_NOT_SENT };
}

static void retry(struct sim *s, struct delivery *d)
{
	int64_t doubled = d->attempt - 1 < BACKOFF_MAX ? d->attempt - 1 : BACKOFF_MAX;

	d->bad_signature = d->stale = false; /* each attempt is signed anew */
	d->due_us = sim_now_us(s) + (s->set.retry_ms << doubled) * 1000;
	enqueue(s, d);
}

static void conclude(struct sim *s, struct delivery *d, const struct http_answer *a)
{
	struct thing *event = thing_find(s, d->event, EVENT);
	bool fine = a->outcome == HTTP_ANSWERED && a->status / 100 == 2;

	if (d->era != era) {
		delivery_free(d);
		return;
	}
	note(s, d, a->status, fine ? "webhook_delivered" : "webhook_failed");
	if (fine && event)
		event->undelivered = false;
	if (!fine && d->attempt < s->set.tries)
		retry(s, d);
	else
		delivery_free(d);
}

/* The lock is held on entry and on return, not while the request runs. */
static void deliver(struct sim *s, struct http_client *client, struct delivery *d)
{
	struct http_answer a = { 0 };
	struct op op;
	struct target to;

	op_open(&op, NULL, "webhook");
	to.url = op_strdup(&op, s->webhook_url);
	to.secret = op_strdup(&op, s->webhook_secret);
	to.sim = s;
	d->attempt++;
	d->held = false;
	s->in_flight++;
	pthread_mutex_unlock(&s->lock);
	post(&op, client, d, &to, &a);
	pthread_mutex_lock(&s->lock);
	s->in_flight--;
	conclude(s, d, &a);
	op_close(&op);
}

bool hook_deliver(struct sim *s, struct http_client *client)
{
	bool due = s->webhook_url && queue_due(&s->deliveries_due) <= sim_now_us(s);

	if (due)
		deliver(s, client, queue_take(&s->deliveries_due));
	return due;
}

void hooks_resend(struct sim *s)
{
	const struct list *l = &s->things[EVENT];

	for (size_t i = 0; i < l->n; i++) {
		cJSON *json = l->v[i]->undelivered ? js(l->v[i]->text) : NULL;

		if (json)
			enqueue(s, delivery_new(s, l->v[i], js_text(json, "type")));
		cJSON_Delete(json);
	}
}

void *hook_thread(void *sim)
{
	struct sim *s = sim;
	struct http_client *client = http_client_open();

	pthread_mutex_lock(&s->lock);
	while (!s->stopping) {
		if (!hook_deliver(s, client))
			sim_wait(s, s->webhook_url ? queue_due(&s->deliveries_due) -
							     sim_now_us(s)
						   : SECOND);
	}
	pthread_mutex_unlock(&s->lock);
	http_client_close(client);
	return NULL;
}
