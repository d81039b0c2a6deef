/* SHA-256, HMAC (SHA-1 too, where others sign so) and comparison in constant time, by
 * OpenSSL. */
#ifndef BASE_SHA_H
#define BASE_SHA_H

#include <stdbool.h>
#include <stddef.h>

enum { SHA1_BYTES = 20, SHA256_BYTES = 32 };

/* The digest of n bytes; ends the process with exit 70 when OpenSSL has no SHA-256. */
void sha256(const void *bytes, size_t n, unsigned char out[SHA256_BYTES]);

/* The digest of what is left of an open file; false when it cannot be read. */
bool sha256_file(int fd, unsigned char out[SHA256_BYTES]);

/* RFC 2104 with SHA-256; an empty key is allowed. */
void hmac_sha256(const void *key, size_t key_n, const void *bytes, size_t n,
	unsigned char out[SHA256_BYTES]);

/* The same with SHA-1, which is still good for this, and for nothing else. */
void hmac_sha1(const void *key, size_t key_n, const void *bytes, size_t n,
	unsigned char out[SHA1_BYTES]);

/* True when both are equal, in a time that says nothing about where they differ. */
bool bytes_same(const void *a, const void *b, size_t n);

#endif
