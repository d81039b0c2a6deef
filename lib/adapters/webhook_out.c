/* One event to one program: checked, signed, bounded in time and size. */
#include "adapters/webhook_out.h"

#include "adapters/wire.h"
#include "base/config.h"
#include "base/id.h"
#include "base/sha.h"

#include <curl/curl.h>
#include <string.h>

enum { ANSWER_MAX = 64 << 10 };

static void free_url(void *url)
{
	curl_url_cleanup(url);
}

static void free_curl(void *text)
{
	curl_free(text);
}

/* One part of a URL; NULL when it has none. */
static const char *part(struct op *op, CURLU *u, CURLUPart what)
{
	char *text = NULL;

	if (curl_url_get(u, what, &text, 0) != CURLUE_OK)
		return NULL;
	op_defer(op, free_curl, text);
	return text;
}

static bool loopback(const char *host)
{
	return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
	       strncmp(host, "127.", 4) == 0;
}

static enum err unsafe(struct op *op, const char *why)
{
	fail(op, E_DATA, "webhook_url_is_safe", "the url of the endpoint %s", why);
	return fail_hint(op, "write it like https://example.com/hooks");
}

enum err webhook_url_check(struct op *op, const char *url)
{
	CURLU *u = curl_url();
	const char *scheme, *host;

	if (!u)
		return fail(op, E_BROKEN, "http_no_memory", "no memory for a url");
	op_defer(op, free_url, u);
	if (strpbrk(url, " \t\r\n") || curl_url_set(u, CURLUPART_URL, url, 0))
		return unsafe(op, "is none");
	scheme = part(op, u, CURLUPART_SCHEME);
	host = part(op, u, CURLUPART_HOST);
	if (!host || !*host || !scheme)
		return unsafe(op, "names no host");
	if (part(op, u, CURLUPART_USER) || part(op, u, CURLUPART_PASSWORD))
		return unsafe(op, "holds a password, which every log would keep");
	if (part(op, u, CURLUPART_FRAGMENT))
		return unsafe(op, "has a fragment, which is never sent");
	if (loopback(host))
		return op->config->webhook_out.allow_loopback
			       ? OK
			       : unsafe(op, "is of this machine");
	return strcmp(scheme, "https") == 0 ? OK : unsafe(op, "is not https");
}

static const char *signature(struct op *op, const char *secret, const char *text)
{
	unsigned char digest[SHA256_BYTES];

	hmac_sha256(secret, strlen(secret), text, strlen(text), digest);
	return op_printf(op, ",v1=%s", id_hex(op, digest, sizeof digest));
}

const char *webhook_sign(struct op *op, const struct webhook_post *w, int64_t seconds)
{
	const char *text = op_printf(op, "%lld.%s", (long long)seconds, w->body);

	return op_printf(op, "t=%lld%s%s", (long long)seconds,
		signature(op, w->secret, text),
		w->old_secret ? signature(op, w->old_secret, text) : "");
}

enum err webhook_post(
	struct op *op, const struct webhook_post *w, struct webhook_reply *out)
{
	const struct webhook_out_config *c = &op->config->webhook_out;
	const char *headers[] = { "Content-Type: application/json",
		op_printf(op, "Shop-Signature: %s",
			webhook_sign(op, w, clock_now().us / 1000000)),
		op_printf(op, "Shop-Event-Id: %s", w->event_id),
		op_printf(op, "traceparent: 00-%s-%.16s-01", op->trace, op->trace),
		"User-Agent: shop/" SHOP_VERSION, NULL };
	const struct http_request r = { .method = "POST",
		.url = w->url,
		.headers = headers,
		.body = w->body,
		.n = strlen(w->body),
		.timeout_ms = (long)c->timeout_ms,
		.body_max = ANSWER_MAX,
		.public_only = !c->allow_loopback };
	struct http_answer a;

	TRY(webhook_url_check(op, w->url));
	TRY(http_send(op, wire_client(), &r, &a));
	*out = (struct webhook_reply){
		.status = a.status, .took_ms = a.took_us / 1000, .error = ""
	};
	if (a.outcome != HTTP_ANSWERED)
		out->error = a.reason ? a.reason : "no answer";
	else if (a.status >= 300 && a.status < 400)
		out->error = op_printf(
			op, "answered with %d: redirects are not followed", a.status);
	else if (a.status < 200 || a.status > 299)
		out->error = op_printf(op, "answered with %d", a.status);
	return OK;
}
