/* Tell a program of others what happened: mark it, send it, write down the answer. */
#include "adapters/webhook_out.h"
#include "base/failpoint.h"
#include "domain/webhook_endpoint.h"
#include "shop-worker/kind.h"

#include <string.h>

/*
 * An event may arrive twice, when the answer was lost: it has the same id and the same
 * bytes then.  Who does not answer is asked for days, at random within an hour.
 */
static enum err run(struct op *op, const struct job *job)
{
	struct webhook_out w;
	struct webhook_reply reply;
	struct webhook_post post;
	struct webhook_answer answer;
	const char *state;

	TRY(webhook_out_begin(op, job->subject, &w));
	if (strcmp(w.state, "queued") != 0)
		return OK;
	FAILPOINT(op, "webhook_out.begun");
	post = (struct webhook_post){ w.url, w.event_id, w.body, w.secret,
		w.old_secret };

	if (webhook_post(op, &post, &reply) != OK) {
		reply = (struct webhook_reply){ .error = op->fault.text };
		fault_clear(op);
	}
	FAILPOINT(op, "webhook_out.sent");
	answer = (struct webhook_answer){ w.delivery, reply.status, reply.took_ms,
		reply.error };
	TRY(webhook_out_record(op, &answer, &state));
	if (strcmp(state, "queued") != 0)
		return OK;
	return fail(op, E_AWAY, "webhook_endpoint_answers", "notification %lld: %s",
		(long long)job->subject, reply.error);
}

const struct job_kind webhook_out_send = {
	.kind = "webhook_out.send", .lease_s = 60, .tries = 200, .run = run
};
