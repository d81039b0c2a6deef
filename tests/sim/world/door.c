/* The providers' sender, and the door of the shop that it knocks at. */
#include "adapters/paypal_signature.h"
#include "adapters/stripe_signature.h"
#include "base/config.h"
#include "base/http.h"
#include "base/json.h"
#include "domain/webhook_certificate.h"
#include "domain/webhook_receipt.h"
#include "world.h"

#include <string.h>
#include <strings.h>

void sender_live(struct actor *a)
{
	if (!provider_deliver())
		a->wake_us = run.now_us + SECOND_US;
}

static const char *header(const struct http_request *r, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; r->headers[i]; i++)
		if (!strncasecmp(r->headers[i], name, n) &&
			!strncmp(r->headers[i] + n, ": ", 2))
			return r->headers[i] + n + 2;
	return NULL;
}

/* Is it from the provider?  0, or what it is told instead of 200. */
static int stripe_refuses(struct op *op, const struct http_request *r)
{
	static const char *const secrets[] = { "whsec_world" };
	struct texts known = { (const char **)secrets, 1 };

	return stripe_signature_check(op, known, header(r, "Stripe-Signature"), r->body,
		       r->n, 300) == OK
		       ? 0
		       : 400;
}

static int paypal_refuses(struct op *op, const struct http_request *r)
{
	struct paypal_transmission t = {
		.id = header(r, "PAYPAL-TRANSMISSION-ID"),
		.time = header(r, "PAYPAL-TRANSMISSION-TIME"),
		.signature = header(r, "PAYPAL-TRANSMISSION-SIG"),
		.algorithm = header(r, "PAYPAL-AUTH-ALGO"),
		.certificate = header(r, "PAYPAL-CERT-URL"),
	};
	struct webhook_certificate c = { 0 };

	if (paypal_transmission_check(op, &t) != OK)
		return 400;
	if (webhook_certificate_find(op, "paypal", t.certificate, &c) != OK || !c.pem)
		return 503;
	return paypal_signature_check(op, &t, c.pem, r->body, r->n) == OK ? 0 : 400;
}

static const struct door {
	const char *provider, *type, *object, *version;
	int (*refuses)(struct op *op, const struct http_request *r);
} doors[] = {
	{ "stripe", "/type", "/data/object/id", "/api_version", stripe_refuses },
	{ "paypal", "/event_type", "/resource/id", "/resource_version",
		paypal_refuses },
};

/* As the door does: is it from the provider, is it stored - then 200. */
static int take(struct op *op, const struct door *d, const struct http_request *r)
{
	struct webhook_receipt e = { .provider = d->provider,
		.body = { r->body, r->n } };
	const struct json *body;
	int refused = d->refuses(op, r);

	if (refused)
		return refused;
	if (json_parse(op, r->body, r->n, &body) != OK)
		return 500;
	e.event_id = json_string(json_get(body, "id"));
	e.type = json_string(json_find(body, d->type));
	e.object_id = json_string(json_find(body, d->object));
	e.api_version = json_string(json_find(body, d->version));
	e.livemode = !strcmp(d->provider, "paypal") && paypal_is_live(op->config);
	return webhook_receive(op, &e) == OK ? 200 : 503;
}

enum err door_take(
	struct op *caller, const struct http_request *r, struct http_answer *out)
{
	const struct door *d = &doors[strstr(r->url, "/paypal") != NULL];
	struct op op;

	(void)caller;
	out->outcome = HTTP_NOT_SENT;
	if (strikes(F_door_down)) {
		trace("the door is down");
		return OK;
	}
	begin(&op, "POST /v1/webhooks");
	self->mortal = true;
	out->status = take(&op, d, r);
	self->mortal = false;
	out->outcome = self->dead ? HTTP_UNKNOWN : HTTP_ANSWERED;
	trace("webhook of %s answered %d", d->provider, out->status);
	end(&op);
	return OK;
}
