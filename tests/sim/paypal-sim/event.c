/* Events: the object as it was, signed with our own certificate's key. */
#include "nouns.h"

#include "base/clock.h"
#include "base/crc32.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

void event_emit(struct sim *s, struct op *op, const char *type, const char *kind,
	cJSON *resource)
{
	cJSON *e = js("{\"event_version\":\"1.0\",\"resource_version\":\"2.0\"}");
	struct thing *event;
	char id[ID_MAX], ref[ID_MAX];

	new_ref(s, ref);
	snprintf(id, sizeof id, "WH-%.17s-%.17s", ref, ref);
	js_put_text(e, "id", id);
	put_time(op, s, e, "create_time", 0);
	js_put_text(e, "resource_type", kind);
	js_put_text(e, "event_type", type);
	js_put_text(e, "summary", type);
	js_put(e, "resource", resource);
	put_link(op, s, e, op_printf(op, "/v1/notifications/webhooks-events/%s", id),
		"self", "GET");
	event = thing_add(s, EVENT, e);
	event->text = keep(cJSON_PrintUnformatted(e));
	event->json = NULL;
	cJSON_Delete(e);
	if (!s->webhook_url)
		return;
	event->undelivered = true;
	hook_queue(s, event, type);
}

/* The file of an option, whole. */
static const char *file_of(struct op *op, const char *name)
{
	FILE *f = name ? fopen(name, "re") : NULL;
	char *text = op_alloc(op, 65536);
	size_t n;

	if (!f)
		return "";
	n = fread(text, 1, 65535, f);
	fclose(f);
	text[n] = '\0';
	return text;
}

int certificate_get(struct call *c)
{
	if (strcmp(c->id, "CERT-sim") != 0)
		return absent(c);
	c->body = file_of(c->op, c->sim->set.certificate);
	return c->status = 200;
}

static const char *signature(struct op *op, const char *file, const char *text)
{
	FILE *f = file ? fopen(file, "re") : NULL;
	EVP_PKEY *key = f ? PEM_read_PrivateKey(f, NULL, NULL, NULL) : NULL;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char bytes[1024];
	size_t n = sizeof bytes;
	char *out = op_alloc(op, 2 * sizeof bytes);

	if (f)
		fclose(f);
	if (key && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
		EVP_DigestSign(
			ctx, bytes, &n, (const unsigned char *)text, strlen(text)) == 1)
		EVP_EncodeBlock((unsigned char *)out, bytes, (int)n);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return out;
}

/* By the real clock, whatever time is simulated: receivers check it. */
void event_sign(struct op *op, const struct delivery *d, const struct target *to,
	const char **headers)
{
	const struct settings *set = &to->sim->set;
	int64_t now = clock_now().us / SECOND - (d->stale ? 30 * 86400 : 0);
	const char *time = stamp_text(op, (struct stamp){ now * SECOND });
	const char *id = op_printf(op, "69cd13f0-d67a-11e5-baa3-%.12s", d->event + 3);
	uint32_t crc = crc32_of(d->text, strlen(d->text));
	const char *text = op_printf(op, "%s|%s|%s|%u", id, time, to->secret,
		d->bad_signature ? crc ^ 1 : crc);

	headers[0] = "User-Agent: PayPal/AUHD-214.0-58682711";
	headers[1] = op_printf(op, "PAYPAL-TRANSMISSION-ID: %s", id);
	headers[2] = op_printf(op, "PAYPAL-TRANSMISSION-TIME: %s", time);
	headers[3] = op_printf(op,
		"PAYPAL-CERT-URL: http://127.0.0.1:%d/v1/notifications/certs/CERT-sim",
		set->port);
	headers[4] = "PAYPAL-AUTH-ALGO: SHA256withRSA";
	headers[5] = op_printf(
		op, "PAYPAL-TRANSMISSION-SIG: %s", signature(op, set->sign_key, text));
}
