/* What buyers and banks do. */
#include "nouns.h"
#include "provider/control.h"

/* {"order": ID, "funding": "good|declined|pending|short|refunds_late"} */
static int approve(struct call *c)
{
	const cJSON *o = control_body(c);
	const char *funding = js_text(o, "funding");
	struct thing *order;

	if (!o)
		return c->status;
	order = thing_find(c->sim, js_text(o, "order"), ORDER);
	if (!order)
		return control_refused(c, 404, "no such order");
	return control_outcome(
		c, order_approve(c->sim, c->op, order, funding ? funding : "good"));
}

/* {"id": CAPTURE or REFUND, "good": BOOL} */
static int conclude(struct call *c)
{
	const cJSON *o = control_body(c);
	const char *id = js_text(o, "id");

	if (!o)
		return c->status;
	return control_outcome(
		c, part_conclude(c->sim, c->op, id ? id : "", js_true(o, "good")));
}

/* {"capture": ID, "stage": "INQUIRY|CHARGEBACK", "value": "5.00"} opens one;
 * {"dispute": ID, "outcome": "RESOLVED_SELLER_FAVOUR|..|escalate"} goes on with it. */
static int dispute(struct call *c)
{
	const cJSON *o = control_body(c);
	const char *id = js_text(o, "dispute"), *stage = js_text(o, "stage");
	const char *outcome = js_text(o, "outcome");

	if (!o)
		return c->status;
	return control_outcome(
		c, id ? dispute_move(c->sim, c->op, id, outcome ? outcome : "")
		      : dispute_open(c->sim, c->op, js_text(o, "capture"),
				stage ? stage : "CHARGEBACK", js_text(o, "value")));
}

/* {"currency_code": "EUR", "value": "5.00"} goes to the bank */
static int withdraw(struct call *c)
{
	const cJSON *o = control_body(c);
	struct movement m = { .code = "T0400" };

	if (!o)
		return c->status;
	if (!read_money(c->op, o, &m.amount))
		return control_refused(c, 400, "how much?");
	m.amount.minor = -m.amount.minor;
	txn_add(c->sim, c->op, &m);
	return control_done(c);
}

const struct route paypal_controls[] = {
	{ "POST", "/sim/approve", approve },
	{ "POST", "/sim/conclude", conclude },
	{ "POST", "/sim/dispute", dispute },
	{ "POST", "/sim/withdraw", withdraw },
	{ "GET", "/sim/requests", requests_get },
	{ 0 },
};
