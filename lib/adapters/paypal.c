/* PayPal: what each action asks, in which order, and what it takes for an answer. */
#include "adapters/paypal_signature.h"
#include "adapters/paypal_talk.h"

#include "base/clock.h"
#include "base/config.h"

#include <string.h>

#define AUTHORIZATIONS "/purchase_units/0/payments/authorizations"

/* The order of the last answer as facts, or an answer that cannot be read. */
static void take_payment(struct talk *t)
{
	struct provider_payment p;

	if (!talk_done(t))
		return;
	if (paypal_payment(t->op, t->body, &p)) {
		t->out->facts = provider_facts(t->op, &provider_payment_shape, &p);
	} else {
		t->out->verdict = "unknown";
		t->out->error = "the answer cannot be read";
	}
}

static enum err get_order(struct talk *t, const char *ref)
{
	TRY(talk_ask(t, "GET", "/v2/checkout/orders/%s", ref));
	take_payment(t);
	return OK;
}

/* What is gone cannot be acted on, whichever of our requests found that out. */
static void gone_is_refused(struct talk *t)
{
	if (strcmp(t->out->verdict, "absent") == 0)
		t->out->verdict = "refused";
}

/*
 * After a request that acted on an order, what the order is now.  A refusal is
 * information: captured already, voided, declined - the order tells which.  What the
 * act was answered stays the verdict, and a look that fails leaves it as it is.
 */
static enum err look_after(struct talk *t, const char *wanted)
{
	struct provider_answer act = *t->out;
	struct provider_payment now;
	bool refused = strcmp(act.verdict, "refused") == 0;

	if (!talk_done(t) && !refused)
		return OK;
	if (refused || !paypal_payment(t->op, t->body, &now))
		TRY(talk_ask(t, "GET", "/v2/checkout/orders/%s", t->call->ref));
	if (talk_done(t) && paypal_payment(t->op, t->body, &now)) {
		act.facts = provider_facts(t->op, &provider_payment_shape, &now);
		if (refused && strcmp(now.status, wanted) == 0)
			act.verdict = "done"; /* that is what was wanted */
	} else if (!refused) {
		act.verdict = "unknown";
		act.error = "done, but the order could not be read";
	}
	*t->out = act;
	return OK;
}

static enum err create(struct talk *t)
{
	TRY(talk_ask(t, "POST", "/v2/checkout/orders", NULL));
	take_payment(t);
	return OK;
}

static enum err get(struct talk *t)
{
	return get_order(t, t->call->ref);
}

/*
 * PayPal lists no orders, so one whose create was lost cannot be found.  It need not
 * be: only the lost answer told its approval link, so nobody can approve it, and
 * only our own capture, which needs its id, would take money.  Nothing that could
 * become money exists, which is what absent says.  Should an event tell of it all
 * the same, it is matched by custom_id and reference_id and adopted then.  A second
 * order is not made for the same payment: the same key is sent again while PayPal
 * remembers it (op_horizon), and after that the payment ends without one.
 */
static enum err find(struct talk *t)
{
	t->out->verdict = "absent";
	return OK;
}

static enum err authorize(struct talk *t)
{
	TRY(talk_ask(t, "POST", "/v2/checkout/orders/%s/authorize", t->call->ref));
	return look_after(t, "authorized");
}

/* An order is captured once, whatever key comes: ORDER_ALREADY_CAPTURED. */
static enum err capture(struct talk *t)
{
	const char *authorization;

	if (t->call->capture && strcmp(t->call->capture, "manual") == 0) {
		TRY(get_order(t, t->call->ref));
		gone_is_refused(t);
		if (!talk_done(t))
			return OK;
		t->out->facts = NULL;
		authorization = paypal_authorization(t->body);
		if (authorization)
			TRY(talk_ask(t, "POST",
				"/v2/payments/authorizations/%s/capture",
				authorization));
		else
			t->out->verdict = "refused", t->out->error = "NO_AUTHORIZATION";
	} else {
		TRY(talk_ask(
			t, "POST", "/v2/checkout/orders/%s/capture", t->call->ref));
	}
	return look_after(t, "captured");
}

/*
 * The money that an authorization promised is surely there for three days; asking again
 * gives three more, under a new authorization beside the first.  When there are two, an
 * earlier call of ours was answered and we did not hear it: to ask for the second one
 * under the same key would be another request.
 */
static enum err reauthorize(struct talk *t)
{
	const char *authorization;

	TRY(get_order(t, t->call->ref));
	gone_is_refused(t);
	if (!talk_done(t))
		return OK;
	if (json_count(json_find(t->body, AUTHORIZATIONS)) > 1)
		return OK;
	t->out->facts = NULL;
	authorization = paypal_authorization(t->body);
	if (!authorization) {
		t->out->verdict = "refused", t->out->error = "NO_AUTHORIZATION";
		return OK;
	}
	TRY(talk_ask(t, "POST", "/v2/payments/authorizations/%s/reauthorize",
		authorization));
	return look_after(t, "captured");
}

/* As far as money goes an order that was not captured ends when we say so. */
static void end_order(struct talk *t, struct provider_payment *p)
{
	p->status = "canceled";
	p->next_action.s = NULL;
	t->out->verdict = "done";
	t->out->facts = provider_facts(t->op, &provider_payment_shape, p);
}

/* PayPal forgets orders that nobody approved; a promise of money it does not. */
static void cancel_forgotten(struct talk *t)
{
	const struct provider_call *c = t->call;
	struct provider_payment p = { .ref = c->ref,
		.currency = c->amount.currency,
		.amount = c->amount.minor,
		.payment_id = c->payment_id };

	if (!c->capture || strcmp(c->capture, "manual") != 0)
		end_order(t, &p);
	gone_is_refused(t);
}

/*
 * There is no cancel for an order that was not captured, and no need: it takes no
 * money unless we capture it, and op_sent() lets nothing be captured that is not
 * wanted.  A capture that is under way meanwhile is told by its event, and goes back.
 */
static enum err cancel(struct talk *t)
{
	struct provider_payment p;
	const char *authorization;

	TRY(get_order(t, t->call->ref));
	if (strcmp(t->out->verdict, "absent") == 0)
		cancel_forgotten(t);
	if (!talk_done(t) || !paypal_payment(t->op, t->body, &p))
		return OK;
	authorization = paypal_authorization(t->body);
	if (authorization) {
		t->out->facts = NULL;
		TRY(talk_ask(t, "POST", "/v2/payments/authorizations/%s/void",
			authorization));
		return look_after(t, "canceled");
	}
	if (strcmp(p.status, "open") == 0 || strcmp(p.status, "approved") == 0) {
		end_order(t, &p);
	} else if (strcmp(p.status, "canceled") != 0) {
		t->out->verdict = "refused";
		t->out->error = p.status;
	}
	return OK;
}

/* An event told of a part of an order that does not say of which. */
static enum err of_part(struct talk *t, const char *path)
{
	const char *order;

	TRY(talk_ask(t, "GET", path, t->call->ref));
	if (!talk_done(t))
		return OK;
	order = paypal_order_of(t->op, t->body);
	if (order)
		return get_order(t, order);
	t->out->verdict = "absent"; /* made by other means than an order: not ours */
	return OK;
}

static enum err of_capture(struct talk *t)
{
	return of_part(t, "/v2/payments/captures/%s");
}

static enum err of_authorization(struct talk *t)
{
	return of_part(t, "/v2/payments/authorizations/%s");
}

static void take_refund(struct talk *t, const struct json *refund)
{
	struct provider_refund r;

	if (paypal_refund(t->op, refund, &r)) {
		t->out->facts = provider_facts(t->op, &provider_refund_shape, &r);
	} else {
		t->out->verdict = "unknown";
		t->out->error = "the answer cannot be read";
	}
}

static enum err refund_create(struct talk *t)
{
	TRY(talk_ask(t, "POST", "/v2/payments/captures/%s/refund", t->call->ref));
	if (talk_done(t))
		take_refund(t, t->body);
	return OK;
}

static enum err refund_get(struct talk *t)
{
	TRY(talk_ask(t, "GET", "/v2/payments/refunds/%s", t->call->ref));
	if (talk_done(t))
		take_refund(t, t->body);
	return OK;
}

/* Among the order's refunds, the one that carries our key. */
static enum err refund_find(struct talk *t)
{
	const struct json *one;
	struct provider_refund r;

	TRY(talk_ask(t, "GET", "/v2/checkout/orders/%s", t->call->ref));
	if (!talk_done(t))
		return OK;
	one = json_first(json_find(t->body, "/purchase_units/0/payments/refunds"));
	for (; one; one = json_next(one)) {
		if (paypal_refund(t->op, one, &r) && r.op_key && t->call->key &&
			strcmp(r.op_key, t->call->key) == 0) {
			take_refund(t, one);
			return OK;
		}
	}
	t->out->verdict = "absent";
	return OK;
}

static const struct {
	const char *action;
	enum err (*run)(struct talk *t);
} actions[] = {
	{ "balance.get", paypal_balances },
	{ "dispute.close", paypal_dispute_close },
	{ "dispute.get", paypal_dispute_get },
	{ "dispute.of_capture", paypal_dispute_of_capture },
	{ "dispute.update", paypal_dispute_update },
	{ "payment.create", create },
	{ "payment.authorize", authorize },
	{ "payment.capture", capture },
	{ "payment.cancel", cancel },
	{ "payment.reauthorize", reauthorize },
	{ "payment.get", get },
	{ "payment.find", find },
	{ "payment.of_capture", of_capture },
	{ "payment.of_authorization", of_authorization },
	{ "refund.create", refund_create },
	{ "refund.get", refund_get },
	{ "refund.find", refund_find },
	{ "txn.list", paypal_txn_list },
};

static int64_t timeout_ms(const struct config *config)
{
	return config->paypal.timeout_ms < PROVIDER_CALL_MAX_MS
		       ? config->paypal.timeout_ms
		       : PROVIDER_CALL_MAX_MS;
}

static enum err call(
	struct op *op, const struct provider_call *asked, struct provider_answer *out)
{
	struct talk t = { op, asked, out };
	size_t i;

	*out = (struct provider_answer){ .verdict = "not_executed" };
	t.end = clock_ticks() + timeout_ms(op->config) * 1000;
	for (i = 0; i < sizeof actions / sizeof *actions; i++)
		if (strcmp(actions[i].action, asked->action) == 0)
			break;
	if (i == sizeof actions / sizeof *actions)
		return fail(op, E_BROKEN, "provider_call_is_accepted",
			"paypal has no %s", asked->action);
	if (!talk_admitted(op)) {
		out->error = "our own rate limit";
		return OK;
	}
	return actions[i].run(&t);
}

static enum err body(struct op *op, const struct provider_call *asked, const char **out)
{
	*out = paypal_body(op, asked);
	return OK;
}

const struct provider paypal_provider = {
	.name = "paypal",
	.livemode = paypal_is_live,
	.timeout_ms = timeout_ms,
	.body = body,
	.call = call,
	.event = paypal_event,
};
