/* One short message: the provider knows no keys, so it is asked before it is told
 * twice. */
#include "adapters/sms_code.h"
#include "base/config.h"
#include "base/failpoint.h"
#include "shop-worker/notification_channel.h"

static enum err sent(struct op *op, const struct notice *n, const struct sms_answer *a)
{
	const struct notification_result r = { .state = "sent", .ref = a->ref };

	return notification_record(op, n->id, &r);
}

/* A try whose end nobody knows came before: is the message there?  *done: that is all.
 */
static enum err look(struct op *op, const struct notice *n, const struct sms *m,
	struct gate *g, bool *done)
{
	struct sms_answer a;

	*done = n->intent_at.us != 0;
	if (!*done)
		return OK;
	TRY(sms_find(op, m, n->intent_at, &a));
	if (a.away ||
		a.outcome == SMS_SENT) { /* that it reads says not that it sends */
		gate_tell(op, g, a.away, a.reason);
		g->word.probe = false;
	}
	if (a.outcome == SMS_SENT)
		return sent(op, n, &a);
	if (a.away)
		return notification_away(op, n, g, a.reason, true);
	if (a.outcome == SMS_LATER)
		return notification_later(op, n, a.reason, true);
	*done = false;
	return OK;
}

static enum err refused(
	struct op *op, const struct notice *n, const struct sms_answer *a)
{
	const struct notification_result r = { .state = "failed",
		.error = a->reason,
		.suppress = sms_suppresses(a->outcome) };

	return notification_record(op, n->id, &r);
}

static enum err conclude(struct op *op, const struct notice *n, const struct gate *g,
	const struct sms_answer *a)
{
	bool unknown = a->outcome == SMS_UNKNOWN;

	if (a->outcome == SMS_SENT)
		return sent(op, n, a);
	if (a->away)
		return notification_away(op, n, g, a->reason, unknown);
	if (unknown || a->outcome == SMS_LATER)
		return notification_later(op, n, a->reason, unknown);
	return refused(op, n, a);
}

/* It names the message: its state may be told before our own record of it. */
static const char *callback(struct op *op, const struct notice *n)
{
	const char *url = op->config->sms.webhook_url;

	return *url ? op_printf(op, "%s/%lld.%lld", url, (long long)n->id,
			      (long long)n->copy)
		    : NULL;
}

enum err notification_sms(
	struct op *op, const struct notice *n, const struct letter *letter)
{
	const struct sms m = { n->phone, letter->text, callback(op, n) };
	struct sms_answer a;
	struct gate gate;
	bool done = false, go = false;
	enum err e;

	TRY(gate_pass_named(op, "sms", op->config->sms.timeout_ms, &gate));
	e = look(op, n, &m, &gate, &done);
	if (e == OK && !done)
		e = notification_begin(op, n, &go);
	if (e == OK && go)
		e = sms_send(op, &m, &a);
	if (e != OK || !go) {
		gate_leave(op, &gate);
		return e;
	}
	FAILPOINT(op, "notification.sent");
	gate_tell(op, &gate, a.away, a.reason);
	return conclude(op, n, &gate, &a);
}
