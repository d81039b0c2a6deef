/* Whether a webhook really comes from PayPal: RSA over what identifies it. */
#include "adapters/paypal_signature.h"

#include "base/clock.h"
#include "base/config.h"
#include "base/crc32.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

enum { ID_MAX = 100, TIME_MAX = 40, SIGNATURE_MAX = 1024, CERT_MAX = 100 };
enum { AHEAD_S = 300, KEY_BITS = 2048 };

static const char *const hosts[] = { "https://api.paypal.com",
	"https://api.sandbox.paypal.com" };
static const char path[] = "/v1/notifications/certs/";

/* The host, the path, and one name of a certificate. */
static bool lies_on(const char *host, const char *url)
{
	size_t n = strlen(host), rest;

	if (!n || strncmp(url, host, n) != 0)
		return false;
	url += n;
	if (strncmp(url, path, sizeof path - 1) != 0)
		return false;
	url += sizeof path - 1;
	rest = strspn(url, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			   "0123456789-");
	return rest > 0 && rest <= CERT_MAX && !url[rest];
}

bool paypal_certificate_url(const struct config *config, const char *url)
{
	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
		if (lies_on(hosts[i], url))
			return true;
	return lies_on(config->paypal.cert_base_url, url);
}

bool paypal_is_live(const struct config *config)
{
	return strcmp(config->paypal.base_url, "https://api-m.paypal.com") == 0 ||
	       strcmp(config->paypal.base_url, "https://api.paypal.com") == 0;
}

static enum err refuse(struct op *op, const char *what)
{
	fail(op, E_USAGE, "webhook_signature_is_valid",
		"the webhook is not signed by PayPal: %s", what);
	return fail_hint(op,
		"compare paypal.webhook_id with the webhook's own, and the "
		"clock with the network's");
}

/* Printable, without the bar that divides what is signed. */
static bool plain(const char *s, size_t max)
{
	if (!s || !*s || strlen(s) > max)
		return false;
	for (; *s; s++)
		if (!isgraph((unsigned char)*s) || *s == '|')
			return false;
	return true;
}

enum err paypal_transmission_check(struct op *op, const struct paypal_transmission *t)
{
	const struct paypal_config *c = &op->config->paypal;
	struct stamp at;
	int64_t age;

	if (!*c->webhook_id)
		return fail(op, E_CONFIG, "webhook_secret_is_set",
			"PayPal's webhooks need paypal.webhook_id");
	if (!plain(t->id, ID_MAX) || !plain(t->time, TIME_MAX) ||
		!plain(t->signature, SIGNATURE_MAX))
		return refuse(op, "a header is missing");
	if (!t->algorithm || strcmp(t->algorithm, "SHA256withRSA") != 0)
		return refuse(op, "another algorithm");
	if (!t->certificate || !paypal_certificate_url(op->config, t->certificate))
		return refuse(op, "a certificate from elsewhere");
	if (!strchr(t->time, 'T') || stamp_parse(op, t->time, &at) != OK) {
		fault_clear(op);
		return refuse(op, "the time cannot be read");
	}
	age = (clock_now().us - at.us) / 1000000;
	if (age < -AHEAD_S || age > c->webhook_tolerance_h * 3600)
		return refuse(op, "not of these days");
	return OK;
}

/* Strict base64: what is left of the last quartet is said by its own padding. */
static size_t decode(struct op *op, const char *text, unsigned char **out)
{
	size_t n = strlen(text), pad = 0;
	int got;

	while (pad < 2 && pad < n && text[n - 1 - pad] == '=')
		pad++;
	*out = op_alloc(op, n + 3);
	got = n % 4 ? -1 : EVP_DecodeBlock(*out, (const unsigned char *)text, (int)n);
	return got < (int)pad ? 0 : (size_t)got - pad;
}

static void free_key(void *key)
{
	EVP_PKEY_free(key);
}

/* The key of the first certificate of a PEM text, or NULL. */
static EVP_PKEY *key_of(struct op *op, const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)strlen(pem));
	X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	EVP_PKEY *key = certificate ? X509_get_pubkey(certificate) : NULL;

	X509_free(certificate);
	BIO_free(bio);
	if (!key)
		return NULL;
	op_defer(op, free_key, key);
	return EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) >= KEY_BITS ? key
									       : NULL;
}

enum err paypal_signature_check(struct op *op, const struct paypal_transmission *t,
	const char *pem, const void *body, size_t n)
{
	const char *text = op_printf(op, "%s|%s|%s|%u", t->id, t->time,
		op->config->paypal.webhook_id, crc32_of(body, n));
	EVP_PKEY *key = key_of(op, pem);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char *bytes;
	size_t bytes_n = decode(op, t->signature, &bytes);
	bool good = key && ctx && bytes_n > 0 &&
		    EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
		    EVP_DigestVerify(ctx, bytes, bytes_n, (const unsigned char *)text,
			    strlen(text)) == 1;

	EVP_MD_CTX_free(ctx);
	return good ? OK : refuse(op, "the signature is another's");
}
