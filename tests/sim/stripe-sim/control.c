/* What customers and banks do: controls of this provider. */
#include "nouns.h"
#include "provider/control.h"

static int authenticate(struct call *c)
{
	const char *id = js_text(c->query, "payment_intent");

	return control_outcome(c, intent_authenticate(c->sim, id ? id : "",
					  !js_is(c->query, "outcome", "fail")));
}

static int fail_refund(struct call *c)
{
	const cJSON *o = control_body(c);
	const char *id = js_text(o, "refund");

	if (!o)
		return c->status;
	if (!thing_find(c->sim, id, REFUND))
		return control_refused(c, 404, "no such refund");
	refund_fail(c->sim, id);
	return control_done(c);
}

/* {"charge": id, "inquiry": true, "amount": 500} opens one; {"dispute": id,
 * "outcome": "won"} moves it. */
static int dispute(struct call *c)
{
	const cJSON *o = control_body(c);
	const char *id = js_text(o, "dispute");

	if (!o)
		return c->status;
	if (id)
		return control_outcome(
			c, dispute_move(c->sim, id, js_text(o, "outcome")));
	if (!thing_find(c->sim, js_text(o, "charge"), CHARGE))
		return control_refused(c, 404, "no such charge");
	dispute_open(c->sim, js_text(o, "charge"), js_true(o, "inquiry"),
		js_int(o, "amount"));
	return control_done(c);
}

/*
 * {"currency": "eur"} pays out what is available; "pending": true, what will be, too;
 * "manual": true, as by hand.  {"payout": id, "status": ".."} is the bank's word on it.
 */
static int payout(struct call *c)
{
	const cJSON *o = control_body(c);
	const char *id = js_text(o, "payout"), *currency = js_text(o, "currency");
	struct thing *made;

	if (!o)
		return c->status;
	if (id)
		return control_outcome(
			c, payout_move(c->sim, id, js_text(o, "status")));
	made = payout_make(c->sim, currency ? currency : "usd", js_true(o, "pending"),
		!js_true(o, "manual"));
	return made ? answer(c, made->json)
		    : control_refused(c, 409, "there is nothing to pay out");
}

const struct route stripe_controls[] = {
	{ "GET", "/sim/authenticate", authenticate },
	{ "POST", "/sim/authenticate", authenticate },
	{ "POST", "/sim/refunds/fail", fail_refund },
	{ "POST", "/sim/disputes", dispute },
	{ "POST", "/sim/payouts", payout },
	{ 0 },
};
