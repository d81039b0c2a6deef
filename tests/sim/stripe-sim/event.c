/* Events: the object as it was when something happened to it. */
#include "nouns.h"

static cJSON *event_json(
	struct sim *s, const struct call *c, const char *type, const cJSON *object)
{
	cJSON *e = js("{\"id\":null,\"object\":\"event\"}"), *data, *request;
	bool hooked = s->webhook_url != NULL;
	char id[ID_MAX];

	new_id(s, "evt_3", id);
	js_put_text(e, "id", id);
	js_put_text(e, "api_version", s->set.api_version);
	js_put_int(e, "created", sim_now(s));
	data = cJSON_CreateObject();
	js_put(data, "object", cJSON_Duplicate(object, true));
	js_put(e, "data", data);
	js_put_bool(e, "livemode", false);
	js_put_int(e, "pending_webhooks", hooked);
	request = cJSON_CreateObject();
	js_put_text(request, "id", c ? c->request_id : NULL);
	js_put_text(request, "idempotency_key", c ? c->key : NULL);
	js_put(e, "request", request);
	js_put_text(e, "type", type);
	return e;
}

/* Printed once: later changes of the object do not reach it. */
void event_emit(
	struct sim *s, const struct call *c, const char *type, const cJSON *object)
{
	cJSON *json = event_json(s, c, type, object);
	struct thing *event = thing_add(s, EVENT, json);

	event->text = keep(cJSON_PrintUnformatted(json));
	event->json = NULL;
	cJSON_Delete(json);
	if (!s->webhook_url)
		return;
	event->undelivered = true;
	hook_queue(s, event, type);
}

int event_get(struct call *c)
{
	struct thing *t = thing_find(c->sim, c->id, EVENT);

	return t ? answer_new(c, js(t->text)) : absent(c, 404, "event", c->id, "id");
}

int event_list(struct call *c)
{
	return answer_list(c, EVENT, "type");
}
