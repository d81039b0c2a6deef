/* paypal-sim: PayPal on loopback, for the tests. */
#include "nouns.h"
#include "provider/flavour.h"

static const char help[] =
	"Usage: paypal-sim --client ID --secret-file FILE [OPTION]...\n"
	"Simulate PayPal on loopback until SIGTERM; print the address.\n\n"
	"  --listen 127.0.0.1:PORT      0, the default, takes a free port\n"
	"  --client ID                  the app's client id\n"
	"  --secret-file FILE           the app's secret\n"
	"  --webhook-url URL            where events go; none without it\n"
	"  --webhook-id ID              of that webhook, part of what is signed\n"
	"  --certificate FILE           served as CERT-sim\n"
	"  --sign-key FILE              its key, signs events\n"
	"  --webhook-retry-ms N         first retry after N ms (200); then doubling\n"
	"  --webhook-tries N            attempts an event (16)\n"
	"  --webhook-threads N          senders at once (4)\n"
	"  --seed N                     the same ids and luck each time\n"
	"  --state FILE                 write /sim/state there when stopped\n\n"
	"Control: POST /sim/approve /sim/conclude /sim/dispute /sim/withdraw "
	"/sim/faults\n"
	"/sim/advance /sim/reset\n"
	"/sim/webhook, GET /sim/state /sim/requests.\n\n"
	"Examples:\n"
	"  paypal-sim --client c --secret-file secret --listen 127.0.0.1:12112\n"
	"  paypal-sim --client c --secret-file secret --certificate c.pem --sign-key "
	"k.pem \\\n"
	"      --webhook-url http://127.0.0.1:8080/v1/webhooks/paypal --webhook-id W\n";

static const struct choice choices[] = {
	{ "client", TEXT, offsetof(struct settings, client) },
	{ "secret-file", FROM_FILE, offsetof(struct settings, key) },
	{ "webhook-id", TEXT, offsetof(struct settings, first_secret) },
	{ "certificate", TEXT, offsetof(struct settings, certificate) },
	{ "sign-key", TEXT, offsetof(struct settings, sign_key) },
	{ 0 },
};

static const char *const kinds[] = { "events", "orders", "captures", "authorizations",
	"refunds", "disputes", "txns", NULL };

static void check(const struct settings *set)
{
	if (!set->client || !set->key)
		quit(E_USAGE, "--client and --secret-file say who may call", NULL);
}

/* "?a=1&b=2": nothing that is asked for needs escapes. */
static void read_query(struct call *c, const char *query)
{
	while (query && *query) {
		size_t n = strcspn(++query, "&"), name = strcspn(query, "=&");

		if (name < n)
			js_put_text(c->query, op_strndup(c->op, query, name),
				op_strndup(c->op, query + name + 1, n - name - 1));
		query += n;
	}
}

/* Bodies are JSON, but for the token's form. */
static bool read_body(struct call *c, const char *query)
{
	const char *body = op_strndup(c->op, c->raw, c->raw_n);

	c->query = op_json(c, cJSON_CreateObject());
	read_query(c, query);
	if (strncmp(c->path, "/v2/", 4) && strncmp(c->path, "/v1/customer/", 13))
		return true;
	if (!strncmp(body, "--", 2) && strstr(body, "\r\n\r\n"))
		body = strstr(body, "\r\n\r\n") + 4; /* the one part of a form */
	if (c->raw_n)
		c->form = cJSON_ParseWithOpts(body, NULL, false);
	if (c->form)
		op_json(c, c->form);
	return true;
}

static int unknown_route(struct call *c)
{
	return REFUSE(c, 404, .issue = "UNKNOWN_ROUTE");
}

static void finish(struct call *c)
{
	(void)c;
}

static void spoil(struct call *c, const struct fault_hit *f)
{
	if (f->kind->status == 429)
		answer_header(c, "Retry-After", "1");
}

/* Of orders six hours, of payments 45 days. */
static int64_t shelf_s(const struct call *c)
{
	return strncmp(c->path, "/v2/checkout/", 13) ? 45 * 86400 : 6 * 3600;
}

static const char *canonical(struct call *c)
{
	return op_strndup(c->op, c->raw, c->raw_n);
}

static int mismatch(struct call *c)
{
	return UNPROCESSABLE(c, "PAYPAL_REQUEST_ID_PREVIOUSLY_USED");
}

static int in_use(struct call *c)
{
	return REFUSE(c, 409, .name = "RESOURCE_CONFLICT",
		.issue = "PREVIOUS_REQUEST_IN_PROGRESS");
}

#define ERROR(name, issue)                                                             \
	"{\"name\":\"" name "\",\"message\":\"" name                                   \
	"\",\"debug_id\":\"f4u17\",\"details\":[{\"issue\":\"" issue                   \
	"\"}],\"links\":[]}"

const struct flavour flavour = {
	.name = "paypal-sim",
	.help = help,
	.key_header = "PayPal-Request-Id",
	.event_prefix = "WH-",
	.kinds = kinds,
	.choices = choices,
	.routes = paypal_routes,
	.controls = paypal_controls,
	.defaults = { .listen = "127.0.0.1:0",
		.retry_ms = 200,
		.tries = 16,
		.threads = 4,
		.seed = -1,
		.first_secret = "" },
	.errors = { [LIMITED] = ERROR("RATE_LIMIT_REACHED", "RATE_LIMIT_REACHED"),
		[LOCKED] = ERROR("RATE_LIMIT_REACHED", "RATE_LIMIT_REACHED"),
		[BROKEN] = ERROR("INTERNAL_SERVER_ERROR", "INTERNAL_SERVICE_ERROR"),
		[EXPIRED] = ERROR("AUTHENTICATION_FAILURE", "INVALID_ACCESS_TOKEN"),
		[IN_PROGRESS] =
			ERROR("RESOURCE_CONFLICT", "PREVIOUS_REQUEST_IN_PROGRESS") },
	.check = check,
	.read = read_body,
	.admit = paypal_admit,
	.unknown_route = unknown_route,
	.finish = finish,
	.spoil = spoil,
	.shelf_s = shelf_s,
	.canonical = canonical,
	.mismatch = mismatch,
	.in_use = in_use,
	.forgets_failures = true,
	.sign = event_sign,
};

int main(int argc, char **argv)
{
	return sim_main(argc, argv);
}
