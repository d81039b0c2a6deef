/* The configuration: one struct a section, one shape each, one file for all programs.
 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include "base/field.h"
#include "base/op.h"

struct database_config {
	const char *conninfo;
	int64_t statement_timeout_ms;
	bool prepare;
};

struct shop_config {
	const char *name, *currency, *base_url;
	int64_t reservation_minutes, cancel_grace_minutes;
};

struct payment_config {
	const char *provider, *capture, *late, *surplus;
	int64_t manual_days;
};

struct http_config {
	const char *listen, *admin_listen;
	int64_t threads, batchers, batch_max, queue_max, max_body,
		connections_per_address;
	int64_t rate_per_client, rate_burst, header_timeout_s, idle_timeout_s;
	bool trust_forwarded;
};

struct worker_config {
	int64_t lease_s, poll_min_ms, poll_max_ms, drain_timeout_s;
	const char *admin_listen;
};

struct stripe_config {
	const char *base_url, *version, *key_file, *webhook_secret_file;
	int64_t connect_timeout_ms, timeout_ms, rate_per_second, webhook_tolerance_s;
	bool livemode;
};

struct paypal_config {
	const char *base_url, *client_id, *client_secret_file;
	const char *brand_name, *return_url, *cancel_url;
	const char *webhook_id, *cert_base_url, *cert_ca_file;
	int64_t timeout_ms, rate_per_second, webhook_tolerance_h;
};

struct mail_config {
	const char *url, *from, *username, *password_file;
	int64_t timeout_ms;
	bool require_tls;
};

struct trace_config {
	const char *socket, *endpoint, *headers_file;
	double ratio;
	int64_t timeout_ms;
};

struct retention_config {
	int64_t webhook_body_days, webhook_out_days, inbox_days, tracking_raw_days,
		schedule_run_days, worker_days;
};

struct sms_config {
	const char *base_url, *account_sid, *auth_token_file, *from,
		*messaging_service_sid;
	int64_t timeout_ms, rate_per_second;
};

struct webhook_out_config {
	int64_t timeout_ms;
	bool allow_loopback;
};

struct notification_config {
	const char *operators;
	int64_t cart_hours;
};

struct config {
	struct database_config database;
	struct shop_config shop;
	struct payment_config payment;
	struct http_config http;
	struct worker_config worker;
	struct stripe_config stripe;
	struct paypal_config paypal;
	struct mail_config mail;
	struct trace_config trace;
	struct retention_config retention;
	struct sms_config sms;
	struct webhook_out_config webhook_out;
	struct notification_config notification;
	const char *const
		*origins; /* one a key, in table order; config_each reads them */
};

/* One section of the file. */
struct config_section {
	const char *name;
	size_t offset; /* into struct config */
	const struct shape *shape;
};
extern const struct config_section config_sections[]; /* ends with a NULL name */

/*
 * Defaults, then /etc/shop/shop.yaml, each YAML file of /etc/shop/conf.d,
 * $XDG_CONFIG_HOME/shopctl/config.yaml, or only `file` when it is given; then
 * SHOP_SECTION_KEY of the environment.  All errors of all files are reported
 * in one fault as file:line:column lines, E_CONFIG.
 */
enum err config_load(struct op *op, const char *file, struct config **out);

/* One key as `config show` prints it; secrets are paths, so nothing is masked. */
struct config_value {
	const char *key, *value, *source, *help;
};
extern const struct shape config_value_shape;
enum err config_values(struct op *op, const struct config *c, struct rows *out);

/*
 * Read a secret: the file named by the configuration, or, when path is empty,
 * $CREDENTIALS_DIRECTORY/name.  One trailing newline is dropped.  A file that
 * group or others can read is E_CONFIG; a missing one too, naming the remedy.
 */
enum err secret_read(
	struct op *op, const char *path, const char *name, const char **out);

#endif
