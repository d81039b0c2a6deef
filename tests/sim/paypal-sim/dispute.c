/* Disputes: the buyer's side opens them, we answer, PayPal decides and moves the money.
 */
#include "nouns.h"

enum { FEE = 2000, DUE_S = 10 * 86400 };

static cJSON *view_of(const struct thing *t)
{
	cJSON *view = cJSON_Duplicate(t->json, true);

	cJSON_DeleteItemFromObjectCaseSensitive(view, "_");
	cJSON_DeleteItemFromObjectCaseSensitive(view, "id");
	return view;
}

static void tell(struct sim *s, struct op *op, struct thing *t, const char *what)
{
	put_time(op, s, t->json, "update_time", 0);
	event_emit(s, op, op_printf(op, "CUSTOMER.DISPUTE.%s", what), "dispute",
		view_of(t));
}

static bool is_inquiry(const struct thing *t)
{
	return js_is(t->json, "dispute_life_cycle_stage", "INQUIRY");
}

/* Seller's money moves, and is in the books at once. */
static void move(struct sim *s, struct op *op, struct thing *t, const char *reason,
	struct money m)
{
	cJSON *list = js_get(t->json, "money_movements"), *one = cJSON_CreateObject();
	bool fee = strstr(reason, "FEE");
	struct movement txn = { .of = secret_of(t, "capture"), .amount = m };

	txn.code = fee             ? is_inquiry(t) ? "T0114" : "T0106"
		   : is_inquiry(t) ? "T1106"
		   : m.minor < 0   ? "T1201"
				   : "T1202";
	txn_add(s, op, &txn);
	if (!list) {
		list = cJSON_CreateArray();
		js_put(t->json, "money_movements", list);
	}
	js_put_text(one, "affected_party", "SELLER");
	js_put_text(one, "type", m.minor < 0 ? "DEBIT" : "CREDIT");
	m.minor = m.minor < 0 ? -m.minor : m.minor;
	js_put(one, "amount", money_json(op, m));
	put_time(op, s, one, "initiated_time", 0);
	js_put_text(one, "reason", reason);
	cJSON_AddItemToArray(list, one);
}

/* sign -1: the seller pays. */
static void settle(struct sim *s, struct op *op, struct thing *t, int sign)
{
	struct money m = { 0 }, fee;

	read_money(op, js_get(t->json, "dispute_amount"), &m);
	fee = m;
	fee.minor = sign * FEE;
	m.minor *= sign;
	move(s, op, t, "DISPUTE_SETTLEMENT", m);
	move(s, op, t, is_inquiry(t) ? "DISPUTE_FEE" : "CHARGEBACK_FEE", fee);
}

static cJSON *transaction(struct op *op, struct sim *s, const struct thing *capture)
{
	cJSON *o = cJSON_CreateObject();

	js_put_text(o, "seller_transaction_id", capture->id);
	js_put_text(o, "custom", js_text(capture->json, "custom_id"));
	js_put_text(o, "invoice_number", js_text(capture->json, "invoice_id"));
	js_put_text(o, "transaction_status", "COMPLETED");
	js_put(o, "gross_amount",
		cJSON_Duplicate(js_get(capture->json, "amount"), true));
	put_time(op, s, o, "create_time", 0);
	return o;
}

const char *dispute_open(struct sim *s, struct op *op, const char *capture_id,
	const char *stage, const char *value)
{
	struct thing *capture = thing_find(s, capture_id, CAPTURE), *t;
	cJSON *o, *list;
	char ref[ID_MAX], id[ID_MAX];

	if (!capture)
		return "no such capture";
	new_ref(s, ref);
	snprintf(id, sizeof id, "PP-D-%.8s", ref);
	o = js("{\"reason\":\"MERCHANDISE_OR_SERVICE_NOT_RECEIVED\",\"status\":"
	       "\"WAITING_FOR_SELLER_RESPONSE\",\"dispute_channel\":\"INTERNAL\"}");
	js_put_text(o, "id", id);
	js_put_text(o, "dispute_id", id);
	put_time(op, s, o, "create_time", 0);
	put_time(op, s, o, "seller_response_due_date", DUE_S);
	js_put_text(o, "dispute_life_cycle_stage", stage);
	js_put(o, "dispute_amount",
		cJSON_Duplicate(js_get(capture->json, "amount"), true));
	if (value)
		js_put_text(js_get(o, "dispute_amount"), "value", value);
	list = cJSON_CreateArray();
	cJSON_AddItemToArray(list, transaction(op, s, capture));
	js_put(o, "disputed_transactions", list);
	put_link(
		op, s, o, op_printf(op, "/v1/customer/disputes/%s", id), "self", "GET");
	t = thing_add(s, DISPUTE, o);
	secret_put(t, "capture", capture->id);
	if (!is_inquiry(t))
		settle(s, op, t, -1);
	tell(s, op, t, "CREATED");
	return NULL;
}

/* Buyer and seller found no agreement: it becomes a claim, and the money goes. */
static void escalate(struct sim *s, struct op *op, struct thing *t)
{
	js_put_text(t->json, "dispute_life_cycle_stage", "CHARGEBACK");
	js_put_text(t->json, "status", "WAITING_FOR_SELLER_RESPONSE");
	settle(s, op, t, -1);
	tell(s, op, t, "UPDATED");
}

static void resolve(struct sim *s, struct op *op, struct thing *t, const char *outcome)
{
	cJSON *o = cJSON_CreateObject();
	bool buyers = !strcmp(outcome, "RESOLVED_BUYER_FAVOUR") ||
		      !strcmp(outcome, "ACCEPTED");

	if (is_inquiry(t) && buyers)
		settle(s, op, t, -1);
	if (!is_inquiry(t) && !buyers)
		settle(s, op, t, 1);
	js_put_text(o, "outcome_code", outcome);
	js_put(t->json, "dispute_outcome", o);
	js_put_text(t->json, "status", "RESOLVED");
	tell(s, op, t, "RESOLVED");
}

const char *dispute_move(
	struct sim *s, struct op *op, const char *id, const char *outcome)
{
	struct thing *t = thing_find(s, id, DISPUTE);

	if (!t || js_is(t->json, "status", "RESOLVED"))
		return "no such dispute, or it is over";
	if (!strcmp(outcome, "escalate"))
		escalate(s, op, t);
	else
		resolve(s, op, t, outcome);
	return NULL;
}

static struct thing *dispute_of(struct call *c)
{
	struct thing *t = thing_find(c->sim, c->id, DISPUTE);

	if (!t)
		absent(c);
	return t;
}

int dispute_get(struct call *c)
{
	struct thing *t = dispute_of(c);

	if (!t)
		return c->status;
	c->executed = true;
	return answer_new(c, view_of(t));
}

int dispute_list(struct call *c)
{
	const struct list *l = &c->sim->things[DISPUTE];
	const char *capture = js_text(c->query, "disputed_transaction_id");
	cJSON *out = js("{\"items\":[]}");

	for (size_t i = l->n; i-- > 0;) {
		cJSON *one;

		if (capture && strcmp(secret_of(l->v[i], "capture"), capture) != 0)
			continue;
		one = cJSON_CreateObject();
		js_put_text(one, "dispute_id", l->v[i]->id);
		cJSON_AddItemToArray(js_get(out, "items"), one);
	}
	c->executed = true;
	return answer_new(c, out);
}

/* What an action answers: where to look. */
static int answer_link(struct call *c, const struct thing *t)
{
	cJSON *out = cJSON_CreateObject();

	put_link(c->op, c->sim, out,
		op_printf(c->op, "/v1/customer/disputes/%s", t->id), "self", "GET");
	c->executed = true;
	return answer_new(c, out);
}

/* The dispute that may be answered now, or a refusal. */
static struct thing *waiting(struct call *c)
{
	struct thing *t = dispute_of(c);

	if (t && !js_is(t->json, "status", "WAITING_FOR_SELLER_RESPONSE")) {
		UNPROCESSABLE(c, "ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE");
		return NULL;
	}
	return t;
}

int dispute_evidence(struct call *c)
{
	struct thing *t = waiting(c);
	cJSON *given, *list, *one;

	if (!t)
		return c->status;
	given = js_get(c->form, "evidences");
	if (!cJSON_GetArraySize(given) || !c->content_type ||
		strncmp(c->content_type, "multipart/form-data; boundary=", 30) != 0)
		return REFUSE(c, 400, .issue = "INVALID_EVIDENCE");
	list = js_get(t->json, "evidences");
	if (!list) {
		list = cJSON_CreateArray();
		js_put(t->json, "evidences", list);
	}
	cJSON_ArrayForEach(one, given)
	{
		cJSON *copy = cJSON_Duplicate(one, true);

		js_put_text(copy, "source", "SUBMITTED_BY_SELLER");
		cJSON_AddItemToArray(list, copy);
	}
	js_put_text(t->json, "status", "UNDER_REVIEW");
	tell(c->sim, c->op, t, "UPDATED");
	return answer_link(c, t);
}

int dispute_accept(struct call *c)
{
	struct thing *t = waiting(c);

	if (!t)
		return c->status;
	if (!js_text(c->form, "note"))
		return REFUSE(c, 400, .issue = "MISSING_REQUIRED_PARAMETER");
	resolve(c->sim, c->op, t, "RESOLVED_BUYER_FAVOUR");
	return answer_link(c, t);
}
