/* The certificates that PayPal signs webhooks with: fetched, and seen to be PayPal's.
 */
#include "adapters/paypal_certificate.h"

#include "adapters/paypal_signature.h"
#include "adapters/wire.h"
#include "base/config.h"
#include "base/http.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <string.h>

enum { PEM_MAX = 65536, CHAIN_MAX = 8, CN_MAX = 255 };

/* A PEM text taken apart, and what it is judged by. */
struct chain {
	X509 *leaf;
	STACK_OF(X509) * rest;
	X509_STORE *trusted;
	X509_STORE_CTX *ctx;
};

static void chain_free(void *chain)
{
	struct chain *c = chain;

	X509_STORE_CTX_free(c->ctx);
	X509_STORE_free(c->trusted);
	sk_X509_pop_free(c->rest, X509_free);
	X509_free(c->leaf);
	ERR_clear_error(); /* the end of a PEM file is an error to OpenSSL */
}

static struct chain *chain_read(struct op *op, const char *pem)
{
	struct chain *c = op_alloc(op, sizeof *c);
	BIO *bio = BIO_new_mem_buf(pem, (int)strlen(pem));
	X509 *next;

	op_defer(op, chain_free, c);
	c->rest = sk_X509_new_null();
	c->trusted = X509_STORE_new();
	c->ctx = X509_STORE_CTX_new();
	c->leaf = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	while (c->leaf && sk_X509_num(c->rest) < CHAIN_MAX &&
		(next = PEM_read_bio_X509(bio, NULL, NULL, NULL)))
		if (!sk_X509_push(c->rest, next))
			X509_free(next);
	BIO_free(bio);
	return c;
}

/* Exactly one name, of a host below paypal.com. */
static bool is_paypals(const X509 *leaf)
{
	static const char domain[] = ".paypal.com";
	char name[CN_MAX + 1];
	int n = X509_NAME_get_text_by_NID(
		X509_get_subject_name(leaf), NID_commonName, name, sizeof name);
	size_t domain_n = sizeof domain - 1;

	return n > (int)domain_n && n < CN_MAX && strlen(name) == (size_t)n &&
	       strcasecmp(name + n - domain_n, domain) == 0;
}

static bool is_vouched_for(struct op *op, struct chain *c, const char **why)
{
	const char *file = op->config->paypal.cert_ca_file;
	int trusted = *file ? X509_STORE_load_file(c->trusted, file)
			    : X509_STORE_set_default_paths(c->trusted);

	*why = "the trusted authorities cannot be read";
	if (trusted != 1 ||
		X509_STORE_CTX_init(c->ctx, c->trusted, c->leaf, c->rest) != 1)
		return false;
	if (X509_verify_cert(c->ctx) == 1)
		return true;
	*why = X509_verify_cert_error_string(X509_STORE_CTX_get_error(c->ctx));
	return false;
}

static struct stamp stamp_of(const ASN1_TIME *t)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(t, &tm) != 1)
		return (struct stamp){ 0 };
	return (struct stamp){ (int64_t)timegm(&tm) * 1000000 };
}

void paypal_certificate_judge(
	struct op *op, const char *pem, struct paypal_certificate *out)
{
	struct chain *c = chain_read(op, pem);
	const char *why = NULL;

	*out = (struct paypal_certificate){ 0 };
	if (!c->leaf)
		out->note = "it is no certificate";
	else if (!is_paypals(c->leaf))
		out->note = "it is made out to somebody else";
	else if (!is_vouched_for(op, c, &why))
		out->note = op_strdup(op, why);
	if (out->note)
		return;
	out->pem = pem;
	out->from = stamp_of(X509_get0_notBefore(c->leaf));
	out->until = stamp_of(X509_get0_notAfter(c->leaf));
}

enum err paypal_certificate_fetch(
	struct op *op, const char *url, struct paypal_certificate *out)
{
	struct http_answer a;

	*out = (struct paypal_certificate){ .note = "not where certificates lie" };
	if (!paypal_certificate_url(op->config, url))
		return OK;
	TRY(http_send(op, wire_client(),
		&(struct http_request){ .method = "GET", .url = url }, &a));
	if (a.outcome != HTTP_ANSWERED || a.status >= 500 || a.status == 429)
		return fail(op, E_AWAY, "certificate_can_be_fetched",
			"no certificate from %s: %s", url,
			a.reason ? a.reason : op_printf(op, "HTTP %d", a.status));
	if (a.status != 200 || a.n == 0 || a.n > PEM_MAX || strlen(a.body) != a.n) {
		out->note = op_printf(op, "HTTP %d, %zu bytes", a.status, a.n);
		return OK;
	}
	paypal_certificate_judge(op, a.body, out);
	return OK;
}
