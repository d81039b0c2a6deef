/* Charges: the attempts to move money, and what was captured of them. */
#include "nouns.h"

static const char template[] =
	"{\"id\":null,\"object\":\"charge\",\"amount\":0,\"amount_captured\":0,"
	"\"amount_refunded\":0,\"application\":null,\"application_fee\":null,"
	"\"application_fee_amount\":null,\"balance_transaction\":null,"
	"\"billing_details\":{\"address\":{\"city\":null,\"country\":null,"
	"\"line1\":null,\"line2\":null,\"postal_code\":null,\"state\":null},"
	"\"email\":null,\"name\":null,\"phone\":null},"
	"\"calculated_statement_descriptor\":\"SIM\",\"captured\":false,\"created\":0,"
	"\"currency\":null,\"customer\":null,\"description\":null,\"disputed\":false,"
	"\"failure_balance_transaction\":null,\"failure_code\":null,"
	"\"failure_message\":null,\"fraud_details\":{},\"invoice\":null,"
	"\"livemode\":false,\"metadata\":{},\"on_behalf_of\":null,\"outcome\":null,"
	"\"paid\":false,\"payment_intent\":null,\"payment_method\":null,"
	"\"payment_method_details\":null,\"receipt_email\":null,"
	"\"receipt_number\":null,\"receipt_url\":null,\"refunded\":false,"
	"\"review\":null,\"shipping\":null,\"source_transfer\":null,"
	"\"statement_descriptor\":null,\"statement_descriptor_suffix\":null,"
	"\"status\":\"pending\",\"transfer_data\":null,\"transfer_group\":null}";

struct thing *charge_new(struct sim *s, struct thing *pi, const struct thing *method)
{
	cJSON *json = js(template);
	char id[ID_MAX];

	new_id(s, "ch_3", id);
	js_put_text(json, "id", id);
	js_put_int(json, "amount", js_int(pi->json, "amount"));
	js_put_int(json, "created", sim_now(s));
	js_put_text(json, "currency", js_text(pi->json, "currency"));
	js_put_text(json, "customer", js_text(pi->json, "customer"));
	js_put_text(json, "description", js_text(pi->json, "description"));
	js_put_text(json, "payment_intent", pi->id);
	js_put_text(json, "payment_method", method->id);
	js_put(json, "payment_method_details", method_details(method));
	js_put(json, "metadata", cJSON_Duplicate(js_get(pi->json, "metadata"), true));
	js_put_text(pi->json, "latest_charge", id);
	return thing_add(s, CHARGE, json);
}

static void fee_known(struct sim *s, const char *id)
{
	struct thing *charge = thing_find(s, id, CHARGE);
	int64_t amount = js_int(charge->json, "amount_captured");

	js_put_text(charge->json, "balance_transaction",
		txn_new(s, "charge", charge, amount, txn_fee(amount))->id);
	event_emit(s, NULL, "charge.updated", charge->json);
}

/* With automatic_async the fee comes later, by charge.updated. */
void charge_capture(struct sim *s, struct thing *charge, int64_t amount, bool last)
{
	const struct thing *pi =
		thing_find(s, js_text(charge->json, "payment_intent"), PI);

	js_put_bool(charge->json, "captured", last);
	js_put_int(charge->json, "amount_captured",
		js_int(charge->json, "amount_captured") + amount);
	if (js_is(pi->json, "capture_method", "automatic_async")) {
		timer_set(s, (double)s->set.fee_s, fee_known, charge->id);
		return;
	}
	js_put_text(charge->json, "balance_transaction",
		txn_new(s, "charge", charge, amount, txn_fee(amount))->id);
}

void charge_pay(struct sim *s, const struct call *c, struct thing *charge, bool capture)
{
	js_put_text(charge->json, "status", "succeeded");
	js_put_bool(charge->json, "paid", true);
	js_put(charge->json, "outcome",
		js("{\"network_status\":\"approved_by_network\",\"reason\":null,"
		   "\"seller_message\":\"Payment "
		   "complete.\",\"type\":\"authorized\"}"));
	if (capture)
		charge_capture(s, charge, js_int(charge->json, "amount"), true);
	event_emit(s, c, "charge.succeeded", charge->json);
}

int charge_get(struct call *c)
{
	struct thing *t = thing_find(c->sim, c->id, CHARGE);

	return t ? answer(c, t->json) : absent(c, 404, "charge", c->id, "id");
}

int charge_list(struct call *c)
{
	return answer_list(c, CHARGE, "payment_intent customer");
}
