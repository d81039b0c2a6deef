/* Tell a program of others what happened: mark it, send it, write down the answer. */
#include "adapters/webhook_out.h"
#include "base/config.h"
#include "base/failpoint.h"
#include "domain/webhook_endpoint.h"
#include "shop-worker/kind.h"
#include "shop-worker/provider_gate.h"

#include <string.h>

/* No answer, one of trouble of its own, or too many: as it is for every event. */
static bool away(const struct webhook_reply *r)
{
	return !r->status || r->status >= 500 || r->status == 429;
}

static enum err conclude(struct op *op, const struct job *job,
	const struct webhook_out *w, const struct gate *gate,
	const struct webhook_reply *reply)
{
	const struct webhook_answer answer = { w->delivery, reply->status,
		reply->took_ms, reply->error };
	const char *state;

	TRY(webhook_out_record(op, &answer, &state));
	if (strcmp(state, "queued") != 0)
		return OK;
	if (away(reply))
		return gate_put_off(op, gate, w->again, reply->error);
	return fail(op, E_AWAY, "webhook_endpoint_answers", "notification %lld: %s",
		(long long)job->subject, reply->error);
}

/*
 * An event may arrive twice, when the answer was lost: it has the same id and the same
 * bytes then.  Who does not answer is left alone by a breaker of its own, and tried for
 * days; who refuses one event is asked again at random within an hour.
 */
static enum err run(struct op *op, const struct job *job)
{
	int64_t timeout_ms = op->config->webhook_out.timeout_ms;
	struct webhook_out w;
	struct webhook_reply reply;
	struct webhook_post post;
	struct gate gate;

	TRY(webhook_out_begin(op, job->subject, gate_probe_s(timeout_ms), &w));
	if (strcmp(w.state, "queued") != 0)
		return OK;
	TRY(gate_heard(op, w.breaker,
		(struct breaker_word){ w.go, w.probe, w.wait_s, w.failures }, &gate));
	FAILPOINT(op, "webhook_out.begun");
	post = (struct webhook_post){ w.url, w.event_id, w.body, w.secret,
		w.old_secret };
	if (webhook_post(op, &post, &reply) != OK) {
		reply = (struct webhook_reply){ .error = op->fault.text };
		fault_clear(op);
	}
	FAILPOINT(op, "webhook_out.sent");
	gate_tell(op, &gate, away(&reply), reply.error);
	return conclude(op, job, &w, &gate, &reply);
}

const struct job_kind webhook_out_send = { .kind = "webhook_out.send",
	.lease_s = 60,
	.tries = 200,
	.asks = true,
	.run = run };
