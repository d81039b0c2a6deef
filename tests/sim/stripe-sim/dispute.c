/* Disputes and inquiries: money withdrawn with a fee, and given back when won. */
#include "nouns.h"

enum { FEE = 1500, DUE_S = 7 * 86400 };

static const char template[] =
	"{\"id\":null,\"object\":\"dispute\",\"amount\":0,\"balance_transactions\":[],"
	"\"charge\":null,\"created\":0,\"currency\":null,\"evidence\":{},"
	"\"evidence_details\":{\"due_by\":0,\"has_evidence\":false,\"past_due\":false,"
	"\"submission_count\":0},\"is_charge_refundable\":false,\"livemode\":false,"
	"\"metadata\":{},\"payment_intent\":null,\"reason\":\"fraudulent\","
	"\"status\":\"needs_response\"}";

static const char closed[] = " won lost warning_closed prevented ";

static void move(struct sim *s, struct thing *dispute, int64_t amount, int64_t fee)
{
	struct thing *txn = txn_new(s, "adjustment", dispute, amount, fee);

	cJSON_AddItemToArray(js_get(dispute->json, "balance_transactions"),
		cJSON_Duplicate(txn->json, true));
}

static bool is_closed(const struct thing *dispute)
{
	char word[40];

	snprintf(word, sizeof word, " %s ", js_text(dispute->json, "status"));
	return strstr(closed, word) != NULL;
}

/* The money leaves; an inquiry has left it alone until then. */
static void withdraw(struct sim *s, struct thing *dispute)
{
	struct thing *charge = thing_find(s, js_text(dispute->json, "charge"), CHARGE);

	js_put_bool(charge->json, "disputed", true);
	js_put_bool(dispute->json, "is_charge_refundable", false);
	move(s, dispute, -js_int(dispute->json, "amount"), FEE);
}

void dispute_open(struct sim *s, const char *charge, bool inquiry, int64_t amount)
{
	struct thing *ch = thing_find(s, charge, CHARGE), *dispute;
	cJSON *json;
	char id[ID_MAX];

	if (!ch || js_true(ch->json, "disputed") || !js_true(ch->json, "captured"))
		return;
	json = js(template);
	new_id(s, "dp_1", id);
	js_put_text(json, "id", id);
	js_put_int(json, "amount",
		amount > 0 ? amount : js_int(ch->json, "amount_captured"));
	js_put_text(json, "charge", ch->id);
	js_put_int(json, "created", sim_now(s));
	js_put_text(json, "currency", js_text(ch->json, "currency"));
	js_put_int(js_get(json, "evidence_details"), "due_by", sim_now(s) + DUE_S);
	js_put_text(json, "payment_intent", js_text(ch->json, "payment_intent"));
	dispute = thing_add(s, DISPUTE, json);
	if (inquiry) {
		js_put_text(json, "status", "warning_needs_response");
		js_put_bool(json, "is_charge_refundable", true);
		event_emit(s, NULL, "charge.dispute.created", json);
		return;
	}
	withdraw(s, dispute);
	event_emit(s, NULL, "charge.dispute.created", json);
	event_emit(s, NULL, "charge.dispute.funds_withdrawn", json);
}

/* Of the whole charge, by a timer. */
void dispute_at_once(struct sim *s, const char *charge)
{
	dispute_open(s, charge, false, 0);
}

/* The bank decides: won brings the money and the fee back. */
static void close_as(
	struct sim *s, const struct call *c, struct thing *t, const char *status)
{
	struct thing *charge = thing_find(s, js_text(t->json, "charge"), CHARGE);

	js_put_text(t->json, "status", status);
	js_put_bool(t->json, "is_charge_refundable", false);
	if (!strcmp(status, "won")) {
		js_put_bool(charge->json, "disputed", false);
		move(s, t, js_int(t->json, "amount"), -FEE);
		event_emit(s, c, "charge.dispute.funds_reinstated", t->json);
	}
	event_emit(s, c, "charge.dispute.closed", t->json);
}

const char *dispute_move(struct sim *s, const char *id, const char *status)
{
	struct thing *t = thing_find(s, id, DISPUTE);
	bool inquiry;

	if (!t)
		return "no such dispute";
	if (is_closed(t))
		return "the dispute is closed already";
	if (!status)
		return "an outcome is needed";
	inquiry = !strncmp(js_text(t->json, "status"), "warning_", 8);
	if (!strcmp(status, "needs_response") && inquiry) {
		js_put_text(t->json, "status", status);
		withdraw(s, t);
		event_emit(s, NULL, "charge.dispute.updated", t->json);
		event_emit(s, NULL, "charge.dispute.funds_withdrawn", t->json);
	} else if (!strcmp(status, "under_review")) {
		js_put_text(t->json, "status",
			inquiry ? "warning_under_review" : "under_review");
		event_emit(s, NULL, "charge.dispute.updated", t->json);
	} else if (!strcmp(status, inquiry ? "warning_closed" : "won") ||
		   (!inquiry && !strcmp(status, "lost"))) {
		close_as(s, NULL, t, status);
	} else {
		return "no such way leads from there";
	}
	return NULL;
}

/* Only what awaits an answer takes one, and a submitted one is the last. */
static struct thing *answerable(struct call *c)
{
	struct thing *t = thing_find(c->sim, c->id, DISPUTE);

	c->executed = true;
	if (!t) {
		absent(c, 404, "dispute", c->id, "dispute");
		return NULL;
	}
	if (is_closed(t)) {
		REFUSE(c, 400, .message = "This dispute is already closed");
		return NULL;
	}
	return t;
}

int dispute_update(struct call *c)
{
	struct thing *t = answerable(c);
	const cJSON *given = js_get(c->form, "evidence"), *one;
	cJSON *details, *evidence;
	bool inquiry;

	if (!t || metadata_put(c, t->json))
		return c->status;
	details = js_get(t->json, "evidence_details");
	evidence = js_get(t->json, "evidence");
	if (given && js_int(details, "submission_count") > 0)
		return REFUSE(c, 400,
			.message = "Evidence for this dispute was submitted already");
	cJSON_ArrayForEach(one, given)
	{
		js_put_text(evidence, one->string, cJSON_GetStringValue(one));
		js_put_bool(details, "has_evidence", true);
	}
	if (js_is(c->form, "submit", "true") && js_true(details, "has_evidence")) {
		inquiry = !strncmp(js_text(t->json, "status"), "warning_", 8);
		js_put_int(details, "submission_count", 1);
		js_put_text(t->json, "status",
			inquiry ? "warning_under_review" : "under_review");
	}
	event_emit(c->sim, c, "charge.dispute.updated", t->json);
	return answer(c, t->json);
}

int dispute_close(struct call *c)
{
	struct thing *t = answerable(c);

	if (!t)
		return c->status;
	close_as(c->sim, c, t, "lost");
	return answer(c, t->json);
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
