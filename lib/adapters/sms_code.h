/*
 * What the numbers of the provider of short messages mean to us, when it refuses one
 * and when it tells later that one did not arrive.
 */
#ifndef ADAPTERS_SMS_CODE_H
#define ADAPTERS_SMS_CODE_H

#include "adapters/sms.h"

#include <stdint.h>

struct sms_code {
	int64_t code;
	enum sms_outcome outcome;
	const char *words;
};

/* NULL: it says something of this message alone. */
const struct sms_code *sms_code_find(int64_t code);

/* Why nothing more is sent to that number: "stop", "bounce", or NULL. */
const char *sms_suppresses(enum sms_outcome outcome);

#endif
