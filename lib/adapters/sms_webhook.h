/*
 * What the provider of short messages sends to us, as Twilio does: a form, signed with
 * the account's token over the URL that it was sent to and every field of it.
 */
#ifndef ADAPTERS_SMS_WEBHOOK_H
#define ADAPTERS_SMS_WEBHOOK_H

#include "base/op.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SMS_FIELDS = 100 };

struct sms_field {
	const char *name, *value; /* decoded, and without a NUL inside */
};

/* Sorted by name, then by value. */
struct sms_form {
	struct sms_field v[SMS_FIELDS];
	size_t n;
};

/* E_USAGE (webhook_form_is_readable): it is no form, or one with a NUL in it. */
enum err sms_form_read(struct op *op, const char *body, size_t n, struct sms_form *out);

/* The value of a field; NULL when it is not there. */
const char *sms_form_get(const struct sms_form *f, const char *name);

/* What X-Twilio-Signature must say. */
const char *sms_signature(
	struct op *op, const char *token, const char *url, const struct sms_form *f);

/* E_USAGE (webhook_signature_is_valid) unless it says that; token NULL: we have none.
 */
enum err sms_signature_check(struct op *op, const char *token, const char *url,
	const struct sms_form *f, const char *header);

/* What its reader answered: "stop", "start", "help", or "none" of these. */
const char *sms_word(const struct sms_form *f);

/* What became of a message: "sent", "delivered", "failed"; NULL: nothing that counts.
 */
const char *sms_state(const char *status);

#endif
