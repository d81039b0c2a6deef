/* The step that all jobs about money share: ask the provider, and conclude. */
#include "shop-worker/provider_step.h"

#include "base/clock.h"
#include "base/config.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/span.h"

#include <string.h>

/* Beyond the call's own deadline: our rate limit may hold it up, then it is recorded.
 */
enum { MARGIN_US = 7000000 };

METRIC_COUNTER(calls, "shop_provider_calls_total",
	"Calls to payment providers, by what was asked and how it ended.")
METRIC_HISTOGRAM(call_seconds, "shop_provider_call_seconds",
	"How long payment providers took to answer.")

bool provider_has_time(struct op *op, const struct job *job, const struct provider *p)
{
	int64_t call_ms = p->timeout_ms ? p->timeout_ms(op->config) : 0;

	return !job->deadline.us ||
	       job->deadline.us > clock_now().us + call_ms * 1000 + MARGIN_US;
}

void provider_ask(struct op *op, const struct gate *g, const struct provider_call *call,
	struct provider_answer *out)
{
	const struct provider *p = g->provider;
	int64_t begun = clock_ticks();
	struct span span;

	op->order = call->order_id ? call->order_id : op->order;
	span_begin(op, &span, SPAN_CLIENT, NULL);
	if (p->call(op, call, out) != OK) {
		log_fault(op, "provider_not_asked");
		*out = (struct provider_answer){ .verdict = "not_executed",
			.error = op->fault.rule };
		fault_clear(op);
	}
	span_end(op, &span, op_printf(op, "%s %s", p->name, call->action), out->error,
		SPAN_TAGS({ "http.response.status_code", NULL, out->status },
			{ "shop.verdict", out->verdict }));
	series_add(metric_at(&calls,
			   op_printf(op, "provider=\"%s\",action=\"%s\",verdict=\"%s\"",
				   p->name, call->action, out->verdict)),
		1);
	series_observe(
		metric_at(&call_seconds, op_printf(op, "provider=\"%s\"", p->name)),
		clock_ticks() - begun);
	gate_tell(op, g, out->away || out->status >= 500, out->error);
}

static enum err in_time(struct op *op, const struct job *job, const struct provider *p,
	const struct provider_call *call)
{
	if (provider_has_time(op, job, p))
		return OK;
	return fail(op, E_BUSY, "lease_outlives_the_call",
		"the lease ends before %s could be recorded", call->action);
}

/*
 * The intent before the effect: the bytes are stored, and whether the shop
 * still wants this is asked once more, in the last moment before they go out.
 * Who slept in between no longer calls: others have the job by now.
 */
enum err provider_mark(struct op *op, const struct job *job, const struct provider *p,
	struct provider_call *call, bool *go)
{
	const char *bytes = NULL;

	*go = true;
	TRY(p->body(op, call, &bytes));
	if (!bytes)
		return OK; /* a question without effect */
	TRY(in_time(op, job, p, call));
	FAILPOINT(op, "op.before_mark");
	TRY(payment_sent(op, call->op_id, &bytes));
	*go = bytes != NULL;
	call->body = bytes;
	FAILPOINT(op, "op.sent");
	return *go ? in_time(op, job, p, call) : OK;
}

static enum err conclude(struct op *op, const struct payment_action *a,
	const struct provider_answer *got)
{
	struct payment_result r = { .verdict = got->verdict,
		.request_id = got->request_id,
		.error = got->error,
		.status = got->status,
		.retry_after_s = got->retry_after_s,
		.facts = { got->facts } };

	FAILPOINT(op, "op.after_response");
	TRY(payment_record(op, a, &r));
	FAILPOINT(op, "op.after_commit");
	log_event(op, LOG_INFO, "provider_call", "%s of payment %lld: %s%s%s",
		a->action, (long long)a->payment_id, got->verdict,
		got->error ? ", " : "", got->error ? got->error : "");
	if (strcmp(got->verdict, "broken") != 0)
		return OK;
	return fail(op, E_BROKEN, "provider_call_is_accepted",
		"%s of payment %lld: %s (HTTP %lld)", a->action,
		(long long)a->payment_id, got->error ? got->error : "refused",
		(long long)got->status);
}

enum err provider_step(
	struct op *op, const struct job *job, const struct payment_action *a)
{
	struct provider_call call = { .action = a->action,
		.key = a->key,
		.ref = a->ref,
		.method = a->method,
		.customer = a->customer,
		.capture = a->capture,
		.final = a->final,
		.op_id = a->op_id,
		.order_id = a->order_id,
		.payment_id = a->payment_id,
		.refund_id = a->refund_id,
		.amount = a->amount,
		.since = a->since };
	const struct provider *p;
	struct provider_answer got;
	struct gate gate;
	bool go;
	enum err e;

	op->order = a->order_id;
	if (strcmp(a->action, "none") == 0)
		return OK;
	TRY(provider_find(op, a->provider, &p));
	TRY(gate_pass(op, p, &gate));
	e = provider_mark(op, job, p, &call, &go);
	if (e != OK || !go) {
		gate_leave(op, &gate);
		return e;
	}
	provider_ask(op, &gate, &call, &got);
	return conclude(op, a, &got);
}
