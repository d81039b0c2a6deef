/* SHA-256, HMAC and comparison in constant time, by OpenSSL. */
#include "base/sha.h"

#include "base/err.h"

#include <errno.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <unistd.h>

/* Going on without a digest would accept forged webhooks: there is no safe answer. */
static void must(bool worked)
{
	static const char text[] = "openssl cannot compute SHA-256\n";

	if (worked)
		return;
	(void)!write(STDERR_FILENO, text, sizeof text - 1);
	_exit(err_exit(E_BROKEN));
}

/* Looked up once: OpenSSL would search its providers for every digest. */
static EVP_MD *algorithm;

__attribute__((constructor)) static void fetch(void)
{
	algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
}

void sha256(const void *bytes, size_t n, unsigned char out[SHA256_BYTES])
{
	must(EVP_Digest(bytes, n, out, NULL, algorithm, NULL) == 1);
}

void hmac_sha256(const void *key, size_t key_n, const void *bytes, size_t n,
	unsigned char out[SHA256_BYTES])
{
	unsigned int length = 0;

	must(key_n <= INT_MAX);
	must(HMAC(EVP_sha256(), key_n ? key : "", (int)key_n, bytes, n, out, &length) &&
		length == SHA256_BYTES);
}

void hmac_sha1(const void *key, size_t key_n, const void *bytes, size_t n,
	unsigned char out[SHA1_BYTES])
{
	unsigned int length = 0;

	must(key_n <= INT_MAX);
	must(HMAC(EVP_sha1(), key_n ? key : "", (int)key_n, bytes, n, out, &length) &&
		length == SHA1_BYTES);
}

bool bytes_same(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}

bool sha256_file(int fd, unsigned char out[SHA256_BYTES])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	char block[1 << 14];
	ssize_t n;

	must(ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1);
	while ((n = read(fd, block, sizeof block)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		must(EVP_DigestUpdate(ctx, block, (size_t)n) == 1);
	}
	must(EVP_DigestFinal_ex(ctx, out, NULL) == 1);
	EVP_MD_CTX_free(ctx);
	return n == 0;
}
