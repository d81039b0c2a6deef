/* The door: checkouts and webhooks over HTTP, behind a proxy that ends TLS. */
#include "adapters/stripe_signature.h"
#include "base/cli.h"
#include "base/config.h"
#include "base/log.h"
#include "base/notify.h"
#include "db/db.h"
#include "domain/rule.h"
#include "shop-httpd/door.h"

#include <signal.h>

enum { DRAIN_S = 25 };

/* What signs webhooks; without it the door serves all else, and says so. */
static enum err read_secrets(struct op *op, struct door *door)
{
	const char *file;
	enum err e = secret_read(op, op->config->stripe.webhook_secret_file,
		"stripe_webhook_secret", &file);

	if (e == OK)
		return stripe_signature_secrets(op, file, &door->webhook_secrets);
	if (*op->config->stripe.webhook_secret_file)
		return e;
	log_event(op, LOG_WARNING, "webhooks_refused", "%s", op->fault.text);
	fault_clear(op);
	return OK;
}

/* What signs the webhooks of short messages: needed where somebody is to send them. */
static enum err read_token(struct op *op, struct door *door)
{
	const struct sms_config *c = &op->config->sms;

	return *c->webhook_url ? secret_read(op, c->auth_token_file, "sms_auth_token",
					 &door->sms_token)
			       : OK;
}

static enum err open_door(struct op *op, struct door *door)
{
	const struct http_config *c = &op->config->http;

	door->config = op->config;
	door->clients = client_cache_new();
	door->rates = rates_new(c->rate_per_client, c->rate_burst);
	door->inflight = inflight_new();
	TRY(read_secrets(op, door));
	TRY(read_token(op, door));
	TRY(server_open(op, door, &door->server));
	TRY(pool_open(op, (size_t)c->batchers, &door->pool));
	TRY(pool_open(op, 1, &door->events));
	TRY(pool_open(op, (size_t)c->storefront, &door->storefront));
	return batcher_open(op, &door->batcher);
}

/* Answers are sent by the server's loops, so these end last. */
static void close_door(struct door *door)
{
	if (door->batcher)
		batcher_close(door->batcher);
	if (door->pool)
		pool_close(door->pool);
	if (door->events)
		pool_close(door->events);
	if (door->storefront)
		pool_close(door->storefront);
	if (door->server)
		server_close(door->server);
	inflight_free(door->inflight);
	rates_free(door->rates);
	client_cache_free(door->clients);
}

/* Until SIGTERM or SIGINT; tells the watchdog meanwhile that we live. */
static void wait_for_the_end(const struct door *door, const sigset_t *signals)
{
	int64_t every = notify_watchdog_us() / 2;
	struct timespec pause = { every / 1000000, every % 1000000 * 1000 };

	if (!every)
		pause.tv_sec = 3600;
	while (sigtimedwait(signals, NULL, &pause) < 0)
		if (server_turns(door->server))
			notify_systemd("WATCHDOG=1");
}

static void drain(struct op *op, struct door *door)
{
	notify_systemd("STOPPING=1");
	log_event(op, LOG_INFO, "draining", "no new connection is taken");
	atomic_store(&door->draining, true);
	server_drain(door->server, DRAIN_S);
}

static enum err serve(struct op *op, const void *args)
{
	struct door *door = op_alloc(op, sizeof *door);
	sigset_t signals;
	enum err e;

	(void)args;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	e = open_door(op, door);
	if (e == OK)
		e = server_start(op, door->server);
	if (e == OK) {
		notify_systemd("READY=1");
		wait_for_the_end(door, &signals);
		drain(op, door);
	}
	close_door(door);
	return e;
}

static const struct command commands[] = {
	{ "", "take checkouts and webhooks over HTTP", NULL, serve,
		CMD_NO_DB | CMD_SERVES,
		"SHOP_HTTP_LISTEN=127.0.0.1:8080 PGUSER=shop_http shop-httpd\n"
		"SHOP_HTTP_LISTEN=unix:/run/shop/http.sock shop-httpd --config "
		"shop.yaml",
		"SIGTERM and SIGINT end it: no new connection is taken, what is in "
		"hand is "
		"answered, and it exits 0." },
	{ 0 },
};

static const struct noun nouns[] = {
	{ "", "take checkouts and webhooks over HTTP", commands },
	{ 0 },
};

static const struct program program = {
	.name = "shop-httpd",
	.summary = "take checkouts and webhooks over HTTP",
	.nouns = nouns,
	.session = &db_session,
	.rule = rule_find,
};

int main(int argc, char **argv)
{
	return cli_main(&program, argc, argv);
}
