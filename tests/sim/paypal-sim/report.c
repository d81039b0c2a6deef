/* The books: every movement of the balance, listed a window at a time, and its sum. */
#include "nouns.h"

#include "base/clock.h"

#include <stdlib.h>

enum { WINDOW_S = 31 * 86400 };

/* By the real clock, whatever time is simulated: who asks says until when, by his own.
 */
void txn_add(struct sim *s, struct op *op, const struct movement *m)
{
	cJSON *o = cJSON_CreateObject(), *info = cJSON_CreateObject();
	struct money fee = m->amount;
	struct stamp now = clock_now();
	char ref[ID_MAX];

	new_ref(s, ref);
	js_put_text(info, "transaction_id", m->id ? m->id : ref);
	if (m->of) {
		js_put_text(info, "paypal_reference_id", m->of);
		js_put_text(info, "paypal_reference_id_type", "TXN");
	}
	js_put_text(info, "transaction_event_code", m->code);
	js_put_text(info, "transaction_initiation_date", stamp_text(op, now));
	js_put_text(info, "transaction_updated_date", stamp_text(op, now));
	js_put(info, "transaction_amount", money_json(op, m->amount));
	if (m->fee) {
		fee.minor = -m->fee;
		js_put(info, "fee_amount", money_json(op, fee));
	}
	js_put_text(info, "transaction_status", "S");
	if (m->invoice)
		js_put_text(info, "invoice_id", m->invoice);
	js_put_text(o, "id", op_printf(op, "TXN-%s", ref));
	js_put_int(o, "at", now.us / SECOND);
	js_put_text(o, "currency", m->amount.currency);
	js_put_int(o, "net", m->amount.minor - m->fee);
	js_put(o, "transaction_info", info);
	thing_add(s, TXN, o);
}

static int64_t time_of(struct call *c, const char *name)
{
	const char *text = js_text(c->query, name);
	struct stamp at = { 0 };

	if (!text || stamp_parse(c->op, text, &at) != OK)
		fault_clear(c->op);
	return at.us / SECOND;
}

static int64_t number(const struct call *c, const char *name)
{
	const char *text = js_text(c->query, name);

	return text ? strtoll(text, NULL, 10) : 0;
}

int txn_list(struct call *c)
{
	const struct list *l = &c->sim->things[TXN];
	int64_t from = time_of(c, "start_date"), to = time_of(c, "end_date"), n = 0;
	int64_t size = number(c, "page_size"), page = number(c, "page");
	cJSON *out = js("{\"transaction_details\":[]}");

	if (from <= 0 || to < from || to - from > WINDOW_S || size < 1 || size > 500 ||
		page < 1) {
		cJSON_Delete(out);
		return REFUSE(c, 400, .issue = "INVALID_DATE_RANGE");
	}
	for (size_t i = 0; i < l->n; i++) {
		const cJSON *t = l->v[i]->json;
		int64_t at = js_int(t, "at");

		if (at < from || at > to || n++ / size != page - 1)
			continue;
		cJSON *one = cJSON_CreateObject();

		js_put(one, "transaction_info",
			cJSON_Duplicate(js_get(t, "transaction_info"), true));
		cJSON_AddItemToArray(js_get(out, "transaction_details"), one);
	}
	js_put_int(out, "total_items", n);
	js_put_int(out, "total_pages", (n + size - 1) / size);
	js_put_int(out, "page", page);
	c->executed = true;
	return answer_new(c, out);
}

/* One currency is enough for what is asked here. */
int balance_list(struct call *c)
{
	const struct list *l = &c->sim->things[TXN];
	int64_t at = time_of(c, "as_of_time");
	struct money sum = { 0 };
	cJSON *out = js("{\"balances\":[]}"), *one;

	for (size_t i = 0; i < l->n; i++) {
		if (js_int(l->v[i]->json, "at") <= at)
			sum.minor += js_int(l->v[i]->json, "net");
		snprintf(sum.currency, sizeof sum.currency, "%s",
			js_text(l->v[i]->json, "currency"));
	}
	if (*sum.currency) {
		one = cJSON_CreateObject();
		js_put_text(one, "currency", sum.currency);
		js_put_bool(one, "primary", true);
		js_put(one, "total_balance", money_json(c->op, sum));
		js_put(one, "available_balance", money_json(c->op, sum));
		cJSON_AddItemToArray(js_get(out, "balances"), one);
	}
	js_put_text(out, "as_of_time", js_text(c->query, "as_of_time"));
	c->executed = true;
	return answer_new(c, out);
}
