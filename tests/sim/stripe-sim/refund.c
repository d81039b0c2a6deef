/* Refunds: at once, later, refused, or failed after they had succeeded. */
#include "nouns.h"

static const char template[] =
	"{\"id\":null,\"object\":\"refund\",\"amount\":0,\"balance_transaction\":null,"
	"\"charge\":null,\"created\":0,\"currency\":null,\"destination_details\":"
	"{\"card\":{\"reference\":null,\"reference_status\":\"pending\","
	"\"reference_type\":\"acquirer_reference_number\",\"type\":\"refund\"},"
	"\"type\":\"card\"},\"metadata\":{},\"payment_intent\":null,\"reason\":null,"
	"\"receipt_number\":null,\"source_transfer_reversal\":null,\"status\":null,"
	"\"transfer_reversal\":null}";

static struct thing *charge_of(struct call *c)
{
	const char *charge = js_text(c->form, "charge");
	const char *intent = js_text(c->form, "payment_intent");
	struct thing *t;

	if (charge) {
		t = thing_find(c->sim, charge, CHARGE);
		if (!t)
			absent(c, 404, "charge", charge, "charge");
		return t;
	}
	if (!intent) {
		missing_param(c, "payment_intent");
		return NULL;
	}
	t = thing_find(c->sim, intent, PI);
	if (!t) {
		absent(c, 404, "payment_intent", intent, "payment_intent");
		return NULL;
	}
	t = thing_find(c->sim, js_text(t->json, "latest_charge"), CHARGE);
	if (!t || !js_true(t->json, "captured")) {
		c->executed = true;
		REFUSE(c, 400,
			.message = op_printf(c->op,
				"This PaymentIntent (%s) does not have a successful "
				"charge to refund.",
				intent));
		return NULL;
	}
	return t;
}

static int64_t left_of(const struct thing *charge)
{
	return js_int(charge->json, "amount_captured") -
	       js_int(charge->json, "amount_refunded");
}

static int impossible(struct call *c, const struct thing *charge, int64_t amount)
{
	c->executed = true;
	if (js_true(charge->json, "disputed"))
		return REFUSE(c, 400, .code = "charge_disputed", .charge = charge->id,
			.message = op_printf(c->op,
				"Charge %s has been charged back; cannot issue a "
				"refund.",
				charge->id));
	if (left_of(charge) <= 0)
		return REFUSE(c, 400, .code = "charge_already_refunded",
			.charge = charge->id,
			.message = op_printf(c->op,
				"Charge %s has already been refunded.", charge->id));
	if (amount > left_of(charge))
		return REFUSE(c, 400, .param = "amount",
			.message = op_printf(c->op,
				"Refund amount (%lld) is greater than unrefunded "
				"amount on charge (%lld)",
				(long long)amount, (long long)left_of(charge)));
	return 0;
}

static void charge_adjust(struct thing *charge, int64_t amount)
{
	int64_t refunded = js_int(charge->json, "amount_refunded") + amount;

	js_put_int(charge->json, "amount_refunded", refunded);
	js_put_bool(charge->json, "refunded",
		refunded == js_int(charge->json, "amount_captured"));
}

static void tell(struct sim *s, const struct call *c, struct thing *refund)
{
	event_emit(s, c, "refund.updated", refund->json);
	event_emit(s, c, "charge.refund.updated", refund->json);
}

static void refund_done(struct sim *s, const char *id)
{
	struct thing *refund = thing_find(s, id, REFUND);

	if (!refund || !js_is(refund->json, "status", "pending"))
		return;
	js_put_text(refund->json, "status", "succeeded");
	tell(s, NULL, refund);
}

/* The money comes back to the balance; the charge can be refunded again. */
void refund_fail(struct sim *s, const char *id)
{
	struct thing *refund = thing_find(s, id, REFUND), *charge;
	int64_t amount;

	if (!refund || js_is(refund->json, "status", "failed"))
		return;
	amount = js_int(refund->json, "amount");
	charge = thing_find(s, js_text(refund->json, "charge"), CHARGE);
	js_put_text(refund->json, "status", "failed");
	js_put_text(refund->json, "failure_reason", "expired_or_canceled_card");
	js_put_text(refund->json, "failure_balance_transaction",
		txn_new(s, "refund_failure", refund, amount, 0)->id);
	charge_adjust(charge, -amount);
	tell(s, NULL, refund);
	event_emit(s, NULL, "refund.failed", refund->json);
}

static struct thing *refund_new(struct call *c, struct thing *charge, int64_t amount)
{
	cJSON *json = js(template);
	char id[ID_MAX];

	new_id(c->sim, "re_3", id);
	js_put_text(json, "id", id);
	js_put_int(json, "amount", amount);
	js_put_int(json, "created", sim_now(c->sim));
	js_put_text(json, "charge", charge->id);
	js_put_text(json, "currency", js_text(charge->json, "currency"));
	js_put_text(json, "payment_intent", js_text(charge->json, "payment_intent"));
	js_put_text(json, "reason", js_text(c->form, "reason"));
	return thing_add(c->sim, REFUND, json);
}

static int execute(struct call *c, struct thing *charge, int64_t amount)
{
	struct sim *s = c->sim;
	const struct thing *method =
		thing_find(s, js_text(charge->json, "payment_method"), METHOD);
	bool later = method->card->refund == REFUND_LATER;
	struct thing *refund = refund_new(c, charge, amount);

	metadata_put(c, refund->json); /* cannot fail: validated before */
	js_put_text(refund->json, "status", later ? "pending" : "succeeded");
	js_put_text(refund->json, "balance_transaction",
		txn_new(s, "refund", refund, -amount, 0)->id);
	charge_adjust(charge, amount);
	event_emit(s, c, "refund.created", refund->json);
	event_emit(s, c, "charge.refunded", charge->json);
	if (later)
		timer_set(s, (double)s->set.late_s, refund_done, refund->id);
	if (method->card->refund == REFUND_FAILS_LATER)
		timer_set(s, (double)s->set.late_s, refund_fail, refund->id);
	return answer(c, refund->json);
}

int refund_create(struct call *c)
{
	static const char reasons[] = " duplicate fraudulent requested_by_customer ";
	const char *reason = js_text(c->form, "reason");
	int64_t amount = param_amount(c->form, "amount");
	cJSON *trial = op_json(c, js("{\"metadata\":{}}"));
	struct thing *charge;

	if (amount < 0)
		return REFUSE(c, 400, .code = "parameter_invalid_integer",
			.param = "amount",
			.message = "This value must be greater than or equal to 1.");
	if (reason && !strstr(reasons, op_printf(c->op, " %s ", reason)))
		return REFUSE(c, 400, .param = "reason",
			.message =
				"Invalid reason: must be one of duplicate, fraudulent, "
				"or requested_by_customer");
	if (metadata_put(c, trial) || !(charge = charge_of(c)))
		return c->status;
	if (impossible(c, charge, amount))
		return c->status;
	return execute(c, charge, amount ? amount : left_of(charge));
}

static struct thing *refund_of(struct call *c)
{
	struct thing *t = thing_find(c->sim, c->id, REFUND);

	if (!t)
		absent(c, 404, "refund", c->id, "id");
	return t;
}

int refund_get(struct call *c)
{
	struct thing *t = refund_of(c);

	return t ? answer(c, t->json) : c->status;
}

int refund_update(struct call *c)
{
	struct thing *t = refund_of(c);

	c->executed = true;
	if (!t || metadata_put(c, t->json))
		return c->status;
	tell(c->sim, c, t);
	return answer(c, t->json);
}

int refund_list(struct call *c)
{
	return answer_list(c, REFUND, "payment_intent charge");
}
