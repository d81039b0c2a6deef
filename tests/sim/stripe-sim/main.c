/* stripe-sim: Stripe on loopback, for the demo and the tests. */
#include "form.h"
#include "nouns.h"
#include "provider/flavour.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/sha.h"

static const char help[] =
	"Usage: stripe-sim --key sk_test_X [OPTION]...\n"
	"Simulate the payment provider on loopback until SIGTERM; print the "
	"address.\n\n"
	"  --listen 127.0.0.1:PORT      0, the default, takes a free port\n"
	"  --key KEY                    the secret key that clients must send\n"
	"  --secret-key-file FILE       the same, read from a file\n"
	"  --webhook-url URL            where events go; none without it\n"
	"  --webhook-secret SECRET      whsec_..., signs them\n"
	"  --webhook-secret-file FILE   the same, read from a file\n"
	"  --webhook-retry-ms N         first retry after N ms (200); then doubling\n"
	"  --webhook-tries N            attempts an event (16)\n"
	"  --webhook-threads N          senders at once (4)\n"
	"  --api-version VERSION        of events (2024-06-20)\n"
	"  --late-seconds N             bank debits and pending refunds conclude (5)\n"
	"  --fee-seconds N              automatic_async knows its fee (1)\n"
	"  --search-lag N               seconds until search finds an object (0)\n"
	"  --seed N                     the same ids and luck each time\n"
	"  --state FILE                 write /sim/state there when stopped\n\n"
	"Control: POST /sim/faults /sim/advance /sim/reset /sim/webhook\n"
	"/sim/authenticate /sim/refunds/fail /sim/disputes, GET /sim/state.\n\n"
	"Examples:\n"
	"  stripe-sim --key sk_test_x --listen 127.0.0.1:12111\n"
	"  stripe-sim --key sk_test_x --webhook-url http://127.0.0.1:8080/hook \\\n"
	"      --webhook-secret whsec_x --seed 7\n";

static const struct choice choices[] = {
	{ "key", TEXT, offsetof(struct settings, key) },
	{ "secret-key-file", FROM_FILE, offsetof(struct settings, key) },
	{ "webhook-secret", TEXT, offsetof(struct settings, first_secret) },
	{ "webhook-secret-file", FROM_FILE, offsetof(struct settings, first_secret) },
	{ "api-version", TEXT, offsetof(struct settings, api_version) },
	{ "fee-seconds", NUMBER, offsetof(struct settings, fee_s) },
	{ "search-lag", NUMBER, offsetof(struct settings, search_lag_s) },
	{ 0 },
};

static const char *const kinds[] = { "events", "payment_intents", "charges", "refunds",
	"balance_transactions", "customers", "payment_methods", "disputes", "payouts",
	NULL };

static void check(const struct settings *set)
{
	if (!set->key || strncmp(set->key, "sk_", 3))
		quit(E_USAGE, "--key or --secret-key-file must give a key sk_...",
			NULL);
}

/* False when the query or the form cannot be read; the answer is ready then. */
static bool read_forms(struct call *c, const char *query)
{
	bool is_form = !is_control(c);

	query = query ? query + 1 : "";
	if (form_parse(c->op, query, strlen(query), &c->query) == OK &&
		form_parse(c->op, is_form ? c->raw : "", is_form ? c->raw_n : 0,
			&c->form) == OK)
		return true;
	REFUSE(c, 400, .message = c->op->fault.text);
	c->body = keep(cJSON_PrintUnformatted(c->out));
	op_defer(c->op, cJSON_free, (char *)c->body);
	return false;
}

static int unknown_route(struct call *c)
{
	return REFUSE(c, 404,
		.message = op_printf(c->op, "Unrecognized request URL (%s: %.100s).",
			c->method, c->path));
}

static void finish(struct call *c)
{
	expand(c);
}

static void spoil(struct call *c, const struct fault_hit *f)
{
	if (f->kind->status == 429)
		answer_header(c, "Stripe-Rate-Limited-Reason",
			f->kind->wording == LOCKED ? "lock-timeout" : "global-rate");
	if (f->says_retry)
		answer_header(
			c, "Stripe-Should-Retry", f->should_retry ? "true" : "false");
}

/* https://docs.stripe.com/api/idempotent_requests */
static int64_t shelf_s(const struct call *c)
{
	(void)c;
	return 24 * 3600;
}

static const char *canonical(struct call *c)
{
	return form_canonical(c->op, c->raw, c->raw_n);
}

static int mismatch(struct call *c)
{
	return REFUSE(c, 400, .type = "idempotency_error",
		.message = op_printf(c->op,
			"Keys for idempotent requests can only be used with the same "
			"parameters they were first used with. Try using a key other "
			"than '%s' if you meant to execute a different request.",
			c->key));
}

static int in_use(struct call *c)
{
	answer_header(c, "Stripe-Should-Retry", "true");
	return REFUSE(c, 409, .type = "idempotency_error",
		.code = "idempotency_key_in_use",
		.message = op_printf(c->op,
			"There is currently another in-progress request using this "
			"Idempotent Key: %s. Please try again later.",
			c->key));
}

/* Signed with the real clock, whatever time is simulated: receivers check it. */
static void sign(struct op *op, const struct delivery *d, const struct target *to,
	const char **headers)
{
	long long t = clock_now().us / SECOND - (d->stale ? STALE_S : 0);
	const char *signed_text = op_printf(op, "%lld.%s", t, d->text);
	unsigned char mac[SHA256_BYTES];

	hmac_sha256(
		to->secret, strlen(to->secret), signed_text, strlen(signed_text), mac);
	if (d->bad_signature)
		mac[0] ^= 1;
	headers[0] = "User-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)";
	headers[1] = op_printf(
		op, "Stripe-Signature: t=%lld,v1=%s", t, id_hex(op, mac, sizeof mac));
}

#define LIMIT                                                                          \
	"{\"error\":{\"type\":\"invalid_request_error\",\"code\":\"rate_limit\","      \
	"\"message\":\"Request rate limit exceeded. Learn more about rate limits "     \
	"here https://stripe.com/docs/rate-limits.\"}}"
#define LOCK                                                                           \
	"{\"error\":{\"type\":\"invalid_request_error\",\"code\":\"lock_timeout\","    \
	"\"message\":\"This object cannot be accessed right now because another "      \
	"API request or Stripe process is currently accessing it.\"}}"
#define BREAKAGE                                                                       \
	"{\"error\":{\"type\":\"api_error\",\"message\":\"An unknown error "           \
	"occurred.\"}}"
#define KEY                                                                            \
	"{\"error\":{\"type\":\"invalid_request_error\",\"message\":\"Expired API "    \
	"Key provided: sk_test_****\"}}"
#define IN_USE                                                                         \
	"{\"error\":{\"type\":\"idempotency_error\",\"code\":"                         \
	"\"idempotency_key_in_use\",\"message\":\"There is currently another "         \
	"in-progress request using this Idempotent Key.\"}}"

const struct flavour flavour = {
	.name = "stripe-sim",
	.help = help,
	.key_header = "Idempotency-Key",
	.event_prefix = "evt_3",
	.kinds = kinds,
	.choices = choices,
	.routes = stripe_routes,
	.controls = stripe_controls,
	.defaults = { .listen = "127.0.0.1:0",
		.late_s = 5,
		.fee_s = 1,
		.retry_ms = 200,
		.tries = 16,
		.threads = 4,
		.seed = -1,
		.api_version = "2024-06-20",
		.first_secret = "" },
	.errors = { [LIMITED] = LIMIT,
		[LOCKED] = LOCK,
		[BROKEN] = BREAKAGE,
		[EXPIRED] = KEY,
		[IN_PROGRESS] = IN_USE },
	.check = check,
	.read = read_forms,
	.admit = stripe_admit,
	.unknown_route = unknown_route,
	.finish = finish,
	.spoil = spoil,
	.shelf_s = shelf_s,
	.canonical = canonical,
	.mismatch = mismatch,
	.in_use = in_use,
	.sign = sign,
};

int main(int argc, char **argv)
{
	return sim_main(argc, argv);
}
