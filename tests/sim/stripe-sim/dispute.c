/* Disputes: money withdrawn with a fee, and given back when won. */
#include "nouns.h"

enum { FEE = 1500, DUE_S = 7 * 86400 };

static const char template[] =
	"{\"id\":null,\"object\":\"dispute\",\"amount\":0,\"balance_transactions\":[],"
	"\"charge\":null,\"created\":0,\"currency\":null,\"evidence\":{},"
	"\"evidence_details\":{\"due_by\":0,\"has_evidence\":false,\"past_due\":false,"
	"\"submission_count\":0},\"is_charge_refundable\":false,\"livemode\":false,"
	"\"metadata\":{},\"payment_intent\":null,\"reason\":\"fraudulent\","
	"\"status\":\"needs_response\"}";

static void move(struct sim *s, struct thing *dispute, int64_t amount, int64_t fee)
{
	struct thing *txn = txn_new(s, "adjustment", dispute, amount, fee);

	cJSON_AddItemToArray(js_get(dispute->json, "balance_transactions"),
		cJSON_Duplicate(txn->json, true));
}

void dispute_open(struct sim *s, const char *charge)
{
	struct thing *ch = thing_find(s, charge, CHARGE), *dispute;
	cJSON *json;
	char id[ID_MAX];

	if (!ch || js_true(ch->json, "disputed") || !js_true(ch->json, "captured"))
		return;
	json = js(template);
	new_id(s, "dp_1", id);
	js_put_text(json, "id", id);
	js_put_int(json, "amount", js_int(ch->json, "amount_captured"));
	js_put_text(json, "charge", ch->id);
	js_put_int(json, "created", sim_now(s));
	js_put_text(json, "currency", js_text(ch->json, "currency"));
	js_put_int(js_get(json, "evidence_details"), "due_by", sim_now(s) + DUE_S);
	js_put_text(json, "payment_intent", js_text(ch->json, "payment_intent"));
	dispute = thing_add(s, DISPUTE, json);
	js_put_bool(ch->json, "disputed", true);
	move(s, dispute, -js_int(json, "amount"), FEE);
	event_emit(s, NULL, "charge.dispute.created", json);
	event_emit(s, NULL, "charge.dispute.funds_withdrawn", json);
}

const char *dispute_close(struct sim *s, const char *id, bool won)
{
	struct thing *t = thing_find(s, id, DISPUTE), *charge;

	if (!t)
		return "no such dispute";
	if (!js_is(t->json, "status", "needs_response"))
		return "the dispute is closed already";
	js_put_text(t->json, "status", won ? "won" : "lost");
	if (won) {
		charge = thing_find(s, js_text(t->json, "charge"), CHARGE);
		js_put_bool(charge->json, "disputed", false);
		move(s, t, js_int(t->json, "amount"), -FEE);
		event_emit(s, NULL, "charge.dispute.funds_reinstated", t->json);
	}
	event_emit(s, NULL, "charge.dispute.closed", t->json);
	return NULL;
}

int dispute_get(struct call *c)
{
	struct thing *t = thing_find(c->sim, c->id, DISPUTE);

	return t ? answer(c, t->json) : absent(c, 404, "dispute", c->id, "id");
}

int dispute_list(struct call *c)
{
	return answer_list(c, DISPUTE, "charge payment_intent");
}
