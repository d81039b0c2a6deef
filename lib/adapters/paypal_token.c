/* The OAuth token of this process: asked for once, used until shortly before its end.
 */
#include "adapters/paypal.h"

#include "adapters/wire.h"
#include "base/baton.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/http.h"
#include "base/json.h"

#include <pthread.h>
#include <string.h>

enum { TOKEN_MAX = 4096, WHOSE_MAX = 512, EARLY_S = 120, LIFE_MAX_S = 86400 };

/* One renewal in so long: when the new token is refused too, it is not the token. */
enum { RENEWAL_S = 10 };

/* Held while one is asked for, so that threads that start together ask once. */
static struct {
	pthread_mutex_t lock;
	char text[TOKEN_MAX], whose[WHOSE_MAX];
	int64_t until;   /* clock_ticks() */
	int64_t dropped; /* and when one was refused */
} kept = { .lock = PTHREAD_MUTEX_INITIALIZER };

static enum err ask(struct op *op, int64_t timeout_ms, struct http_answer *out)
{
	const struct paypal_config *c = &op->config->paypal;
	static const char body[] = "grant_type=client_credentials";
	const char *headers[4] = { "Content-Type: application/x-www-form-urlencoded",
		"User-Agent: shop/" SHOP_VERSION };
	const char *secret;

	TRY(secret_read(op, c->client_secret_file, "paypal_client_secret", &secret));
	headers[2] = op_printf(
		op, "Authorization: %s", wire_basic(op, c->client_id, secret));
	return http_send(op, wire_client(),
		&(struct http_request){ .method = "POST",
			.url = op_printf(op, "%s/v1/oauth2/token", c->base_url),
			.headers = headers,
			.body = body,
			.n = sizeof body - 1,
			.timeout_ms = timeout_ms },
		out);
}

static enum err keep(struct op *op, const struct http_answer *answer, const char *whose)
{
	const struct json *body = NULL;
	const char *token;
	int64_t life = 0;

	if (answer->outcome != HTTP_ANSWERED)
		return fail(op, E_AWAY, "provider_gives_a_token", "no token: %s",
			answer->reason);
	if (answer->status == 200 &&
		json_parse(op, answer->body, answer->n, &body) != OK)
		fault_clear(op);
	token = json_string(json_get(body, "access_token"));
	if (!token || !*token || strlen(token) >= TOKEN_MAX ||
		!json_int(json_get(body, "expires_in"), &life)) {
		fail(op, E_AWAY, "provider_gives_a_token", "no token: HTTP %d",
			answer->status);
		return fail_hint(op, "compare paypal.client_id and client_secret_file "
				     "with the app's");
	}
	if (life > LIFE_MAX_S)
		life = LIFE_MAX_S;
	snprintf(kept.text, sizeof kept.text, "%s", token);
	snprintf(kept.whose, sizeof kept.whose, "%s", whose);
	kept.until = clock_ticks() + (life - EARLY_S) * 1000000;
	return OK;
}

enum err paypal_token(struct op *op, int64_t timeout_ms, const char **out)
{
	const struct paypal_config *c = &op->config->paypal;
	const char *whose = op_printf(op, "%s %s", c->base_url, c->client_id);
	struct http_answer answer = { 0 };
	enum err e = OK;

	baton_lay_down(); /* who has the lock waits for PayPal, and then for the baton
			   */
	pthread_mutex_lock(&kept.lock);
	if (clock_ticks() >= kept.until || strcmp(kept.whose, whose) != 0) {
		e = ask(op, timeout_ms, &answer);
		if (e == OK)
			e = keep(op, &answer, whose);
	}
	if (e == OK)
		*out = op_strdup(op, kept.text);
	pthread_mutex_unlock(&kept.lock);
	baton_pick_up();
	return e;
}

/* Another thread may have renewed it meanwhile: then there is one to try already. */
bool paypal_token_drop(const char *token)
{
	int64_t now = clock_ticks();
	bool again;

	pthread_mutex_lock(&kept.lock);
	again = strcmp(kept.text, token) != 0;
	if (!again && (!kept.dropped || now >= kept.dropped + RENEWAL_S * 1000000LL)) {
		kept.until = 0;
		kept.dropped = now;
		again = true;
	}
	pthread_mutex_unlock(&kept.lock);
	return again;
}
