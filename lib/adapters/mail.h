/*
 * Hands mail to an SMTP relay.  What matters after a call is whether the mail
 * may have left: `outcome` says so, and a mail sent again has the same
 * Message-ID, by which its receivers know it.
 */
#ifndef ADAPTERS_MAIL_H
#define ADAPTERS_MAIL_H

#include "base/clock.h"
#include "base/op.h"

#include <stdbool.h>

struct mail {
	const char *to, *to_name; /* to_name may be NULL */
	const char *subject;      /* UTF-8 */
	const char *text, *html;  /* UTF-8; the same in both ways to read it */
	const char *message_id;   /* "<...@...>" */
	struct stamp date;
	const char *unsubscribe; /* URL that ends such mails by one POST; or NULL */
};

enum mail_outcome {
	MAIL_SENT,    /* the relay has taken it */
	MAIL_REFUSED, /* this mail, for good: 5xx */
	MAIL_LATER,   /* not taken: 4xx, no connection, TLS or login refused */
	MAIL_UNKNOWN, /* the connection broke while or after the text went */
};

struct mail_answer {
	enum mail_outcome outcome;
	int status;         /* the relay's last reply, 0 when there was none */
	const char *reason; /* why it was not sent; "" when it was */
	bool bounced;       /* the address is wrong for good: 5.1.x of the recipient */
	bool away;          /* no mail at all goes that way now */
};

/* Can the address stand in an envelope and a header without changing either? */
bool mail_address_ok(const char *address);

/*
 * Send one mail through mail.url.  OK whatever the outcome; E_CONFIG when the
 * configuration cannot work, E_DATA (mail_address_is_valid) for the address.
 */
enum err mail_send(struct op *op, const struct mail *m, struct mail_answer *out);

/* Header values: RFC 2047 encoded words when needed, and an address with its name. */
const char *mail_words(struct op *op, const char *utf8);
const char *mail_mailbox(struct op *op, const char *name, const char *address);

/* RFC 5322: "Fri, 20 Nov 2026 10:00:00 +0000". */
const char *mail_date(struct op *op, struct stamp s);

#endif
