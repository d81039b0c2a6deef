/*
 * Whether a webhook really comes from PayPal.  Apart from the client of its API, so
 * that the door links no HTTP client and holds no secret: the certificate it checks
 * with was fetched and verified by a worker, see paypal_certificate.h.
 */
#ifndef ADAPTERS_PAYPAL_SIGNATURE_H
#define ADAPTERS_PAYPAL_SIGNATURE_H

#include "base/op.h"

#include <stddef.h>

/* The headers of a webhook, PAYPAL-TRANSMISSION-ID and so on; NULL when not there. */
struct paypal_transmission {
	const char *id, *time, *signature, *algorithm, *certificate;
};

/*
 * Everything that can be refused without a certificate: the form of the headers,
 * where the certificate lies, and the time.  E_USAGE (webhook_signature_is_valid);
 * E_CONFIG (webhook_secret_is_set) when paypal.webhook_id is missing.
 *
 * The time may be paypal.webhook_tolerance_h old.  PayPal repeats a webhook up to 25
 * times in three days and does not promise to sign it anew; an old one, or one that
 * somebody recorded and sends again, does no harm: its event is known already, and
 * all that it can cause is that we ask PayPal for the object's state of today.
 */
enum err paypal_transmission_check(struct op *op, const struct paypal_transmission *t);

/* The signature over the body, by a certificate that is known to be PayPal's. */
enum err paypal_signature_check(struct op *op, const struct paypal_transmission *t,
	const char *pem, const void *body, size_t n);

/*
 * Certificates lie on two hosts of PayPal's, below one path and nowhere else, and on
 * paypal.cert_base_url where a simulator is at work.  Exact: nothing that a server
 * redirects, no port, user, query or other path.
 */
bool paypal_certificate_url(const struct config *config, const char *url);

/* Whether real money moves: by the address of the API. */
bool paypal_is_live(const struct config *config);

#endif
