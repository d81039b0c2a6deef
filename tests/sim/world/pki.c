/* The certificate that PayPal signs webhooks with, here: it vouches for itself. */
#include "world.h"

#include "base/config.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <unistd.h>

enum { BITS = 2048 }; /* the least that is believed */

static X509 *certificate(EVP_PKEY *key)
{
	static const unsigned char host[] = "messageverificationcerts.paypal.com";
	X509 *c = X509_new();

	X509_set_version(c, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(c), 1);
	ASN1_TIME_set_string(X509_getm_notBefore(c), "20200101000000Z");
	ASN1_TIME_set_string(X509_getm_notAfter(c), "20991231235959Z");
	X509_set_pubkey(c, key);
	X509_NAME_add_entry_by_txt(
		X509_get_subject_name(c), "CN", MBSTRING_ASC, host, -1, -1, 0);
	X509_set_issuer_name(c, X509_get_subject_name(c));
	X509_sign(c, key, EVP_sha256());
	return c;
}

/* A key in one file, what belongs to it in another. */
void pki_make(const char *key_file, const char *certificate_file)
{
	EVP_PKEY *key = EVP_RSA_gen(BITS);
	X509 *c = certificate(key);
	FILE *to = fopen(key_file, "we");

	if (!to || !PEM_write_PrivateKey(to, key, NULL, NULL, 0, NULL, NULL))
		exit(err_exit(E_CREATE));
	fclose(to);
	to = fopen(certificate_file, "we");
	if (!to || !PEM_write_X509(to, c))
		exit(err_exit(E_CREATE));
	fclose(to);
	X509_free(c);
	EVP_PKEY_free(key);
}
