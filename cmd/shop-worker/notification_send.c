/* Send one message, by mail, as a short message, or into somebody's inbox. */
#include "adapters/mail.h"
#include "base/config.h"
#include "base/failpoint.h"
#include "shop-worker/notification_channel.h"

#include <string.h>

/* A template that asks for what nobody knows: no mail is better than half a mail. */
static enum err unwritten(struct op *op, const struct notice *n)
{
	const struct fault why = op->fault;
	const struct notification_result r = { .state = "queued", .error = why.text };

	fault_clear(op);
	TRY(notification_record(op, n->id, &r));
	op->fault = why;
	return why.code;
}

enum err notification_later(
	struct op *op, const struct notice *n, const char *reason, bool unknown)
{
	const char *why =
		op_printf(op, "%s%s", reason, unknown ? "; it may have been sent" : "");
	const struct notification_result r = {
		.state = "queued", .error = why, .unknown = unknown
	};

	TRY(notification_record(op, n->id, &r));
	return fail(op, E_AWAY, "message_is_taken", "%s", why);
}

static enum err suppressed(struct op *op, const struct notice *n, const char *why)
{
	const struct notification_result r = { .state = "suppressed", .error = why };

	return notification_record(op, n->id, &r);
}

/*
 * Running twice may send twice, when the first run died between the relay's
 * answer and the record; both mails carry one Message-ID, so readers see one.
 */
static enum err by_mail(
	struct op *op, const struct notice *n, const struct letter *letter)
{
	const struct mail mail = { n->email, n->name, letter->subject, letter->text,
		letter->html, n->message_id, n->created_at, unsubscribe_url(op, n) };
	struct notification_result r = { .state = "sent" };
	struct mail_answer answer;
	bool go;

	if (!mail_address_ok(n->email))
		return suppressed(op, n, "this is no address to write to");
	TRY(notification_begin(op, n, &go));
	if (!go)
		return OK;
	TRY(mail_send(op, &mail, &answer));
	FAILPOINT(op, "notification.sent");
	if (answer.outcome == MAIL_LATER || answer.outcome == MAIL_UNKNOWN)
		return notification_later(
			op, n, answer.reason, answer.outcome == MAIL_UNKNOWN);
	if (answer.outcome == MAIL_REFUSED)
		r = (struct notification_result){ .state = "failed",
			.error = answer.reason,
			.suppress = answer.bounced ? "bounce" : NULL };
	return notification_record(op, n->id, &r);
}

static enum err into_inbox(
	struct op *op, const struct notice *n, const struct letter *letter)
{
	return inbox_put(op, n->id, letter->subject, letter->text);
}

static const struct {
	const char *name;
	enum err (*send)(
		struct op *op, const struct notice *n, const struct letter *letter);
} channels[] = {
	{ "email", by_mail },
	{ "inbox", into_inbox },
	{ "sms", notification_sms },
};

static enum err deliver(struct op *op, const struct notice *n)
{
	struct letter letter;

	if (notification_write(op, n, &letter) != OK)
		return unwritten(op, n);
	for (size_t i = 0; i < sizeof channels / sizeof *channels; i++)
		if (strcmp(channels[i].name, n->channel) == 0)
			return channels[i].send(op, n, &letter);
	return fail(op, E_BROKEN, "notification_channel_is_known",
		"notification %lld goes by %s, which this program does not know",
		(long long)n->id, n->channel);
}

static enum err run(struct op *op, const struct job *job)
{
	struct notice n;

	TRY(notification_load(op, job->subject, &n));
	if (strcmp(n.state, "queued") != 0)
		return OK;
	if (strcmp(n.audience, "operators") == 0) {
		n.email = op->config->notification.operators;
		if (!*n.email)
			return suppressed(op, &n, "notification.operators is not set");
	}
	if (n.hold)
		return suppressed(op, &n, n.hold);
	if (n.wait_until.us)
		return notification_wait(op, &n);
	return deliver(op, &n);
}

const struct job_kind notification_send = {
	.kind = "notification.send",
	.lease_s = 60,
	.tries = 20,
	.run = run,
};
