/* UPS: its Tracking API, behind a token that lives for some hours. */
#include "adapters/carrier.h"

#include "adapters/wire.h"
#include "base/config.h"
#include "base/id.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_MAX = 4096, EARLY_S = 120, LIFE_MAX_S = 86400 };

static struct wire wire = WIRE;

/* The token of this process, and whose it is. */
static struct {
	pthread_mutex_t lock;
	char text[TOKEN_MAX], whose[512];
	int64_t until; /* clock_ticks() */
} kept = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* developer.ups.com, Tracking, "activity status type". */
static const struct carrier_word words[] = {
	{ "D", "delivered" },
	{ "I", "in_transit" },
	{ "O", "in_transit" },
	{ "P", "in_transit" },
	{ "RS", "returned" },
	{ "W", "in_transit" },
	{ "X", "exception" },
	{ 0 },
};

static bool configured(const struct config *c)
{
	return *c->carrier.ups_client_id != '\0';
}

static const char *whose(struct op *op)
{
	const struct carrier_config *c = &op->config->carrier;

	return op_printf(op, "%.255s %.255s", c->ups_base_url, c->ups_client_id);
}

/* Life comes as a text or as a number. */
static int64_t life_of(const struct json *body)
{
	const struct json *life = json_get(body, "expires_in");
	const char *text = json_string(life);
	int64_t s = 0;

	if (text)
		s = strtoll(text, NULL, 10);
	else
		json_int(life, &s);
	return s > LIFE_MAX_S ? LIFE_MAX_S : s;
}

static enum err ask_token(
	struct op *op, struct carrier_answer *out, const struct json **body)
{
	const struct carrier_config *c = &op->config->carrier;
	static const char form[] = "grant_type=client_credentials";
	const char *headers[] = { "Content-Type: application/x-www-form-urlencoded",
		NULL, NULL };
	const char *secret;
	struct http_answer a;

	TRY(secret_read(op, c->ups_client_secret_file, "ups_client_secret", &secret));
	headers[1] = op_printf(
		op, "Authorization: %s", wire_basic(op, c->ups_client_id, secret));
	TRY(http_send(op, wire_client(),
		&(struct http_request){ .method = "POST",
			.url = op_printf(
				op, "%s/security/v1/oauth/token", c->ups_base_url),
			.headers = headers,
			.body = form,
			.n = sizeof form - 1,
			.timeout_ms = (long)c->timeout_ms,
			.body_max = CARRIER_BODY_MAX },
		&a));
	if (!carrier_judge(op, &a, out, body) && !out->reason)
		out->reason = "there is no token to be had";
	return OK;
}

/* The token that is kept; NULL when there is none that still holds. */
static const char *kept_token(struct op *op)
{
	const char *token = NULL;

	pthread_mutex_lock(&kept.lock);
	if (clock_ticks() < kept.until && strcmp(kept.whose, whose(op)) == 0)
		token = op_strdup(op, kept.text);
	pthread_mutex_unlock(&kept.lock);
	return token;
}

static void keep_token(struct op *op, const char *token, int64_t life_s)
{
	pthread_mutex_lock(&kept.lock);
	snprintf(kept.text, sizeof kept.text, "%s", token);
	snprintf(kept.whose, sizeof kept.whose, "%s", whose(op));
	kept.until = clock_ticks() + (life_s - EARLY_S) * 1000000;
	pthread_mutex_unlock(&kept.lock);
}

/* *token is NULL when there is none, and out says why. */
static enum err token_of(struct op *op, const char **token, struct carrier_answer *out)
{
	const struct json *body;

	*token = kept_token(op);
	if (*token)
		return OK;
	TRY(ask_token(op, out, &body));
	if (out->reason)
		return OK;
	*token = json_string(json_get(body, "access_token"));
	if (*token && strlen(*token) < TOKEN_MAX) {
		keep_token(op, *token, life_of(body));
		return OK;
	}
	*token = NULL;
	out->away = true;
	out->reason = "answered without a token";
	return OK;
}

/* "20261120" and "74700", and what their clock is ahead of UTC. */
static const char *time_of(
	struct op *op, const char *date, const char *hms, const char *offset)
{
	char digits[24];
	long n = hms ? strtol(hms, NULL, 10) : 0;

	if (!date || strlen(date) != 8 || strspn(date, "0123456789") != 8 || n < 0 ||
		n > 235959 || (hms && strspn(hms, "0123456789") != strlen(hms)))
		return NULL;
	snprintf(digits, sizeof digits, "%06ld", n);
	return op_printf(op, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s%s", date, date + 4,
		date + 6, digits, digits + 2, digits + 4, offset ? offset : "Z");
}

static const char *when(struct op *op, const struct json *activity)
{
	const char *gmt = json_string(json_get(activity, "gmtDate"));

	if (gmt)
		return time_of(
			op, gmt, json_string(json_get(activity, "gmtTime")), NULL);
	return time_of(op, json_string(json_get(activity, "date")),
		json_string(json_get(activity, "time")),
		json_string(json_get(activity, "gmtOffset")));
}

static const char *events_of(struct op *op, const struct json *package)
{
	const struct json *a = json_first(json_get(package, "activity"));
	struct json_writer w = { .op = op };
	int n;

	json_array(&w, NULL);
	for (n = 0; a && n < CARRIER_EVENTS_MAX; a = json_next(a), n++)
		carrier_put(&w, a, when(op, a),
			carrier_status(
				words, json_string(json_find(a, "/status/type"))),
			json_string(json_find(a, "/status/description")));
	json_close(&w);
	return w.text;
}

static enum err ask(struct op *op, const char *tracking, const char *token,
	struct carrier_answer *out, const struct json **body)
{
	const struct carrier_config *c = &op->config->carrier;
	const char *headers[] = { op_printf(op, "Authorization: Bearer %s", token),
		op_printf(op, "transId: %s", id_token(op, 22)), "transactionSrc: shop",
		NULL };
	struct http_answer a;

	TRY(http_send(op, wire_client(),
		&(struct http_request){ .method = "GET",
			.url = op_printf(op, "%s/api/track/v1/details/%s",
				c->ups_base_url, tracking),
			.headers = headers,
			.timeout_ms = (long)c->timeout_ms,
			.body_max = CARRIER_BODY_MAX },
		&a));
	wire_note(&wire, a.status);
	if (a.status == 401) /* it ended before its time: the next try has another */
		keep_token(op, "", 0);
	carrier_judge(op, &a, out, body);
	return OK;
}

static enum err track(struct op *op, const char *tracking, struct carrier_answer *out)
{
	const struct json *body, *package;
	const char *token, *number;

	*out = (struct carrier_answer){
		.later = true, .reason = "our own limit of calls", .events = "[]"
	};
	if (!wire_admits(&wire, op->config->carrier.rate_per_second))
		return OK;
	TRY(token_of(op, &token, out));
	if (!token)
		return OK;
	TRY(ask(op, tracking, token, out, &body));
	if (!body || out->reason)
		return OK;
	package = json_find(body, "/trackResponse/shipment/0/package/0");
	number = json_string(json_get(package, "trackingNumber"));
	if (number && strcmp(number, tracking) != 0)
		out->reason = "answered with another parcel";
	else if (json_is_object(package))
		out->events = events_of(op, package);
	return OK;
}

const struct carrier carrier_ups = { "ups", configured, track };
