/* Confirming a PaymentIntent: what each test payment method makes of it. */
#include "nouns.h"

static void succeed(
	struct sim *s, const struct call *c, struct thing *pi, struct thing *charge)
{
	int64_t amount = js_int(pi->json, "amount");
	bool manual = js_is(pi->json, "capture_method", "manual");

	js_put_text(pi->json, "status", manual ? "requires_capture" : "succeeded");
	js_put_int(pi->json, manual ? "amount_capturable" : "amount_received", amount);
	js_put_text(pi->json, "next_action", NULL);
	js_put_text(pi->json, "processing", NULL);
	js_put_text(pi->json, "last_payment_error", NULL);
	if (manual)
		capture_allow(s, pi, charge);
	charge_pay(s, c, charge, !manual);
	event_emit(s, c,
		manual ? "payment_intent.amount_capturable_updated"
		       : "payment_intent.succeeded",
		pi->json);
}

static cJSON *payment_error(const struct thing *pm, const struct thing *charge)
{
	cJSON *e = cJSON_CreateObject();

	js_put_text(e, "charge", charge->id);
	js_put_text(e, "code", pm->card->code);
	js_put_text(e, "decline_code", pm->card->decline_code);
	js_put_text(e, "message", pm->card->message);
	js_put(e, "payment_method", cJSON_Duplicate(pm->json, true));
	js_put_text(e, "type", "card_error");
	return e;
}

/* A decline is not a state: the intent asks for another payment method. */
static void decline(
	struct sim *s, const struct call *c, struct thing *pi, struct thing *charge)
{
	struct thing *pm =
		thing_find(s, js_text(charge->json, "payment_method"), METHOD);

	js_put_text(charge->json, "status", "failed");
	js_put_text(charge->json, "failure_code", pm->card->code);
	js_put_text(charge->json, "failure_message", pm->card->message);
	js_put(charge->json, "outcome",
		js("{\"network_status\":\"declined_by_network\",\"reason\":null,"
		   "\"seller_message\":\"The bank did not return any further details "
		   "with this decline.\",\"type\":\"issuer_declined\"}"));
	js_put_text(js_get(charge->json, "outcome"), "reason", pm->card->decline_code);
	js_put_text(pi->json, "status", "requires_payment_method");
	js_put_text(pi->json, "payment_method", NULL);
	js_put_text(pi->json, "next_action", NULL);
	js_put_text(pi->json, "processing", NULL);
	js_put(pi->json, "last_payment_error", payment_error(pm, charge));
	event_emit(s, c, "charge.failed", charge->json);
	event_emit(s, c, "payment_intent.payment_failed", pi->json);
}

static int declined(struct call *c, struct thing *pi, struct thing *pm)
{
	struct thing *charge = charge_new(c->sim, pi, pm);

	decline(c->sim, c, pi, charge);
	return REFUSE(c, 402, .type = "card_error", .code = pm->card->code,
		.decline_code = pm->card->decline_code, .message = pm->card->message,
		.charge = charge->id, .intent = pi->json);
}

static void conclude(struct sim *s, const char *id)
{
	struct thing *pi = thing_find(s, id, PI), *charge, *pm;

	if (!pi || !js_is(pi->json, "status", "processing"))
		return;
	charge = thing_find(s, js_text(pi->json, "latest_charge"), CHARGE);
	pm = thing_find(s, js_text(pi->json, "payment_method"), METHOD);
	if (pm->card->behaviour == CARD_LATE)
		succeed(s, NULL, pi, charge);
	else
		decline(s, NULL, pi, charge);
}

static int processing(struct call *c, struct thing *pi, struct thing *pm)
{
	struct thing *charge = charge_new(c->sim, pi, pm);

	js_put_text(pi->json, "status", "processing");
	event_emit(c->sim, c, "charge.pending", charge->json);
	event_emit(c->sim, c, "payment_intent.processing", pi->json);
	timer_set(c->sim, (double)c->sim->set.late_s, conclude, pi->id);
	return answer(c, pi->json);
}

static int ask(struct call *c, struct thing *pi)
{
	cJSON *next = js("{\"type\":\"redirect_to_url\",\"redirect_to_url\":"
			 "{\"return_url\":null,\"url\":null}}");
	cJSON *to = js_get(next, "redirect_to_url");

	js_put_text(to, "return_url", js_text(c->form, "return_url"));
	js_put_text(to, "url",
		op_printf(c->op,
			"http://127.0.0.1:%d/sim/authenticate?payment_intent=%s",
			c->sim->set.port, pi->id));
	js_put(pi->json, "next_action", next);
	js_put_text(pi->json, "status", "requires_action");
	event_emit(c->sim, c, "payment_intent.requires_action", pi->json);
	return answer(c, pi->json);
}

/* What a customer does on the bank's page; NULL, or what is wrong. */
const char *intent_authenticate(struct sim *s, const char *id, bool success)
{
	struct thing *pi = thing_find(s, id, PI), *pm;

	if (!pi)
		return "no such payment_intent";
	if (!js_is(pi->json, "status", "requires_action"))
		return "the payment_intent does not wait for its customer";
	pm = thing_find(s, js_text(pi->json, "payment_method"), METHOD);
	if (success)
		succeed(s, NULL, pi, charge_new(s, pi, pm));
	else
		decline(s, NULL, pi, charge_new(s, pi, pm));
	return NULL;
}

static int attempt(struct call *c, struct thing *pi, struct thing *pm)
{
	bool off_session = js_is(c->form, "off_session", "true");
	struct thing *charge;

	switch (pm->card->behaviour) {
	case CARD_DECLINES:
		return declined(c, pi, pm);
	case CARD_ASKS:
		return off_session ? declined(c, pi, pm) : ask(c, pi);
	case CARD_LATE:
	case CARD_LATE_FAILURE:
		return processing(c, pi, pm);
	case CARD_PAYS:
		break;
	}
	charge = charge_new(c->sim, pi, pm);
	succeed(c->sim, c, pi, charge);
	if (pm->card->disputed)
		timer_set(c->sim, 0, dispute_at_once, charge->id);
	return answer(c, pi->json);
}

static bool takes(const struct thing *pi, const struct thing *pm)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, js_get(pi->json, "payment_method_types")) if (
		!strcmp(cJSON_GetStringValue(one), pm->card->type)) return true;
	return false;
}

/* Someone else's saved card, or a kind of payment the intent does not take. */
static int unsuitable(struct call *c, const struct thing *pi, const struct thing *pm)
{
	const char *owner = js_text(pm->json, "customer");

	if (!takes(pi, pm))
		return REFUSE(c, 400, .param = "payment_method",
			.message = op_printf(c->op,
				"The PaymentMethod provided (%s) is not allowed for "
				"this PaymentIntent.",
				pm->card->type));
	if (owner && !js_is(pi->json, "customer", owner))
		return REFUSE(c, 400, .param = "payment_method",
			.message = op_printf(c->op,
				"The PaymentMethod %s belongs to the Customer %s. "
				"Please include the Customer in the `customer` "
				"parameter on the PaymentIntent.",
				pm->id, owner));
	return 0;
}

int confirm_with(struct call *c, struct thing *pi, const char *method)
{
	static const char open[] =
		"requires_payment_method requires_confirmation requires_action";
	struct thing *pm;

	if (!strstr(open, js_text(pi->json, "status")))
		return intent_state_refused(c, pi, "confirm");
	if (!method)
		method = js_text(pi->json, "payment_method");
	if (!method)
		return REFUSE(c, 400, .code = "payment_intent_unexpected_state",
			.intent = pi->json,
			.message = "You cannot confirm this PaymentIntent because it's "
				   "missing a payment method.");
	pm = method_resolve(c, method);
	if (!pm || unsuitable(c, pi, pm))
		return c->status;
	js_put_text(pi->json, "payment_method", pm->id);
	return attempt(c, pi, pm);
}

int intent_confirm(struct call *c)
{
	struct thing *pi = intent_of(c);

	c->executed = true;
	return pi ? confirm_with(c, pi, js_text(c->form, "payment_method")) : c->status;
}
