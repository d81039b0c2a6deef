/* A struct for each section of the configuration; config_keys.c says what each key
 * means.
 */
#ifndef BASE_CONFIG_SECTIONS_H
#define BASE_CONFIG_SECTIONS_H

#include <stdbool.h>
#include <stdint.h>

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
	int64_t threads, batchers, storefront, batch_max, queue_max, max_body,
		connections_per_address;
	int64_t rate_per_client, rate_burst, header_timeout_s, idle_timeout_s;
	bool trust_forwarded;
};

struct worker_config {
	int64_t lease_s, poll_min_ms, poll_max_ms, drain_timeout_s;
	int64_t in_flight, breaker_failures, breaker_pause_s;
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
		schedule_run_days, worker_days, import_stage_days, import_undo_days,
		cart_days;
};

struct sms_config {
	const char *base_url, *account_sid, *auth_token_file, *from,
		*messaging_service_sid, *webhook_url, *help_text;
	int64_t timeout_ms, rate_per_second;
};

struct carrier_config {
	const char *tracker, *easypost_base_url, *easypost_key_file, *ups_base_url,
		*ups_client_id, *ups_client_secret_file;
	int64_t timeout_ms, rate_per_second, poll_minutes;
};

struct webhook_out_config {
	int64_t timeout_ms;
	bool allow_loopback;
};

struct notification_config {
	const char *operators;
	int64_t cart_hours;
};

#endif
