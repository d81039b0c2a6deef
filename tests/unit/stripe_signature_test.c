/* Webhook signatures: what is signed by Stripe, and now, and nothing else. */
#include "adapters/stripe_signature.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "base/sha.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECRET "whsec_dGVzdF9zZWNyZXRfZm9yX3ZlY3RvcnM"
#define BODY   "{\"id\":\"evt_1\"}"

enum { TOLERANCE = 300 };

static const char *sign(
	struct op *op, const char *secret, const char *t, const char *body)
{
	const char *text = op_printf(op, "%s.%s", t, body);
	unsigned char mac[SHA256_BYTES];

	hmac_sha256(secret, strlen(secret), text, strlen(text), mac);
	return id_hex(op, mac, sizeof mac);
}

static const char *at(struct op *op, int64_t offset_s)
{
	return op_printf(op, "%lld", (long long)(clock_now().us / 1000000 + offset_s));
}

static enum err check(struct op *op, const char *header)
{
	static const char *secrets[] = { SECRET };
	enum err e = stripe_signature_check(op, (struct texts){ secrets, 1 }, header,
		BODY, strlen(BODY), TOLERANCE);

	fault_clear(op);
	return e;
}

static const char *header(struct op *op, int64_t offset_s)
{
	const char *t = at(op, offset_s);

	return op_printf(op, "t=%s,v1=%s", t, sign(op, SECRET, t, BODY));
}

TEST_NO_DB(a_signature_of_now_is_valid_and_an_old_or_future_one_is_not)
{
	CHECK(check(op, header(op, 0)) == OK);
	CHECK(check(op, header(op, -298)) == OK);
	CHECK(check(op, header(op, 298)) == OK);
	CHECK(check(op, header(op, -302)) == E_USAGE);
	CHECK(check(op, header(op, 302)) == E_USAGE);
}

TEST_NO_DB(nothing_but_the_exact_form_is_a_signature)
{
	const char *t = at(op, 0), *v1 = sign(op, SECRET, t, BODY);
	char *upper = op_strdup(op, v1);
	const char *many = op_printf(op, "t=%s", t);
	const char *bad[14];
	size_t n = 0;

	for (char *c = upper; *c; c++)
		*c = *c >= 'a' && *c <= 'f' ? (char)(*c - 32) : *c;
	for (int i = 0; i < 1000; i++)
		many = op_printf(op, "%s,v1=%064d", many, i);
	bad[n++] = NULL;
	bad[n++] = "";
	bad[n++] = ",,,";
	bad[n++] = op_printf(op, "v1=%s", v1);
	bad[n++] = op_printf(op, "t=%s", t);
	bad[n++] = op_printf(op, "t=%s,v0=%s", t, v1);
	bad[n++] = op_printf(op, "t=%s,v1=%s", t, upper);
	bad[n++] = op_printf(op, "t=%s,v1=%.63s", t, v1);
	bad[n++] = op_printf(op, "t=%s,v1=%s0", t, v1);
	bad[n++] = op_printf(op, "t=1e9,v1=%s", sign(op, SECRET, "1e9", BODY));
	bad[n++] = op_printf(op, "t=-1,v1=%s", sign(op, SECRET, "-1", BODY));
	bad[n++] = op_printf(op, "t=%s,t=%s,v1=%s", t, t, v1);
	bad[n++] = op_printf(op, "%s,v1=%s", many, v1);
	bad[n++] = op_printf(op, "t=%s,v1=%s", t, sign(op, "whsec_other", t, BODY));
	for (size_t i = 0; i < n; i++)
		CHECK(check(op, bad[i]) == E_USAGE);
	CHECK(check(op, op_printf(op, "t=%s,v0=00,v2=xx,v1=%064d,v1=%s", t, 0, v1)) ==
		OK);
}

TEST_NO_DB(while_a_secret_is_rotated_both_are_good)
{
	const char *file = " whsec_old \r\n\n\twhsec_new\n";
	const char *t = at(op, 0);
	struct texts both = { 0 }, none = { 0 };
	const char *by_new =
		op_printf(op, "t=%s,v1=%s", t, sign(op, "whsec_new", t, BODY));
	const char *by_old =
		op_printf(op, "t=%s,v1=%s", t, sign(op, "whsec_old", t, BODY));

	CHECK(stripe_signature_secrets(op, file, &both) == OK);
	SAME(2, (int64_t)both.n);
	CHECK(stripe_signature_check(op, both, by_new, BODY, strlen(BODY), 300) == OK);
	CHECK(stripe_signature_check(op, both, by_old, BODY, strlen(BODY), 300) == OK);
	both.n = 1;
	REFUSED("webhook_signature_is_valid",
		stripe_signature_check(op, both, by_new, BODY, strlen(BODY), 300));
	REFUSED("webhook_secret_is_set",
		stripe_signature_check(op, none, by_new, BODY, strlen(BODY), 300));
	REFUSED("webhook_secret_is_set",
		stripe_signature_check(op, both, by_old, BODY, strlen(BODY), 0));
}

static size_t base64(const char *s, char *out)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned bits = 0;
	int have = 0;
	size_t n = 0;

	for (; *s && *s != '='; s++) {
		bits = bits << 6 | (unsigned)(strchr(digits, *s) - digits);
		have += 6;
		if (have >= 8)
			out[n++] = (char)(bits >> (have -= 8) & 255);
	}
	return n;
}

/* A secret that says when it ends signs until then, and nobody has to remember it. */
TEST_NO_DB(an_old_secret_ends_by_itself)
{
	const char *t = at(op, 0);
	const char *signed_now =
		op_printf(op, "t=%s,v1=%s", t, sign(op, "whsec_old", t, BODY));
	struct stamp second = { clock_now().us / 1000000 * 1000000 };
	const char *file = op_printf(op, "whsec_old  until %s\nwhsec_new\n",
		stamp_text(op, (struct stamp){ second.us + 3600000000 }));
	struct stripe_signed s = { signed_now, BODY, strlen(BODY), second };
	struct texts secrets = { 0 };

	CHECK(stripe_signature_secrets(op, file, &secrets) == OK);
	CHECK(stripe_signature_check_at(op, secrets, &s, 7200) == OK);
	s.now.us += 3599000000;
	CHECK(stripe_signature_check_at(op, secrets, &s, 7200) == OK);
	s.now.us += 1000000;
	REFUSED("webhook_signature_is_valid",
		stripe_signature_check_at(op, secrets, &s, 7200));
	REFUSED("webhook_secret_ends_at_a_time",
		stripe_signature_secrets(op, "whsec_old tomorrow", &secrets));
	REFUSED("webhook_secret_ends_at_a_time",
		stripe_signature_secrets(op, "whsec_old until noon", &secrets));
}

/* Vectors of Stripe's own library, where the sample data is there: every one is decided
 * as the library decides it, at the time that the vector gives. */
static void vector(struct op *op, const struct json *v)
{
	const char *payload = json_string(json_get(v, "payload_b64"));
	const char *secret = json_string(json_get(v, "secret"));
	char *body = op_alloc(op, strlen(payload) + 1);
	struct stripe_signed s = { json_string(json_get(v, "header")), body,
		base64(payload, body), { 0 } };
	bool good = !strcmp(json_string(json_get(v, "expect")), "accept");
	int64_t now, tolerance;
	enum err e;

	CHECK(json_int(json_get(v, "now"), &now));
	CHECK(json_int(json_get(v, "tolerance"), &tolerance));
	s.now.us = now * 1000000;
	e = stripe_signature_check_at(op, (struct texts){ &secret, 1 }, &s, tolerance);
	fault_clear(op);
	if ((e == OK) != good)
		fprintf(stderr, "vector: %s\n", json_string(json_get(v, "name")));
	CHECK((e == OK) == good);
}

/* The one deliberate difference: the library looks at the past only, so that a
 * signature of the future is good for as long as it is in the future. */
TEST_NO_DB(an_hour_ahead_is_refused_though_the_providers_library_takes_it)
{
	CHECK(check(op, header(op, 3600)) == E_USAGE);
}

TEST_NO_DB(the_providers_own_vectors_agree)
{
	const char *data = getenv("SHOP_DATA");
	const struct json *all, *v;
	char *text = op_alloc(op, 1 << 20);
	FILE *f;

	if (!data)
		return;
	f = fopen(
		op_printf(op,
			"%s/contracts/stripe/npm-stripe-23.1.0/signature-vectors.json",
			data),
		"r");
	if (!f)
		return;
	CHECK(json_parse(op, text, fread(text, 1, (1 << 20) - 1, f), &all) == OK);
	fclose(f);
	CHECK(json_count(json_get(all, "vectors")) >= 15);
	for (v = json_first(json_get(all, "vectors")); v; v = json_next(v))
		vector(op, v);
}
