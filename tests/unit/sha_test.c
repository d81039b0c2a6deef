/* Digests against the vectors of their standards. */
#include "test.h"

#include "base/id.h"
#include "base/json.h"
#include "base/sha.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *digest(struct op *op, const char *text)
{
	unsigned char d[SHA256_BYTES];

	sha256(text, strlen(text), d);
	return id_hex(op, d, sizeof d);
}

static const char *mac(struct op *op, const char *key, size_t n, const char *text)
{
	unsigned char d[SHA256_BYTES];

	hmac_sha256(key, n, text, strlen(text), d);
	return id_hex(op, d, sizeof d);
}

TEST_NO_DB(sha256_is_that_of_fips_180)
{
	SAME("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		digest(op, ""));
	SAME("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		digest(op, "abc"));
}

TEST_NO_DB(hmac_is_that_of_rfc_4231)
{
	char long_key[131];

	memset(long_key, 0xaa, sizeof long_key);
	SAME("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
		mac(op, "Jefe", 4, "what do ya want for nothing?"));
	SAME("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
		mac(op, long_key, sizeof long_key,
			"Test Using Larger Than Block-Size Key - Hash Key First"));
	SAME("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad",
		mac(op, "", 0, ""));
}

TEST_NO_DB(bytes_are_the_same_or_not)
{
	CHECK(bytes_same("abc", "abc", 3));
	CHECK(!bytes_same("abc", "abd", 3));
	CHECK(!bytes_same("xbc", "abc", 3));
	CHECK(bytes_same("abX", "abY", 2));
}

static size_t unhex(struct op *op, const char *hex, unsigned char **out)
{
	size_t n = strlen(hex) / 2;

	*out = op_alloc(op, n + 1);
	for (size_t i = 0; i < n; i++) {
		char byte[3] = { hex[2 * i], hex[2 * i + 1], '\0' };

		(*out)[i] = (unsigned char)strtoul(byte, NULL, 16);
	}
	return n;
}

/* One of Wycheproof's: a tag, maybe cut short, is ours exactly when it is valid. */
static void vector(struct op *op, const struct json *v)
{
	unsigned char *key, *text, *tag, ours[SHA256_BYTES];
	size_t key_n = unhex(op, json_string(json_get(v, "key")), &key);
	size_t n = unhex(op, json_string(json_get(v, "msg")), &text);
	size_t tag_n = unhex(op, json_string(json_get(v, "tag")), &tag);
	bool valid = !strcmp(json_string(json_get(v, "result")), "valid");

	CHECK(tag_n <= SHA256_BYTES);
	hmac_sha256(key, key_n, text, n, ours);
	if (bytes_same(ours, tag, tag_n) != valid)
		fprintf(stderr, "%s\n", json_text_of(op, v));
	CHECK(bytes_same(ours, tag, tag_n) == valid);
}

/* Where the folder is; its HMAC-SHA-1 vectors are of an algorithm that nobody here
 * uses.
 */
TEST_NO_DB(the_vectors_of_wycheproof_agree)
{
	const char *data = getenv("SHOP_DATA");
	const char *path =
		op_printf(op, "%s/torture/crypto/wycheproof-hmac_sha256_test.json",
			data ? data : "../shared/data");
	char *whole = op_alloc(op, JSON_BYTES);
	const struct json *all, *group, *one;
	int64_t n = 0, wanted = 0;
	FILE *f = fopen(path, "re");

	if (!f)
		return;
	CHECK(json_parse(op, whole, fread(whole, 1, JSON_BYTES, f), &all) == OK);
	fclose(f);
	group = json_first(json_get(all, "testGroups"));
	for (; group; group = json_next(group)) {
		one = json_first(json_get(group, "tests"));
		for (; one; one = json_next(one), n++)
			vector(op, one);
	}
	CHECK(json_int(json_get(all, "numberOfTests"), &wanted) && wanted > 100);
	SAME(wanted, n);
}
