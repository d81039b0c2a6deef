/* PayPal's webhooks: who may speak in its name. */
#include "adapters/paypal_certificate.h"
#include "adapters/paypal_signature.h"
#include "base/crc32.h"
#include "given_paypal.h"
#include "test.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A key, and a certificate for it, made out to `name` by `issuer` (or by itself). */
struct card {
	EVP_PKEY *key;
	X509 *x;
	const char *pem;
};

static void card_free(void *card)
{
	struct card *c = card;

	EVP_PKEY_free(c->key);
	X509_free(c->x);
}

static void extend(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
}

static struct card *card_new(
	struct op *op, const char *name, const struct card *issuer, long days)
{
	struct card *c = op_alloc(op, sizeof *c);
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long n;

	op_defer(op, card_free, c);
	c->key = EVP_RSA_gen(2048);
	c->x = X509_new();
	X509_set_version(c->x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(c->x), issuer ? 2 : 1);
	X509_gmtime_adj(X509_getm_notBefore(c->x), -2 * 86400);
	X509_gmtime_adj(X509_getm_notAfter(c->x), days * 86400);
	X509_set_pubkey(c->x, c->key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(c->x), "CN", MBSTRING_ASC,
		(const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(c->x, X509_get_subject_name(issuer ? issuer->x : c->x));
	if (!issuer)
		extend(c->x, NID_basic_constraints, "critical,CA:TRUE");
	X509_sign(c->x, issuer ? issuer->key : c->key, EVP_sha256());
	PEM_write_bio_X509(bio, c->x);
	n = BIO_get_mem_data(bio, &text);
	c->pem = op_strndup(op, text, (size_t)n);
	BIO_free(bio);
	return c;
}

#define BODY "{\"id\":\"WH-1\"}"

static const char *sign(struct op *op, const struct card *by, const char *text)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char bytes[512];
	size_t n = sizeof bytes;
	char *out = op_alloc(op, 1024);

	EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, by->key);
	EVP_DigestSign(ctx, bytes, &n, (const unsigned char *)text, strlen(text));
	EVP_EncodeBlock((unsigned char *)out, bytes, (int)n);
	EVP_MD_CTX_free(ctx);
	return out;
}

static struct paypal_transmission sent(
	struct op *op, const struct card *by, const char *webhook, int64_t ago_s)
{
	struct paypal_transmission t = { .id = "69cd13f0-d67a-11e5-baa3-778b53f4ae55",
		.algorithm = "SHA256withRSA",
		.certificate = "https://api.paypal.com/v1/notifications/certs/CERT-1" };

	t.time = stamp_text(
		op, (struct stamp){ (clock_now().us / 1000000 - ago_s) * 1000000 });
	t.signature = sign(op, by,
		op_printf(op, "%s|%s|%s|%u", t.id, t.time, webhook,
			crc32_of(BODY, strlen(BODY))));
	return t;
}

TEST_NO_DB(crc_32_is_the_usual_one)
{
	SAME(0xcbf43926, (int64_t)crc32_of("123456789", 9));
	SAME(0, (int64_t)crc32_of("", 0));
}

TEST_NO_DB(a_webhook_is_good_when_paypals_key_signed_this_body_for_this_webhook)
{
	struct card *paypal = card_new(op, "x.paypal.com", NULL, 30);
	struct card *other = card_new(op, "x.paypal.com", NULL, 30);
	struct paypal_transmission t, bad;

	config_of(op);
	t = sent(op, paypal, "WH1", 0);
	CHECK(paypal_transmission_check(op, &t) == OK);
	CHECK(paypal_signature_check(op, &t, paypal->pem, BODY, strlen(BODY)) == OK);
	REFUSED("webhook_signature_is_valid",
		paypal_signature_check(op, &t, other->pem, BODY, strlen(BODY)));
	REFUSED("webhook_signature_is_valid",
		paypal_signature_check(
			op, &t, paypal->pem, BODY " ", strlen(BODY) + 1));
	REFUSED("webhook_signature_is_valid",
		paypal_signature_check(op, &t, "no pem", BODY, strlen(BODY)));
	bad = sent(op, paypal, "WH2", 0);
	REFUSED("webhook_signature_is_valid",
		paypal_signature_check(op, &bad, paypal->pem, BODY, strlen(BODY)));
	bad = t;
	bad.time = "2026-11-20T10:00:00Z";
	REFUSED("webhook_signature_is_valid",
		paypal_signature_check(op, &bad, paypal->pem, BODY, strlen(BODY)));
	bad = t;
	bad.id = "69cd13f0-d67a-11e5-baa3-778b53f4ae56";
	REFUSED("webhook_signature_is_valid",
		paypal_signature_check(op, &bad, paypal->pem, BODY, strlen(BODY)));
	for (size_t n = 0; n < 4; n++) {
		static const char *const signatures[] = { "=", "AAAA", "AA=A", "%%%%" };

		bad.signature = signatures[n];
		REFUSED("webhook_signature_is_valid",
			paypal_signature_check(
				op, &bad, paypal->pem, BODY, strlen(BODY)));
	}
}

static bool refused(struct op *op, const struct paypal_transmission *t)
{
	enum err e = paypal_transmission_check(op, t);

	fault_clear(op);
	return e == E_USAGE;
}

TEST_NO_DB(a_transmission_is_three_days_old_at_most_and_has_every_header)
{
	struct card *paypal = card_new(op, "x.paypal.com", NULL, 30);
	struct paypal_transmission t, bad;
	struct config *c = config_of(op);

	t = sent(op, paypal, "WH1", 72 * 3600);
	CHECK(!refused(op, &t));
	t = sent(op, paypal, "WH1", 74 * 3600);
	CHECK(refused(op, &t));
	t = sent(op, paypal, "WH1", -200);
	CHECK(!refused(op, &t));
	t = sent(op, paypal, "WH1", -400);
	CHECK(refused(op, &t));
	t = sent(op, paypal, "WH1", 0);
	for (int i = 0; i < 5; i++) {
		bad = t;
		*(const char **[]){ &bad.id, &bad.time, &bad.signature, &bad.algorithm,
			&bad.certificate }[i] = NULL;
		CHECK(refused(op, &bad));
	}
	bad = t, bad.algorithm = "none";
	CHECK(refused(op, &bad));
	bad = t, bad.id = "a|b";
	CHECK(refused(op, &bad));
	bad = t, bad.time = "2h";
	CHECK(refused(op, &bad));
	c->paypal.webhook_id = "";
	REFUSED("webhook_secret_is_set", paypal_transmission_check(op, &t));
}

TEST_NO_DB(a_certificate_lies_on_paypals_hosts_and_nowhere_else)
{
	static const char *const good[] = {
		"https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594",
		"https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1",
		"http://127.0.0.1:8/v1/notifications/certs/CERT-sim",
	};
	static const char *const bad[] = {
		"http://api.paypal.com/v1/notifications/certs/CERT-1",
		"https://api.paypal.com.evil.example/v1/notifications/certs/CERT-1",
		"https://evil.example/v1/notifications/certs/CERT-1",
		"https://api.paypal.com@evil.example/v1/notifications/certs/CERT-1",
		"https://api.paypal.com:8443/v1/notifications/certs/CERT-1",
		"https://api.paypal.com/v1/notifications/certs/../../x",
		"https://api.paypal.com/v1/notifications/certs/CERT-1?x=1",
		"https://api.paypal.com/v1/notifications/certs/CERT-1#x",
		"https://api.paypal.com/v1/notifications/certs/",
		"https://api.paypal.com/v1/notifications/certs/a%2f",
		"https://www.paypal.com/v1/notifications/certs/CERT-1",
		"http://127.0.0.1:80/v1/notifications/certs/CERT-sim",
		"",
	};
	struct config *c = config_of(op);

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		CHECK(paypal_certificate_url(c, good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!paypal_certificate_url(c, bad[i]));
	c->paypal.cert_base_url = "";
	CHECK(!paypal_certificate_url(c, good[2]));
	CHECK(!paypal_certificate_url(c, "/v1/notifications/certs/CERT-1"));
}

static const char *judged(struct op *op, const char *pem)
{
	struct paypal_certificate c;

	paypal_certificate_judge(op, pem, &c);
	CHECK((c.pem == NULL) == (c.note != NULL));
	return c.pem ? "good" : c.note;
}

TEST_NO_DB(a_certificate_is_good_when_an_authority_vouches_for_paypals_name_today)
{
	struct card *ca = card_new(op, "Authority", NULL, 30);
	struct card *none = card_new(op, "Nobody", NULL, 30);
	struct config *c = config_of(op);
	const char *name = "messageverificationcerts.paypal.com";
	const char *dir = getenv("TMPDIR");
	char *file = op_printf(op, "%s/paypal_test.XXXXXX", dir ? dir : "/tmp");
	int fd = mkstemp(file);

	CHECK(write(fd, ca->pem, strlen(ca->pem)) == (ssize_t)strlen(ca->pem));
	close(fd);
	c->paypal.cert_ca_file = file;
	SAME("good", judged(op, card_new(op, name, ca, 30)->pem));
	SAME("certificate has expired", judged(op, card_new(op, name, ca, -1)->pem));
	SAME("unable to get local issuer certificate",
		judged(op, card_new(op, name, none, 30)->pem));
	SAME("self-signed certificate", judged(op, card_new(op, name, NULL, 30)->pem));
	SAME("it is made out to somebody else",
		judged(op, card_new(op, "paypal.com.evil.example", ca, 30)->pem));
	SAME("it is made out to somebody else",
		judged(op, card_new(op, "evilpaypal.com", ca, 30)->pem));
	SAME("it is no certificate", judged(op, "-----BEGIN CERTIFICATE-----"));
	c->paypal.cert_ca_file = "/nonexistent";
	SAME("the trusted authorities cannot be read",
		judged(op, card_new(op, name, ca, 30)->pem));
	unlink(file);
}
