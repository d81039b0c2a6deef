/* One short message: the provider knows no keys, so it is asked before it is told
 * twice. */
#include "adapters/sms.h"
#include "base/failpoint.h"
#include "shop-worker/notification_channel.h"

static enum err sent(struct op *op, const struct notice *n, const struct sms_answer *a)
{
	const struct notification_result r = { .state = "sent", .ref = a->ref };

	return notification_record(op, n->id, &r);
}

/* A try whose end nobody knows came before: is the message there?  *done: that is all.
 */
static enum err look(
	struct op *op, const struct notice *n, const struct sms *m, bool *done)
{
	struct sms_answer a;

	*done = n->intent_at.us != 0;
	if (!*done)
		return OK;
	TRY(sms_find(op, m, n->intent_at, &a));
	if (a.outcome == SMS_SENT)
		return sent(op, n, &a);
	if (a.outcome == SMS_LATER)
		return notification_later(op, n, a.reason, true);
	*done = false;
	return OK;
}

static enum err refused(
	struct op *op, const struct notice *n, const struct sms_answer *a)
{
	struct notification_result r = { .state = "failed", .error = a->reason };

	if (a->outcome == SMS_STOPPED)
		r.suppress = "stop";
	else if (a->outcome == SMS_INVALID)
		r.suppress = "bounce";
	return notification_record(op, n->id, &r);
}

enum err notification_sms(
	struct op *op, const struct notice *n, const struct letter *letter)
{
	const struct sms m = { n->phone, letter->text };
	struct sms_answer a;
	bool done, go;

	TRY(look(op, n, &m, &done));
	if (done)
		return OK;
	TRY(notification_begin(op, n, &go));
	if (!go)
		return OK;
	TRY(sms_send(op, &m, &a));
	FAILPOINT(op, "notification.sent");
	switch (a.outcome) {
	case SMS_SENT:
		return sent(op, n, &a);
	case SMS_LATER:
	case SMS_UNKNOWN:
		return notification_later(op, n, a.reason, a.outcome == SMS_UNKNOWN);
	default:
		return refused(op, n, &a);
	}
}
