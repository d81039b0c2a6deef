/* Webhooks to others: where they may go, and how they are signed. */
#include "adapters/stripe_signature.h"
#include "adapters/webhook_out.h"
#include "base/config.h"
#include "base/http.h"
#include "test.h"

#include <arpa/inet.h>
#include <string.h>

static void with_loopback(struct op *op, bool allowed)
{
	struct config *c = op_alloc(op, sizeof *c);

	*c = *op->config;
	c->webhook_out.allow_loopback = allowed;
	op->config = c;
}

TEST_NO_DB(events_go_out_into_the_world_by_https_only)
{
	static const char *const bad[] = { "http://example.com/x", "ftp://example.com",
		"https://user:secret@example.com/", "https://example.com/#top",
		"https://127.0.0.1/x", "https://localhost/x", "https://[::1]/",
		"/hooks", "example.com", "https://", "https://example.com/a b", "" };

	with_loopback(op, false);
	CHECK(webhook_url_check(op, "https://example.com/hooks?a=b") == OK);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		REFUSED("webhook_url_is_safe", webhook_url_check(op, bad[i]));
	with_loopback(op, true);
	CHECK(webhook_url_check(op, "http://127.0.0.1:8080/x") == OK);
	REFUSED("webhook_url_is_safe", webhook_url_check(op, "http://example.com/x"));
}

/* A name may lead anywhere; what it led to is what is asked about. */
TEST_NO_DB(no_event_reaches_a_private_network)
{
	static const struct {
		const char *address;
		bool private;
	} rows[] = { { "127.0.0.1", true }, { "10.1.2.3", true },
		{ "172.16.0.1", true }, { "172.32.0.1", false },
		{ "192.168.1.1", true }, { "169.254.169.254", true },
		{ "100.64.0.1", true }, { "0.0.0.0", true }, { "224.0.0.1", true },
		{ "255.255.255.255", true }, { "8.8.8.8", false },
		{ "93.184.216.34", false }, { "::1", true }, { "fe80::1", true },
		{ "fc00::1", true }, { "::ffff:10.0.0.1", true },
		{ "::ffff:8.8.8.8", false }, { "2606:2800:220::1", false } };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
		struct sockaddr_in four = { .sin_family = AF_INET };
		const struct sockaddr *a = (const struct sockaddr *)&four;

		if (strchr(rows[i].address, ':')) {
			SAME(1, inet_pton(AF_INET6, rows[i].address, &six.sin6_addr));
			a = (const struct sockaddr *)&six;
		} else {
			SAME(1, inet_pton(AF_INET, rows[i].address, &four.sin_addr));
		}
		SAME(rows[i].private, http_address_private(a));
	}
}

TEST_NO_DB(a_post_into_a_private_network_does_not_leave)
{
	const struct http_request r = { .method = "POST",
		.url = "http://127.0.0.1:9/",
		.body = "{}",
		.n = 2,
		.public_only = true };
	struct http_client *c = http_client_open();
	struct http_answer a;

	CHECK(http_send(op, c, &r, &a) == OK);
	SAME(HTTP_NOT_SENT, a.outcome);
	http_client_close(c);
}

/* What checks Stripe's signatures takes ours, under the new secret and the old. */
TEST_NO_DB(a_signature_is_as_stripe_writes_it)
{
	struct webhook_post w = { .body = "{\"id\":\"evt_1\"}",
		.secret = "whsec_new",
		.old_secret = "whsec_old" };
	int64_t now = clock_now().us / 1000000;
	const char *header = webhook_sign(op, &w, now);
	const char *both[] = { "whsec_new", "whsec_old", "whsec_else" };

	for (size_t i = 0; i < 2; i++)
		CHECK(stripe_signature_check(op, (struct texts){ both + i, 1 }, header,
			      w.body, strlen(w.body), 300) == OK);
	REFUSED("webhook_signature_is_valid",
		stripe_signature_check(op, (struct texts){ both + 2, 1 }, header,
			w.body, strlen(w.body), 300));
	w.old_secret = NULL;
	CHECK(strstr(webhook_sign(op, &w, 1), "t=1,v1=") &&
		!strstr(strstr(webhook_sign(op, &w, 1), "v1=") + 3, "v1="));
}
