/* Send one message to a customer. */
#include "adapters/mail.h"
#include "base/failpoint.h"
#include "domain/notification.h"
#include "shop-worker/kind.h"

#include <string.h>

/* A template that asks for what nobody knows: no mail is better than half a mail. */
static enum err unwritten(struct op *op, const struct notice *n)
{
	const struct fault why = op->fault;

	fault_clear(op);
	TRY(notification_record(op, n->id, "queued", why.text));
	op->fault = why;
	return why.code;
}

static enum err send(struct op *op, const struct notice *n, struct mail_answer *answer)
{
	struct letter letter;
	struct mail mail;

	if (notification_write(op, n, &letter) != OK)
		return unwritten(op, n);
	mail = (struct mail){ n->email, n->name, letter.subject, letter.text,
		letter.html, n->message_id, n->created_at };
	return mail_send(op, &mail, answer);
}

/* Not sent yet: say so to whoever looks, and come back. */
static enum err later(
	struct op *op, const struct notice *n, const struct mail_answer *a)
{
	const char *why = op_printf(op, "%s%s", a->reason,
		a->outcome == MAIL_UNKNOWN ? "; it may have been sent" : "");

	TRY(notification_record(op, n->id, "queued", why));
	return fail(op, E_AWAY, "mail_server_answers", "%s", why);
}

/*
 * Running twice may send twice, when the first run died between the relay's
 * answer and the record; both mails carry one Message-ID, so readers see one.
 */
static enum err run(struct op *op, const struct job *job)
{
	struct mail_answer answer;
	struct notice n;

	TRY(notification_load(op, job->subject, &n));
	if (strcmp(n.state, "queued") != 0)
		return OK;
	if (!mail_address_ok(n.email))
		return notification_record(
			op, n.id, "suppressed", "the order has no address to write to");
	TRY(send(op, &n, &answer));
	FAILPOINT(op, "notification.sent");
	switch (answer.outcome) {
	case MAIL_SENT:
		return notification_record(op, n.id, "sent", NULL);
	case MAIL_REFUSED:
		return notification_record(op, n.id, "failed", answer.reason);
	default:
		return later(op, &n, &answer);
	}
}

const struct job_kind notification_send = {
	.kind = "notification.send",
	.lease_s = 60,
	.tries = 20,
	.run = run,
};
