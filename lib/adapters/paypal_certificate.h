/* The certificates that PayPal signs webhooks with: fetched by a worker, once. */
#ifndef ADAPTERS_PAYPAL_CERTIFICATE_H
#define ADAPTERS_PAYPAL_CERTIFICATE_H

#include "base/clock.h"
#include "base/op.h"

struct paypal_certificate {
	const char *pem; /* NULL: refused, and note says why */
	const char *note;
	struct stamp from, until;
};

/*
 * Fetch what lies at url and see whether it is PayPal's: an authority that the
 * system trusts (or paypal.cert_ca_file) vouches for it today, and it is made out to
 * a name below paypal.com.  E_AWAY when there was no answer; else OK, be it refused.
 */
enum err paypal_certificate_fetch(
	struct op *op, const char *url, struct paypal_certificate *out);

/* The second half: whether a PEM text of leaf and chain is PayPal's. */
void paypal_certificate_judge(
	struct op *op, const char *pem, struct paypal_certificate *out);

#endif
