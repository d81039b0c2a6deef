/* Webhooks of short messages: read, checked, and what their words mean. */
#include "adapters/sms_webhook.h"

#include "base/sha.h"
#include "base/text.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static enum err unreadable(struct op *op, const char *why)
{
	return fail(op, E_USAGE, "webhook_form_is_readable", "the webhook %s", why);
}

static int hex(char c)
{
	return isdigit((unsigned char)c) ? c - '0'
					 : tolower((unsigned char)c) - 'a' + 10;
}

/* NULL: a % without two digits, or a NUL, which would hide what comes behind it. */
static const char *decoded(struct op *op, const char *s, size_t n)
{
	char *out = op_alloc(op, n + 1), *to = out;

	for (size_t i = 0; i < n; i++) {
		char c = s[i];

		if (c == '%') {
			if (i + 2 >= n || !isxdigit((unsigned char)s[i + 1]) ||
				!isxdigit((unsigned char)s[i + 2]))
				return NULL;
			c = (char)(hex(s[i + 1]) * 16 + hex(s[i + 2]));
			i += 2;
		} else if (c == '+') {
			c = ' ';
		}
		if (!c)
			return NULL;
		*to++ = c;
	}
	return out;
}

static int by_name(const void *a, const void *b)
{
	const struct sms_field *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : strcmp(x->value, y->value);
}

static enum err add(struct op *op, struct sms_form *f, const char *s, size_t n)
{
	const char *equals = memchr(s, '=', n);
	size_t name = equals ? (size_t)(equals - s) : n;
	struct sms_field *to = &f->v[f->n];

	if (f->n == SMS_FIELDS)
		return unreadable(op, "has too many fields");
	to->name = decoded(op, s, name);
	to->value =
		decoded(op, s + name + (equals != NULL), n - name - (equals != NULL));
	if (!to->name || !*to->name || !to->value)
		return unreadable(op, "has a field that cannot be read");
	f->n++;
	return OK;
}

enum err sms_form_read(struct op *op, const char *body, size_t n, struct sms_form *out)
{
	out->n = 0;
	for (size_t at = 0; at < n;) {
		const char *end = memchr(body + at, '&', n - at);
		size_t len = end ? (size_t)(end - body) - at : n - at;

		if (len)
			TRY(add(op, out, body + at, len));
		at += len + 1;
	}
	if (!out->n)
		return unreadable(op, "is empty");
	qsort(out->v, out->n, sizeof *out->v, by_name);
	return OK;
}

const char *sms_form_get(const struct sms_form *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->v[i].name, name) == 0)
			return f->v[i].value;
	return NULL;
}

const char *sms_signature(
	struct op *op, const char *token, const char *url, const struct sms_form *f)
{
	unsigned char mac[SHA1_BYTES];
	char *out = op_alloc(op, 4 * (SHA1_BYTES / 3 + 1) + 1);
	struct text t = { 0 };

	text_add(op, &t, url);
	for (size_t i = 0; i < f->n; i++) {
		if (i && by_name(&f->v[i - 1], &f->v[i]) == 0)
			continue; /* the same twice is signed once */
		text_add(op, &t, f->v[i].name);
		text_add(op, &t, f->v[i].value);
	}
	hmac_sha1(token, strlen(token), t.s, t.n, mac);
	EVP_EncodeBlock((unsigned char *)out, mac, sizeof mac);
	return out;
}

enum err sms_signature_check(struct op *op, const char *token, const char *url,
	const struct sms_form *f, const char *header)
{
	const char *right = sms_signature(op, token ? token : "", url, f);
	size_t n = strlen(right);
	bool same = header && strlen(header) == n && bytes_same(header, right, n);

	if (same && token)
		return OK;
	fail(op, E_USAGE, "webhook_signature_is_valid",
		"the webhook is not signed with the token of our account");
	return fail_hint(
		op, "is sms.webhook_url what the provider calls, to the letter?");
}

static const struct {
	const char *said, *word;
} words[] = {
	{ "STOP", "stop" },
	{ "STOPALL", "stop" },
	{ "STOPP", "stop" },
	{ "UNSUBSCRIBE", "stop" },
	{ "CANCEL", "stop" },
	{ "END", "stop" },
	{ "QUIT", "stop" },
	{ "OPTOUT", "stop" },
	{ "REVOKE", "stop" },
	{ "START", "start" },
	{ "UNSTOP", "start" },
	{ "YES", "start" },
	{ "HELP", "help" },
	{ "INFO", "help" },
	{ "HILFE", "help" },
};

/* "Stop!", " stop all" and "STOP" are one; a sentence that holds the word is not. */
const char *sms_word(const struct sms_form *f)
{
	const char *said = sms_form_get(f, "OptOutType");
	char bare[16];
	size_t n = 0;

	if (!said || !*said) /* else the provider itself took it for one */
		said = sms_form_get(f, "Body");
	for (; said && *said; said++) {
		if (!isalnum((unsigned char)*said) && !(*said & 0x80))
			continue;
		if (n + 1 == sizeof bare)
			return "none";
		bare[n++] = (char)toupper((unsigned char)*said);
	}
	bare[n] = 0;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i].said, bare) == 0)
			return words[i].word;
	return "none";
}

const char *sms_state(const char *status)
{
	static const struct {
		const char *status, *state;
	} states[] = {
		{ "accepted", "sent" },
		{ "canceled", "failed" },
		{ "delivered", "delivered" },
		{ "failed", "failed" },
		{ "queued", "sent" },
		{ "read", "delivered" },
		{ "scheduled", "sent" },
		{ "sending", "sent" },
		{ "sent", "sent" },
		{ "undelivered", "failed" },
	};

	for (size_t i = 0; status && i < sizeof states / sizeof *states; i++)
		if (strcmp(states[i].status, status) == 0)
			return states[i].state;
	return NULL;
}
