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

enum err notification_away(struct op *op, const struct notice *n, const struct gate *g,
	const char *reason, bool unknown)
{
	notification_later(op, n, reason, unknown);
	if (strcmp(op->fault.rule, "message_is_taken") != 0)
		return op->fault.code; /* not even that could be written down */
	fault_clear(op);
	return gate_put_off(op, g, n->attempts > 0, reason);
}

static enum err suppressed(struct op *op, const struct notice *n, const char *why)
{
	const struct notification_result r = { .state = "suppressed", .error = why };

	return notification_record(op, n->id, &r);
}

/*
 * What may have left burns a try: each is one more mail that its reader may see, and
 * their number is bounded.
 */
static enum err mail_sent(struct op *op, const struct notice *n, const struct gate *g,
	const struct mail_answer *a)
{
	struct notification_result r = { .state = "sent" };

	if (a->outcome == MAIL_LATER && a->away)
		return notification_away(op, n, g, a->reason, false);
	if (a->outcome == MAIL_LATER || a->outcome == MAIL_UNKNOWN)
		return notification_later(op, n, a->reason, a->outcome == MAIL_UNKNOWN);
	if (a->outcome == MAIL_REFUSED)
		r = (struct notification_result){ .state = "failed",
			.error = a->reason,
			.suppress = a->bounced ? "bounce" : NULL };
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
	struct mail_answer answer;
	struct gate gate;
	bool go = false;
	enum err e;

	if (!mail_address_ok(n->email))
		return suppressed(op, n, "this is no address to write to");
	TRY(gate_pass_named(op, "mail", op->config->mail.timeout_ms, &gate));
	e = notification_begin(op, n, &go);
	if (e == OK && go)
		e = mail_send(op, &mail, &answer);
	if (e != OK || !go) {
		gate_leave(op, &gate);
		return e;
	}
	FAILPOINT(op, "notification.sent");
	gate_tell(op, &gate, answer.away, answer.reason);
	return mail_sent(op, n, &gate, &answer);
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
	.asks = true,
	.run = run,
};
