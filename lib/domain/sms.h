/* What the provider of short messages tells: answers of readers, and what arrived. */
#ifndef DOMAIN_SMS_H
#define DOMAIN_SMS_H

#include "base/op.h"

#include <stdint.h>

/* One answer of a reader, by the provider's name for it: heard once. */
struct sms_answered {
	const char *sid, *sender, *word; /* stop, start, help, none */
};
/* *result: stopped, started, heard, or duplicate. */
enum err sms_heard(struct op *op, const struct sms_answered *a, const char **result);

/* What became of a message of ours. */
struct sms_told {
	int64_t notification, copy;   /* 0: it is known by sid alone */
	const char *sid, *state;      /* sent, delivered, failed */
	const char *error, *suppress; /* why it failed; bounce, stop, or NULL */
};
/* *result: moved, stale (it is further already), or unknown (none of ours). */
enum err sms_told(struct op *op, const struct sms_told *t, const char **result);

#endif
