/* The provider's sender, and the door of the shop that it knocks at. */
#include "adapters/stripe_signature.h"
#include "base/config.h"
#include "base/http.h"
#include "base/json.h"
#include "domain/webhook_receipt.h"
#include "world.h"

#include <string.h>
#include <strings.h>

void sender_live(struct actor *a)
{
	if (provider_deliver())
		return;
	provider_mischief();
	a->wake_us = run.now_us + SECOND_US;
}

static const char *signature_of(const struct http_request *r)
{
	for (size_t i = 0; r->headers[i]; i++)
		if (!strncasecmp(r->headers[i], "Stripe-Signature: ", 18))
			return r->headers[i] + 18;
	return NULL;
}

/* As the door does: is it from the provider, is it stored - then 200. */
static int take(struct op *op, const struct http_request *r)
{
	static const char *const secrets[] = { "whsec_world" };
	struct texts known = { (const char **)secrets, 1 };
	struct webhook_receipt e = { .provider = "stripe", .body = { r->body, r->n } };
	const struct json *body;

	if (stripe_signature_check(op, known, signature_of(r), r->body, r->n, 300) !=
		OK)
		return 400;
	if (json_parse(op, r->body, r->n, &body) != OK)
		return 500;
	e.event_id = json_string(json_get(body, "id"));
	e.type = json_string(json_get(body, "type"));
	e.object_id = json_string(json_find(body, "/data/object/id"));
	e.api_version = json_string(json_get(body, "api_version"));
	return webhook_receive(op, &e) == OK ? 200 : 503;
}

enum err door_take(
	struct op *caller, const struct http_request *r, struct http_answer *out)
{
	struct op op;

	(void)caller;
	out->outcome = HTTP_NOT_SENT;
	if (strikes(F_door_down)) {
		trace("the door is down");
		return OK;
	}
	begin(&op, "POST /v1/webhooks/stripe");
	self->mortal = true;
	out->status = take(&op, r);
	self->mortal = false;
	out->outcome = self->dead ? HTTP_UNKNOWN : HTTP_ANSWERED;
	trace("webhook answered %d", out->status);
	end(&op);
	return OK;
}
