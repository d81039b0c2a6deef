/* What the configuration holds, by section; config_keys.c says what it means. */
#ifndef BASE_CONFIG_KEYS_H
#define BASE_CONFIG_KEYS_H

#include <stdbool.h>
#include <stdint.h>

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
const char *const *origins; /* one a key, in table order; config_each reads them */
}
;

#endif
