/* webhook.certificate: fetch what a webhook was signed with, and see whose it is. */
#include "domain/webhook_certificate.h"

#include "adapters/paypal_certificate.h"
#include "base/log.h"
#include "shop-worker/kind.h"

#include <string.h>

/*
 * Until it is here, PayPal's webhooks are answered 503 and come again.  One that is
 * refused was asked for by somebody else, or an authority is missing: nothing is
 * lost by it, payments that wait are looked at without being told.
 */
static enum err run(struct op *op, const struct job *job)
{
	struct webhook_certificate_wish w;
	struct paypal_certificate c;

	TRY(webhook_certificate_load(op, job->subject, &w));
	if (strcmp(w.state, "wanted") != 0)
		return OK;
	TRY(paypal_certificate_fetch(op, w.url, &c));
	if (!c.pem)
		log_event(op, LOG_WARNING, "certificate_refused", "%s: %s", w.url,
			c.note);
	return webhook_certificate_record(
		op, w.id, c.pem, (struct stamp[2]){ c.from, c.until }, c.note);
}

const struct job_kind webhook_certificate = {
	.kind = "webhook.certificate", .lease_s = 60, .tries = 20, .run = run
};
