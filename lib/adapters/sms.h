/*
 * Short messages by an HTTP API as Twilio has it.  The API takes no idempotency key, so
 * what matters after a call is whether the message may be there: then it is looked for
 * before anything is sent again.
 */
#ifndef ADAPTERS_SMS_H
#define ADAPTERS_SMS_H

#include "base/clock.h"
#include "base/op.h"

#include <stdbool.h>

struct sms {
	const char *to;       /* "+4915112345678" */
	const char *text;     /* UTF-8 */
	const char *callback; /* where to tell what becomes of it; NULL: nowhere */
};

enum sms_outcome {
	SMS_SENT,    /* the provider has taken it */
	SMS_REFUSED, /* this message, for good */
	SMS_STOPPED, /* its reader told the provider to send nothing more */
	SMS_INVALID, /* the number is none that messages can be sent to */
	SMS_LATER,   /* not taken: too many, no connection, our account */
	SMS_UNKNOWN, /* it may have been taken */
};

struct sms_answer {
	enum sms_outcome outcome;
	const char *ref; /* the provider's name for it; NULL unless sent */
	const char
		*reason; /* why it was not sent, without the number; "" when it was */
	bool away;       /* no message at all goes that way now */
};

/* OK whatever the outcome; E_CONFIG when the configuration cannot work. */
enum err sms_send(struct op *op, const struct sms *m, struct sms_answer *out);

/*
 * Whether the very text went to that number since then.  SMS_SENT with its ref when it
 * did, SMS_REFUSED when it certainly did not, SMS_LATER when nobody could say.
 */
enum err sms_find(
	struct op *op, const struct sms *m, struct stamp since, struct sms_answer *out);

#endif
