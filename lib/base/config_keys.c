/* Every key of the configuration: its type, its default, and what it means. */
#include "base/config.h"

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
	KEY(http_config, storefront, "2", "N",
		"connections that answer about products and carts"),
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
	KEY(worker_config, in_flight, "8", "N",
		"calls to a provider or relay that one thread has under way, to 64"),
	KEY(worker_config, breaker_failures, "10", "N",
		"calls to a provider that fail in a row before it is left alone"),
	KEY(worker_config, breaker_pause_s, "5", "S",
		"until one call tries again; twice as long each time it fails, to 60"),
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

static const struct shape trace_shape = SHAPE(trace_config,
	KEY(trace_config, socket, "", "PATH",
		"where spans are sent and shop-worker export-spans reads; empty: "
		"none are made"),
	KEY(trace_config, ratio, "1", "SHARE",
		"of the traces that are recorded, 0 to 1"),
	KEY(trace_config, endpoint, "http://127.0.0.1:4318", "URL",
		"the collector of OpenTelemetry; /v1/traces is added"),
	KEY(trace_config, headers_file, "", "FILE",
		"headers for it, one \"Name: value\" a line; empty: none"),
	KEY(trace_config, timeout_ms, "10000", "MS", "until it has answered"));

static const struct shape retention_shape = SHAPE(retention_config,
	KEY(retention_config, webhook_body_days, "90", "N",
		"days until what a concluded webhook said is forgotten; its digest "
		"stays"),
	KEY(retention_config, webhook_out_days, "90", "N",
		"days until what other programs were told is forgotten"),
	KEY(retention_config, inbox_days, "365", "N",
		"days until a message leaves a customer's inbox"),
	KEY(retention_config, tracking_raw_days, "90", "N",
		"days until what a carrier sent is forgotten; what it meant stays"),
	KEY(retention_config, schedule_run_days, "30", "N",
		"days for which each run of a schedule is remembered"),
	KEY(retention_config, cart_days, "30", "N",
		"days until a cart that nobody touches is gone"),
	KEY(retention_config, worker_days, "1", "N",
		"days until a worker that was lost is forgotten"),
	KEY(retention_config, import_stage_days, "7", "N",
		"days until an interrupted import cannot be resumed any more"),
	KEY(retention_config, import_undo_days, "90", "N",
		"days until an import cannot be undone any more, and its rejects are "
		"forgotten"));

static const struct shape sms_shape = SHAPE(sms_config,
	KEY(sms_config, base_url, "https://api.twilio.com", "URL",
		"Twilio's API, one like it, or a simulator"),
	KEY(sms_config, account_sid, "", "ID", "the account, AC...; empty: no SMS"),
	KEY(sms_config, auth_token_file, "", "FILE",
		"its token; empty: $CREDENTIALS_DIRECTORY/sms_auth_token"),
	KEY(sms_config, from, "", "NUMBER", "the sender: +15005550006, or a name"),
	KEY(sms_config, messaging_service_sid, "", "ID",
		"instead of from, a service that picks the sender: MG..."),
	KEY(sms_config, webhook_url, "", "URL",
		"our /v1/webhooks/sms as the provider calls it; empty: it tells "
		"nothing"),
	KEY(sms_config, help_text, "", "TEXT",
		"the answer to HELP; empty: the provider has one of its own"),
	KEY(sms_config, timeout_ms, "10000", "MS", "until answered"),
	KEY(sms_config, rate_per_second, "10", "N", "calls a second of one worker"));

static const struct shape webhook_out_shape = SHAPE(webhook_out_config,
	KEY(webhook_out_config, timeout_ms, "10000", "MS",
		"until an endpoint has answered"),
	KEY(webhook_out_config, allow_loopback, "false", "BOOL",
		"endpoints of this machine and of private networks, also without TLS"));

static const struct shape notification_shape = SHAPE(notification_config,
	KEY(notification_config, operators, "", "ADDRESS",
		"whom low stock is told; empty: nobody"),
	KEY(notification_config, cart_hours, "24", "H",
		"remind of a cart after this long, where people agreed; 0: never"));

static const struct shape carrier_shape = SHAPE(carrier_config,
	KEY(carrier_config, tracker, "", "NAME",
		"who is asked about parcels of carriers that we do not speak to: "
		"easypost; empty: nobody"),
	KEY(carrier_config, easypost_base_url, "https://api.easypost.com", "URL",
		"EasyPost's API, one like it, or a simulator"),
	KEY(carrier_config, easypost_key_file, "", "FILE",
		"its key; empty: $CREDENTIALS_DIRECTORY/easypost_key"),
	KEY(carrier_config, ups_base_url, "https://onlinetools.ups.com", "URL",
		"UPS's API, or a simulator"),
	KEY(carrier_config, ups_client_id, "", "ID",
		"our application at UPS; empty: UPS is not asked"),
	KEY(carrier_config, ups_client_secret_file, "", "FILE",
		"its secret; empty: $CREDENTIALS_DIRECTORY/ups_client_secret"),
	KEY(carrier_config, timeout_ms, "10000", "MS", "until answered"),
	KEY(carrier_config, rate_per_second, "5", "N",
		"calls a second of one worker to one carrier"),
	KEY(carrier_config, poll_minutes, "60", "N",
		"between two questions about a parcel; more while there is no news"));

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
	SECTION(trace),
	SECTION(retention),
	SECTION(sms),
	SECTION(webhook_out),
	SECTION(notification),
	SECTION(carrier),
	{ 0 },
};
