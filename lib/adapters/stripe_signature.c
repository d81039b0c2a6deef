/* Whether a webhook really comes from Stripe: scheme v1 over the raw bytes. */
#include "adapters/stripe_signature.h"

#include "base/clock.h"
#include "base/sha.h"

#include <string.h>

enum { MAX_SIGNATURES = 16, MAX_SECRETS = 8, MAX_T_DIGITS = 12 };

struct signature {
	unsigned char bytes[SHA256_BYTES];
};

/* What the header says; t stays text, because the sender signed it as text. */
struct header {
	const char *t;
	size_t t_n;
	int64_t seconds;
	struct signature v1[MAX_SIGNATURES];
	size_t n;
};

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* False when it is not exactly 64 lower-case digits: then it is no signature. */
static bool read_signature(const char *s, size_t n, struct signature *out)
{
	if (n != 2 * SHA256_BYTES)
		return false;
	for (size_t i = 0; i < SHA256_BYTES; i++) {
		int high = hex_digit(s[2 * i]), low = hex_digit(s[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out->bytes[i] = (unsigned char)(high * 16 + low);
	}
	return true;
}

/* A second t would let two readers take different ones, so it is refused. */
static bool read_time(struct header *h, const char *s, size_t n)
{
	if (h->t || n == 0 || n > MAX_T_DIGITS)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		h->seconds = h->seconds * 10 + (s[i] - '0');
	}
	h->t = s;
	h->t_n = n;
	return true;
}

/* v0 and unknown schemes are passed over: honouring them would be a downgrade. */
static bool read_item(struct header *h, const char *s, size_t n)
{
	if (n > 2 && memcmp(s, "t=", 2) == 0)
		return read_time(h, s + 2, n - 2);
	if (n > 3 && memcmp(s, "v1=", 3) == 0) {
		if (h->n == MAX_SIGNATURES)
			return false;
		h->n += read_signature(s + 3, n - 3, &h->v1[h->n]);
	}
	return true;
}

static bool read_header(struct header *h, const char *s)
{
	while (s && *s) {
		size_t n = strcspn(s, ",");

		if (!read_item(h, s, n))
			return false;
		s += n + (s[n] == ',');
	}
	return h->t && h->n > 0;
}

/* A secret is followed by its end, where it has one: "whsec_... until TIME". */
static const char *end_of(const char *secret)
{
	const char *at = secret + strcspn(secret, " \t");

	return *at ? at + strspn(at, " \t") : NULL;
}

static enum err read_end(struct op *op, const char *end, struct stamp *out)
{
	*out = (struct stamp){ INT64_MAX };
	if (!end)
		return OK;
	if (strncmp(end, "until ", 6) == 0 &&
		stamp_parse(op, end + 6 + strspn(end + 6, " \t"), out) == OK)
		return OK;
	fault_clear(op);
	return fail(op, E_CONFIG, "webhook_secret_ends_at_a_time",
		"a line of the file of webhook secrets has more than a secret and "
		"\"until TIME\"");
}

/* Every secret against every signature, without leaving early on a match. */
static bool any_match(struct op *op, const struct header *h, struct texts secrets,
	const char *signed_text, size_t n, struct stamp now)
{
	bool match = false;

	for (size_t i = 0; i < secrets.n; i++) {
		unsigned char mac[SHA256_BYTES];
		struct stamp end;
		bool ended = read_end(op, end_of(secrets.v[i]), &end) != OK ||
			     end.us <= now.us;

		fault_clear(op);
		hmac_sha256(secrets.v[i], strcspn(secrets.v[i], " \t"), signed_text, n,
			mac);
		for (size_t k = 0; k < h->n; k++)
			match |= bytes_same(mac, h->v1[k].bytes, SHA256_BYTES) & !ended;
	}
	return match;
}

static enum err refuse(struct op *op)
{
	fail(op, E_USAGE, "webhook_signature_is_valid",
		"the webhook is not signed by the provider, or not now");
	return fail_hint(op, "compare stripe.webhook_secret_file with the endpoint's "
			     "signing secret, and the clock with the network's");
}

enum err stripe_signature_check_at(struct op *op, struct texts secrets,
	const struct stripe_signed *s, int64_t tolerance_s)
{
	struct header h = { 0 };
	int64_t age;
	char *text;

	if (tolerance_s <= 0 || secrets.n == 0 || secrets.n > MAX_SECRETS)
		return fail(op, E_CONFIG, "webhook_secret_is_set",
			"webhooks need one to %d signing secrets and a tolerance over "
			"0",
			MAX_SECRETS);
	if (!read_header(&h, s->header))
		return refuse(op);
	text = op_alloc(op, h.t_n + 1 + s->n + 1);
	memcpy(text, h.t, h.t_n);
	text[h.t_n] = '.';
	if (s->n > 0)
		memcpy(text + h.t_n + 1, s->body, s->n);
	if (!any_match(op, &h, secrets, text, h.t_n + 1 + s->n, s->now))
		return refuse(op);
	age = s->now.us / 1000000 - h.seconds;
	if (age > tolerance_s || age < -tolerance_s)
		return refuse(op);
	return OK;
}

enum err stripe_signature_check(struct op *op, struct texts secrets, const char *header,
	const void *body, size_t n, int64_t tolerance_s)
{
	struct stripe_signed s = { header, body, n, clock_now() };

	return stripe_signature_check_at(op, secrets, &s, tolerance_s);
}

enum err stripe_signature_secrets(struct op *op, const char *file, struct texts *out)
{
	struct stamp end;
	struct texts t = { op_alloc(op, (MAX_SECRETS + 1) * sizeof *t.v), 0 };

	while (*file && t.n <= MAX_SECRETS) {
		size_t n = strcspn(file, "\r\n"), skip = strspn(file, " \t");
		size_t last = n;

		while (last > skip && (file[last - 1] == ' ' || file[last - 1] == '\t'))
			last--;
		if (skip < last) {
			t.v[t.n] = op_strndup(op, file + skip, last - skip);
			TRY(read_end(op, end_of(t.v[t.n++]), &end));
		}
		file += n + strspn(file + n, "\r\n");
	}
	*out = t;
	return OK;
}
