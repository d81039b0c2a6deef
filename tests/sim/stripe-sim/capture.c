/* Capturing an authorization: the whole, a last part, or one of several parts. */
#include "nouns.h"

enum { AUTHORIZED_S = 7 * 86400 };

static bool is_multicapture(const struct thing *pi)
{
	return js_is(js_get(js_get(pi->json, "payment_method_options"), "card"),
		"request_multicapture", "if_available");
}

/* What the charge of a card says of its authorization. */
void capture_allow(struct sim *s, struct thing *pi, struct thing *charge)
{
	cJSON *card = js_get(js_get(charge->json, "payment_method_details"), "card");

	timer_set(s, AUTHORIZED_S, intent_lapse, pi->id);
	if (!card)
		return;
	js_put_int(card, "capture_before", sim_now(s) + AUTHORIZED_S);
	js_put(card, "multicapture",
		js(is_multicapture(pi) ? "{\"status\":\"available\"}"
				       : "{\"status\":\"unavailable\"}"));
}

static void take(struct call *c, struct thing *pi, int64_t amount, bool last)
{
	struct thing *charge =
		thing_find(c->sim, js_text(pi->json, "latest_charge"), CHARGE);
	int64_t received = js_int(pi->json, "amount_received") + amount;

	last = last || received == js_int(pi->json, "amount");
	charge_capture(c->sim, charge, amount, last);
	js_put_int(pi->json, "amount_received", received);
	js_put_int(pi->json, "amount_capturable",
		last ? 0 : js_int(pi->json, "amount") - received);
	if (last)
		js_put_text(pi->json, "status", "succeeded");
	event_emit(
		c->sim, c, last ? "charge.captured" : "charge.updated", charge->json);
	event_emit(c->sim, c,
		last ? "payment_intent.succeeded"
		     : "payment_intent.amount_capturable_updated",
		pi->json);
}

int intent_capture(struct call *c)
{
	struct thing *pi = intent_of(c);
	int64_t amount = param_amount(c->form, "amount_to_capture");
	bool more = js_is(c->form, "final_capture", "false");

	c->executed = true;
	if (!pi)
		return c->status;
	if (!js_is(pi->json, "status", "requires_capture"))
		return intent_state_refused(c, pi, "capture");
	if (more && !is_multicapture(pi))
		return REFUSE(c, 400, .param = "final_capture",
			.message = "You can only set final_capture to false when "
				   "multicapture is available for this "
				   "PaymentIntent.");
	if (!amount)
		amount = js_int(pi->json, "amount_capturable");
	if (amount < 0 || amount > js_int(pi->json, "amount_capturable"))
		return REFUSE(c, 400, .code = "amount_too_large",
			.param = "amount_to_capture",
			.message = "The amount to capture must be less than or equal "
				   "to the capturable amount.");
	take(c, pi, amount, !more);
	return answer(c, pi->json);
}
