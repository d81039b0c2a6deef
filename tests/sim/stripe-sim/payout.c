/* Payouts: the available balance on its way to the bank, and sometimes back. */
#include "nouns.h"

enum { ARRIVES_S = 2 * 86400 };

static const char template[] =
	"{\"id\":null,\"object\":\"payout\",\"amount\":0,\"application_fee\":null,"
	"\"application_fee_amount\":null,\"arrival_date\":0,\"automatic\":true,"
	"\"balance_transaction\":null,\"created\":0,\"currency\":null,"
	"\"description\":\"STRIPE "
	"PAYOUT\",\"destination\":\"ba_1SimulatedBankAccount\","
	"\"failure_balance_transaction\":null,\"failure_code\":null,"
	"\"failure_message\":null,\"livemode\":false,\"metadata\":{},"
	"\"method\":\"standard\",\"original_payout\":null,\"payout_method\":null,"
	"\"reconciliation_status\":\"completed\",\"reversed_by\":null,"
	"\"source_type\":\"card\",\"statement_descriptor\":null,"
	"\"status\":\"pending\",\"trace_id\":null,\"type\":\"bank_account\"}";

/* What may follow what. */
static const struct {
	const char *from, *to;
} edges[] = { { "pending", "in_transit" }, { "pending", "paid" },
	{ "pending", "failed" }, { "pending", "canceled" }, { "in_transit", "paid" },
	{ "in_transit", "failed" }, { "paid", "failed" } };

/* Whether a transaction can leave with the next payout. */
static bool leaves(const struct thing *t, const char *currency, bool pending)
{
	return js_is(t->json, "currency", currency) && !*t->payout &&
	       !strstr(js_text(t->json, "type"), "payout") &&
	       (pending || js_is(t->json, "status", "available"));
}

static int64_t gather(
	struct sim *s, const char *currency, bool pending, const char *payout)
{
	const struct list *l = &s->things[TXN];
	int64_t sum = 0;

	txn_settle(s);
	for (size_t i = 0; i < l->n; i++) {
		if (!leaves(l->v[i], currency, pending))
			continue;
		sum += js_int(l->v[i]->json, "net");
		if (payout)
			snprintf(l->v[i]->payout, ID_MAX, "%s", payout);
	}
	return sum;
}

/*
 * An automatic payout of all that is available, or with `pending` of what will be.
 * NULL when there is nothing to pay out.
 */
struct thing *payout_make(
	struct sim *s, const char *currency, bool pending, bool automatic)
{
	int64_t sum = gather(s, currency, pending, NULL);
	struct thing *payout, *txn;
	cJSON *json;
	char id[ID_MAX];

	if (sum <= 0)
		return NULL;
	json = js(template);
	new_id(s, "po_1", id);
	js_put_text(json, "id", id);
	js_put_int(json, "amount", sum);
	js_put_int(json, "arrival_date", sim_now(s) + ARRIVES_S);
	js_put_bool(json, "automatic", automatic);
	js_put_int(json, "created", sim_now(s));
	js_put_text(json, "currency", currency);
	if (!automatic)
		js_put_text(json, "reconciliation_status", "not_applicable");
	payout = thing_add(s, PAYOUT, json);
	txn = txn_new(s, "payout", payout, -sum, 0);
	js_put_text(json, "balance_transaction", txn->id);
	if (automatic) {
		gather(s, currency, pending, id);
		snprintf(txn->payout, ID_MAX, "%s", id);
	}
	event_emit(s, NULL, "payout.created", json);
	return payout;
}

/* What the bank says; NULL, or what is wrong. */
const char *payout_move(struct sim *s, const char *id, const char *status)
{
	struct thing *t = thing_find(s, id, PAYOUT);
	size_t i;

	if (!t)
		return "no such payout";
	for (i = 0; i < sizeof edges / sizeof *edges; i++)
		if (js_is(t->json, "status", edges[i].from) && status &&
			!strcmp(edges[i].to, status))
			break;
	if (i == sizeof edges / sizeof *edges)
		return "the payout does not go there";
	js_put_text(t->json, "status", status);
	if (!strcmp(status, "failed"))
		js_put_text(t->json, "failure_code", "account_closed");
	if (!strcmp(status, "failed") || !strcmp(status, "canceled"))
		js_put_text(t->json, "failure_balance_transaction",
			txn_new(s, *status == 'f' ? "payout_failure" : "payout_cancel",
				t, js_int(t->json, "amount"), 0)
				->id);
	event_emit(s, NULL, "payout.updated", t->json);
	if (!strcmp(status, "paid"))
		event_emit(s, NULL, "payout.paid", t->json);
	else if (!strcmp(status, "failed"))
		event_emit(s, NULL, "payout.failed", t->json);
	else if (!strcmp(status, "canceled"))
		event_emit(s, NULL, "payout.canceled", t->json);
	return NULL;
}

int payout_get(struct call *c)
{
	struct thing *t = thing_find(c->sim, c->id, PAYOUT);

	return t ? answer(c, t->json) : absent(c, 404, "payout", c->id, "id");
}

int payout_list(struct call *c)
{
	return answer_list(c, PAYOUT, "status destination");
}
