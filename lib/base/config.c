/* The configuration: defaults, files, environment - in that order, each with its
 * source. */
#include "base/config.h"

#include "base/yaml.h"

#include <ctype.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEY(tag, member, initial, arg, help)                                           \
	FIELD(tag, member, arg, help, 0, NULL, initial)

static const struct shape database_shape = SHAPE(database_config,
	KEY(database_config, conninfo, "", "CONNINFO",
		"libpq conninfo or URI; empty: PGHOST, PGSERVICE and the rest decide"),
	KEY(database_config, statement_timeout_ms, "30000", "MS",
		"give up a statement after this long; 0 is never"),
	KEY(database_config, prepare, "true", "BOOL",
		"named prepared statements; false behind PgBouncer before 1.21"));

static const struct shape shop_shape = SHAPE(shop_config,
	KEY(shop_config, name, "Shop", "TEXT",
		"the shop's name, in messages to customers"),
	KEY(shop_config, currency, "EUR", "CODE",
		"currency of prices whose file names none"),
	KEY(shop_config, base_url, "http://localhost:8080", "URL",
		"where customers and storefronts reach shop-httpd"),
	KEY(shop_config, reservation_minutes, "15", "N",
		"how long an unpaid order holds its stock"),
	KEY(shop_config, cancel_grace_minutes, "10", "N",
		"how long expiry waits for a provider that does not answer"));

static const struct shape payment_shape = SHAPE(payment_config,
	KEY(payment_config, provider, "stripe", "NAME",
		"who is asked for money when a checkout names nobody: stripe, manual, "
		"..."),
	FIELD(payment_config, capture, "HOW",
		"take money at once (automatic), or authorize it and capture it by "
		"hand "
		"or by shipping (manual)",
		0, "automatic|manual", "automatic"),
	FIELD(payment_config, late, "WHAT",
		"money that comes after its order expired: reserve the stock again if "
		"it "
		"is there (reserve), or give it back (refund)",
		0, "reserve|refund", "reserve"),
	FIELD(payment_config, surplus, "WHAT",
		"money that is too much or too late goes back by itself (refund), or "
		"when "
		"a person agrees (propose)",
		0, "refund|propose", "refund"),
	KEY(payment_config, manual_days, "14", "N",
		"how long an order waits for a bank transfer"));

static const struct shape http_shape = SHAPE(http_config,
	KEY(http_config, listen, "127.0.0.1:8080", "ADDRESS",
		"HOST:PORT or unix:PATH that shop-httpd serves"),
	KEY(http_config, admin_listen, "", "ADDRESS",
		"HOST:PORT or unix:PATH of /metrics; empty: none"),
	KEY(http_config, threads, "1", "N", "threads that read and write HTTP"),
	KEY(http_config, batchers, "2", "N", "connections that place orders"),
	KEY(http_config, batch_max, "128", "N", "orders in one call at most"),
	KEY(http_config, queue_max, "4096", "N", "orders that may wait; beyond it 503"),
	KEY(http_config, max_body, "65536", "BYTES", "largest request body"),
	KEY(http_config, connections_per_address, "1024", "N",
		"connections of one address; 0: no limit"),
	KEY(http_config, rate_per_client, "0", "N",
		"requests a second of one api client or address; 0: no limit"),
	KEY(http_config, rate_burst, "100", "N", "requests above the rate in one go"),
	KEY(http_config, header_timeout_s, "5", "S", "until the headers are complete"),
	KEY(http_config, idle_timeout_s, "60", "S",
		"until an idle connection is closed"),
	KEY(http_config, trust_forwarded, "false", "BOOL",
		"believe X-Forwarded-For: true only behind a proxy of yours"));

static const struct shape worker_shape = SHAPE(worker_config,
	KEY(worker_config, lease_s, "60", "S",
		"after a crash the leased jobs run again this much later"),
	KEY(worker_config, poll_min_ms, "5", "MS",
		"shortest pause between empty claims"),
	KEY(worker_config, poll_max_ms, "250", "MS",
		"longest pause between empty claims"),
	KEY(worker_config, drain_timeout_s, "25", "S",
		"after SIGTERM, wait this long for running jobs"),
	KEY(worker_config, admin_listen, "", "ADDRESS",
		"unix:PATH of /metrics; empty: none"));

static const struct shape stripe_shape = SHAPE(stripe_config,
	KEY(stripe_config, base_url, "https://api.stripe.com", "URL",
		"Stripe's API, or a simulator"),
	KEY(stripe_config, version, "2023-08-16", "DATE", "pinned Stripe-Version"),
	KEY(stripe_config, key_file, "", "FILE",
		"secret or restricted key; empty: $CREDENTIALS_DIRECTORY/stripe_key"),
	KEY(stripe_config, webhook_secret_file, "", "FILE",
		"signing secrets, one a line, an old one with \"until TIME\"; empty: "
		"$CREDENTIALS_DIRECTORY/stripe_webhook_secret"),
	KEY(stripe_config, connect_timeout_ms, "2000", "MS", "until connected"),
	KEY(stripe_config, timeout_ms, "20000", "MS", "until answered"),
	KEY(stripe_config, rate_per_second, "20", "N", "calls a second of one worker"),
	KEY(stripe_config, webhook_tolerance_s, "300", "S",
		"how far a webhook's clock may differ, both ways; not 0"),
	KEY(stripe_config, livemode, "false", "BOOL",
		"true where real money moves: events of the other mode are refused"));

static const struct shape paypal_shape = SHAPE(paypal_config,
	KEY(paypal_config, base_url, "https://api-m.sandbox.paypal.com", "URL",
		"PayPal's API; where real money moves https://api-m.paypal.com"),
	KEY(paypal_config, client_id, "", "ID", "the app's client id"),
	KEY(paypal_config, client_secret_file, "", "FILE",
		"the app's secret; empty: $CREDENTIALS_DIRECTORY/paypal_client_secret"),
	KEY(paypal_config, timeout_ms, "20000", "MS",
		"until an action is over, which may take several requests"),
	KEY(paypal_config, rate_per_second, "20", "N",
		"actions a second of one worker"),
	KEY(paypal_config, brand_name, "", "NAME",
		"how PayPal calls the shop; empty: as the account is called"),
	KEY(paypal_config, return_url, "", "URL",
		"where PayPal sends the customer who agreed"),
	KEY(paypal_config, cancel_url, "", "URL",
		"where PayPal sends the customer who did not"),
	KEY(paypal_config, webhook_id, "", "ID",
		"the webhook's id, part of what is signed; empty: webhooks are "
		"refused"),
	KEY(paypal_config, webhook_tolerance_h, "73", "H",
		"how old a webhook may be: PayPal repeats for three days"),
	KEY(paypal_config, cert_base_url, "", "URL",
		"a simulator's certificates, besides PayPal's own hosts"),
	KEY(paypal_config, cert_ca_file, "", "FILE",
		"who vouches for certificates; empty: the system's authorities"));

static const struct shape mail_shape = SHAPE(mail_config,
	KEY(mail_config, url, "smtp://127.0.0.1:25", "URL",
		"smtp:// or smtps:// relay"),
	KEY(mail_config, from, "Shop <shop@localhost>", "ADDRESS",
		"sender of all mail"),
	KEY(mail_config, username, "", "NAME", "login at the relay; empty: none"),
	KEY(mail_config, password_file, "", "FILE",
		"its password; empty: $CREDENTIALS_DIRECTORY/mail_password"),
	KEY(mail_config, timeout_ms, "20000", "MS", "until a mail is handed over"),
	KEY(mail_config, require_tls, "false", "BOOL",
		"refuse a relay without TLS or with a certificate that does not "
		"verify"));

#define SECTION(name)                                                                  \
	{                                                                              \
#name, offsetof(struct config, name), &name##_shape                    \
	}

const struct config_section config_sections[] = {
	SECTION(database),
	SECTION(shop),
	SECTION(payment),
	SECTION(http),
	SECTION(worker),
	SECTION(stripe),
	SECTION(paypal),
	SECTION(mail),
	{ 0 },
};

const struct shape config_value_shape =
	SHAPE(config_value, FIELD(config_value, key), FIELD(config_value, value),
		FIELD(config_value, source), FIELD(config_value, help));

struct loading {
	struct config *config;
	const char **origins;
	struct yaml_errors errors;
};

static size_t key_count(void)
{
	const struct config_section *s;
	size_t n = 0;

	for (s = config_sections; s->name; s++)
		n += s->shape->count;
	return n;
}

/* The origin of a field: keys are numbered in table order. */
static const char **origin(
	struct loading *l, const struct config_section *section, const struct field *f)
{
	const struct config_section *s;
	size_t n = 0;

	for (s = config_sections; s != section; s++)
		n += s->shape->count;
	return &l->origins[n + (size_t)(f - section->shape->fields)];
}

static void *section_of(const struct config *c, const struct config_section *s)
{
	return (char *)(uintptr_t)c + s->offset;
}

/* Put one value in place; a bad one is an error at its place, not the end of reading.
 */
static void set(struct op *op, struct loading *l, const struct config_section *s,
	const struct field *f, const struct yaml_value *v)
{
	void *item = section_of(l->config, s);

	if (f->type == FIELD_TEXT && !*v->text) {
		*(const char **)(void *)((char *)item + f->offset) = "";
	} else if (field_parse(op, f, item, v->text) != OK) {
		yaml_error(op, &l->errors, v, "%s.%s", s->name, op->fault.text);
		fault_clear(op);
		return;
	}
	*origin(l, s, f) =
		v->line ? op_printf(op, "%s:%zu", v->file, v->line) : v->file;
}

static const char *section_names(struct op *op)
{
	const struct config_section *s;
	const char *all = "";

	for (s = config_sections; s->name; s++)
		all = op_printf(op, "%s%s%s", all, *all ? "|" : "", s->name);
	return all;
}

static void unknown_section(struct op *op, struct loading *l, struct yaml_value v)
{
	const char *near = nearest(op, v.section, section_names(op));

	v.line = v.section_line;
	v.column = 1;
	if (v.first)
		yaml_error(op, &l->errors, &v, "there is no section \"%s\"%s",
			v.section,
			near ? op_printf(op, "; did you mean \"%s\"?", near) : "");
}

static void from_file(struct op *op, void *ctx, const struct yaml_value *v)
{
	struct loading *l = ctx;
	const struct config_section *s = config_sections;
	const struct field *f;
	const char *near;

	while (s->name && strcmp(s->name, v->section) != 0)
		s++;
	if (!s->name) {
		unknown_section(op, l, *v);
		return;
	}
	f = shape_find(s->shape, v->key);
	if (f) {
		set(op, l, s, f, v);
		return;
	}
	near = shape_nearest(op, s->shape, v->key);
	yaml_error(op, &l->errors, v, "there is no key \"%s\"%s", v->key,
		near ? op_printf(op, "; did you mean \"%s\"?", near) : "");
}

/* SHOP_HTTP_LISTEN is http.listen. */
static const char *from_environment(
	struct op *op, const struct config_section *s, const struct field *f)
{
	char *name = op_printf(op, "SHOP_%s_%s", s->name, f->name), *p;

	for (p = name; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	return name;
}

static void defaults(struct op *op, struct loading *l)
{
	const struct config_section *s;
	size_t i;

	for (s = config_sections; s->name; s++) {
		for (i = 0; i < s->shape->count; i++) {
			const struct field *f = &s->shape->fields[i];
			struct yaml_value v = { .text = f->initial, .file = "default" };

			set(op, l, s, f, &v);
		}
	}
}

static void environment(struct op *op, struct loading *l)
{
	const struct config_section *s;
	size_t i;

	for (s = config_sections; s->name; s++) {
		for (i = 0; i < s->shape->count; i++) {
			const struct field *f = &s->shape->fields[i];
			const char *name = from_environment(op, s, f);
			struct yaml_value v = { .text = getenv(name), .file = name };

			if (v.text)
				set(op, l, s, f, &v);
		}
	}
}

static enum err optional(struct op *op, struct loading *l, const char *file)
{
	return access(file, F_OK) == 0 ? yaml_read(op, file, &l->errors, from_file, l)
				       : OK;
}

static enum err usual_files(struct op *op, struct loading *l)
{
	const char *home = getenv("HOME"), *xdg = getenv("XDG_CONFIG_HOME");
	enum err e = optional(op, l, "/etc/shop/shop.yaml");
	glob_t found;
	size_t i;

	if (e == OK && glob("/etc/shop/conf.d/*.yaml", 0, NULL, &found) == 0) {
		for (i = 0; i < found.gl_pathc && e == OK; i++)
			e = yaml_read(op, op_strdup(op, found.gl_pathv[i]), &l->errors,
				from_file, l);
		globfree(&found);
	}
	TRY(e);
	if (xdg && *xdg)
		return optional(op, l, op_printf(op, "%s/shopctl/config.yaml", xdg));
	return home ? optional(op, l,
			      op_printf(op, "%s/.config/shopctl/config.yaml", home))
		    : OK;
}

/* An error of a whole value, at the place it came from. */
static void nonsense(
	struct op *op, struct loading *l, const char *key, const char *words)
{
	struct rows all;
	struct yaml_value at = { 0 };
	size_t i;

	config_values(op, l->config, &all);
	for (i = 0; i < all.n; i++) {
		const struct config_value *v = row_at(&config_value_shape, all, i);

		if (!strcmp(v->key, key))
			at.file = v->source;
	}
	yaml_error(op, &l->errors, &at, "%s %s", key, words);
}

/* What no single type can say. */
static void sense(struct op *op, struct loading *l)
{
	const struct config *c = l->config;

	if (money_exponent(c->shop.currency) < 0)
		nonsense(op, l, "shop.currency", "is not an ISO 4217 code");
	if (c->shop.reservation_minutes < 1)
		nonsense(op, l, "shop.reservation_minutes", "starts at 1");
	if (c->payment.manual_days < 1 || c->payment.manual_days > 365)
		nonsense(op, l, "payment.manual_days", "lies between 1 and 365");
	if (c->stripe.webhook_tolerance_s < 1)
		nonsense(op, l, "stripe.webhook_tolerance_s",
			"must be positive: 0 would accept any replay");
	if (c->paypal.webhook_tolerance_h < 1 || c->paypal.webhook_tolerance_h > 720)
		nonsense(op, l, "paypal.webhook_tolerance_h",
			"lies between 1 and 720 hours");
	if (*c->paypal.cert_base_url &&
		strncmp(c->paypal.cert_base_url, "https://", 8) != 0 &&
		strncmp(c->paypal.cert_base_url, "http://127.0.0.1:", 17) != 0)
		nonsense(op, l, "paypal.cert_base_url",
			"is an https address, or http://127.0.0.1:PORT");
	if (c->http.batch_max < 1 || c->http.batch_max > 1000)
		nonsense(op, l, "http.batch_max", "lies between 1 and 1000");
	if (c->http.batchers < 1)
		nonsense(op, l, "http.batchers", "starts at 1");
	if (c->http.threads < 1)
		nonsense(op, l, "http.threads", "starts at 1");
	if (c->http.queue_max < 1)
		nonsense(op, l, "http.queue_max", "starts at 1");
}

enum err config_load(struct op *op, const char *file, struct config **out)
{
	struct loading l = { .config = op_alloc(op, sizeof *l.config) };

	l.origins = op_alloc(op, key_count() * sizeof *l.origins);
	l.config->origins = l.origins;
	defaults(op, &l);
	TRY(file ? yaml_read(op, file, &l.errors, from_file, &l) : usual_files(op, &l));
	environment(op, &l);
	sense(op, &l);
	*out = l.config;
	if (!l.errors.n)
		return OK;
	fail(op, E_CONFIG, "config_is_valid", "%s", l.errors.text);
	return fail_hint(
		op, "every key and its default: shopctl config show, man shop.yaml");
}

enum err config_values(struct op *op, const struct config *c, struct rows *out)
{
	const struct config_section *s;
	size_t i;

	*out = (struct rows){ op_alloc(op, key_count() * sizeof(struct config_value)),
		0 };
	for (s = config_sections; s->name; s++) {
		for (i = 0; i < s->shape->count; i++) {
			const struct field *f = &s->shape->fields[i];
			struct config_value *v =
				row_at(&config_value_shape, *out, out->n);

			v->key = op_printf(op, "%s.%s", s->name, f->name);
			v->value = field_text(op, f, section_of(c, s));
			v->source = c->origins[out->n++];
			v->help = f->help;
		}
	}
	return OK;
}
