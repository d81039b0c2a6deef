/*
 * POST /v1/webhooks/paypal: is it from PayPal, is it stored - then 200, not before.
 *
 * The certificate that it was signed with is looked up in the database, where a
 * worker put it: the door calls nobody.  One that is not there yet is asked for,
 * and PayPal hears 503 and comes again: unverified bytes are not kept.
 */
#include "adapters/paypal_signature.h"
#include "base/config.h"
#include "base/json.h"
#include "domain/webhook_certificate.h"
#include "domain/webhook_receipt.h"
#include "shop-httpd/door.h"
#include "shop-httpd/route.h"
#include "shop-httpd/webhook.h"

#include <string.h>

enum { NAME_MAX_BYTES = 255 };

/* The receipt comes first: what all doors share reads it. */
struct arrival {
	struct webhook_receipt receipt;
	struct paypal_transmission transmission;
	const char *refused; /* why, for the metric */
};

/* False: it is no event, and is kept as such, because PayPal signed it. */
static bool read_event(struct request *r, struct webhook_receipt *e)
{
	const struct json *body;

	if (json_parse(&r->op, r->body, r->body_n, &body) != OK) {
		fault_clear(&r->op);
		return false;
	}
	e->event_id = json_string(json_get(body, "id"));
	e->type = json_string(json_get(body, "event_type"));
	e->object_id = json_string(json_find(body, "/resource/id"));
	if (!e->object_id)
		e->object_id = json_string(json_find(body, "/resource/dispute_id"));
	e->api_version = json_string(json_get(body, "resource_version"));
	return e->event_id && strlen(e->event_id) <= NAME_MAX_BYTES && e->type &&
	       strlen(e->type) <= NAME_MAX_BYTES;
}

static enum err verify(struct request *r, struct arrival *a)
{
	struct webhook_certificate c;

	TRY(webhook_certificate_find(
		&r->op, "paypal", a->transmission.certificate, &c));
	if (!c.pem && strcmp(c.state, "refused") == 0) {
		a->refused = "bad_certificate";
		return fail(&r->op, E_USAGE, "webhook_signature_is_valid",
			"the webhook's certificate is not PayPal's");
	}
	if (!c.pem) {
		a->refused = "no_certificate";
		return fail(&r->op, E_BUSY, "webhook_certificate_is_here",
			"the certificate is being fetched; send the event again");
	}
	a->refused = "bad_signature";
	TRY(paypal_signature_check(
		&r->op, &a->transmission, c.pem, r->body, r->body_n));
	a->refused = NULL;
	return OK;
}

static void store(struct request *r)
{
	struct arrival *a = r->of;
	struct webhook_receipt *e = &a->receipt;

	if (verify(r, a) != OK)
		return;
	if (!read_event(r, e))
		e->event_id = e->type = NULL;
	webhook_store(r);
}

static void stored(struct request *r)
{
	const struct arrival *a = r->of;

	if (a->refused)
		webhook_refuse(r, "paypal", a->refused);
	else
		webhook_stored(r);
}

void webhook_paypal(struct request *r)
{
	struct arrival *a = op_alloc(&r->op, sizeof *a);

	r->of = a;
	a->transmission = (struct paypal_transmission){
		.id = head_get(&r->head, "paypal-transmission-id"),
		.time = head_get(&r->head, "paypal-transmission-time"),
		.signature = head_get(&r->head, "paypal-transmission-sig"),
		.algorithm = head_get(&r->head, "paypal-auth-algo"),
		.certificate = head_get(&r->head, "paypal-cert-url"),
	};
	a->receipt.provider = "paypal";
	a->receipt.livemode = paypal_is_live(r->op.config);
	a->receipt.body = (struct bytes){ r->body, r->body_n };
	if (paypal_transmission_check(&r->op, &a->transmission) != OK)
		webhook_refuse(r, "paypal", "bad_signature");
	else
		pool_run(r->door->pool, r, store, stored);
}
