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

const struct route paypal_controls[] = {
	{ "POST", "/sim/approve", approve },
	{ "POST", "/sim/conclude", conclude },
	{ "GET", "/sim/requests", requests_get },
	{ 0 },
};
