/*
 * POST /v1/webhooks/stripe: is it from Stripe, is it stored - then 200, not
 * before.  What the event means is left to the worker.
 */
#include "adapters/stripe_signature.h"
#include "base/config.h"
#include "base/failpoint.h"
#include "base/json.h"
#include "base/metric.h"
#include "domain/webhook_receipt.h"
#include "shop-httpd/door.h"
#include "shop-httpd/route.h"
#include "shop-httpd/webhook.h"

#include <string.h>

enum { NAME_MAX_BYTES = 255 };

METRIC_COUNTER(received_total, "shop_webhooks_total", "Webhooks received, by result.")

void webhook_count(const char *provider, const char *result)
{
	char labels[64];

	snprintf(labels, sizeof labels, "provider=\"%s\",result=\"%s\"", provider,
		result);
	series_add(metric_at(&received_total, labels), 1);
}

/*
 * The few members that decide where it is kept.  False: it is no event, and is
 * kept as such - a valid signature says that these bytes are worth a look.
 */
static bool read_event(struct request *r, struct webhook_receipt *e)
{
	const struct json *body;

	e->livemode = r->op.config->stripe.livemode;
	if (json_parse(&r->op, r->body, r->body_n, &body) != OK) {
		fault_clear(&r->op);
		return false;
	}
	e->event_id = json_string(json_get(body, "id"));
	e->type = json_string(json_get(body, "type"));
	e->object_id = json_string(json_find(body, "/data/object/id"));
	e->api_version = json_string(json_get(body, "api_version"));
	e->account = json_string(json_get(body, "account"));
	if (!e->event_id || strlen(e->event_id) > NAME_MAX_BYTES || !e->type ||
		strlen(e->type) > NAME_MAX_BYTES ||
		!json_is_bool(json_get(body, "livemode")))
		return false;
	e->livemode = json_is_true(json_get(body, "livemode"));
	return true;
}

/* What one looks at when it is in doubt who sent it; no cookie, no address. */
static void keep_headers(struct request *r, struct webhook_receipt *e)
{
	static const char *const names[] = { "stripe-signature", "user-agent",
		"content-type" };
	struct json_writer w = { .op = &r->op };

	json_object(&w, NULL);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (head_get(&r->head, names[i]))
			json_put(&w, names[i], head_get(&r->head, names[i]));
	json_close(&w);
	e->headers.s = w.text;
}

static enum err receive(struct op *op, struct webhook_receipt *e)
{
	FAILPOINT(op, "hook.verified");
	TRY(webhook_receive(op, e));
	FAILPOINT(op, "hook.after_commit");
	return OK;
}

void webhook_store(struct request *r)
{
	receive(&r->op, r->of);
}

void webhook_stored(struct request *r)
{
	const struct webhook_receipt *e = r->of;

	if (r->op.fault.code != OK) {
		webhook_count(e->provider, "not_stored");
		if (err_job(r->op.fault.code) == JOB_RETRY)
			answer_fault(r);
		else
			answer_problem(r, 503, "webhook_is_stored",
				"the event could not be stored; send it again");
		return;
	}
	webhook_count(e->provider, e->duplicate ? "duplicate" : "stored");
	answer_json(r, 200, "{}");
}

void webhook_refuse(struct request *r, const char *provider, const char *result)
{
	webhook_count(provider, result);
	if (rate_admits(r, "address", r->peer.name))
		answer_fault(r);
}

void webhook_stripe(struct request *r)
{
	struct webhook_receipt *e = op_alloc(&r->op, sizeof *e);

	r->of = e;
	if (stripe_signature_check(&r->op, r->door->webhook_secrets,
		    head_get(&r->head, "stripe-signature"), r->body, r->body_n,
		    r->op.config->stripe.webhook_tolerance_s) != OK) {
		webhook_refuse(r, "stripe", "bad_signature");
		return;
	}
	e->provider = "stripe";
	e->body = (struct bytes){ r->body, r->body_n };
	keep_headers(r, e);
	if (!read_event(r, e)) {
		e->event_id = e->type = NULL;
	} else if (e->livemode != r->op.config->stripe.livemode) {
		fail(&r->op, E_USAGE, "webhook_mode_is_ours",
			"the event's livemode is not that of this shop");
		webhook_refuse(r, "stripe", "wrong_mode");
		return;
	}
	pool_run(r->door->pool, r, webhook_store, webhook_stored);
}
