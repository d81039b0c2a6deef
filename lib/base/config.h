/* The configuration: one struct a section, one shape each, one file for all programs.
 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include "base/config_sections.h"
#include "base/field.h"
#include "base/op.h"

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
	struct carrier_config carrier;
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
