/* Stripe's events: what each type asks us to look at, and the list of those there were.
 */
#include "adapters/stripe.h"

#include "base/config.h"
#include "base/http.h"
#include "base/json.h"

#include <string.h>

enum { NAME_MAX_BYTES = 255, PAGE = 50 };

/*
 * The first prefix that fits decides.  pointer: where the reference is, NULL:
 * object_id. A row without an action names what this shop has no use for.
 */
static const struct {
	const char *prefix, *action, *pointer, *why;
} events[] = {
	{ "payment_intent.", "payment.get", NULL, NULL },
	{ "refund.", "refund.get", NULL, NULL },
	{ "charge.refund.updated", "refund.get", NULL, NULL },
	{ "charge.dispute.", "dispute.get", NULL, NULL },
	{ "charge.", "payment.get", "/data/object/payment_intent", NULL },
	{ "checkout.session.", "payment.get", "/data/object/payment_intent", NULL },
	{ "payout.", "", NULL, "payouts are read by the reconciliation" },
	{ "balance.", "", NULL, "balances are read by the reconciliation" },
	{ "reporting.", "", NULL, "the reconciliation asks for no reports" },
	{ "customer.", "", NULL, "customers are kept here and not at the provider" },
	{ "payment_method.", "", NULL, "payment methods are the provider's to keep" },
	{ "setup_intent.", "", NULL, "payment methods are the provider's to keep" },
	{ "mandate.", "", NULL, "payment methods are the provider's to keep" },
	{ "invoice", "", NULL, "nothing is billed by the provider's invoices" },
	{ "subscription", "", NULL, "nothing is sold by subscription" },
	{ "product.", "", NULL, "the catalog is kept here" },
	{ "price.", "", NULL, "the catalog is kept here" },
	{ "coupon.", "", NULL, "promotions are kept here" },
	{ "promotion_code.", "", NULL, "promotions are kept here" },
	{ "tax", "", NULL, "taxes are kept here" },
	{ "account.", "", NULL, "the account is looked after by its owner" },
	{ "capability.", "", NULL, "the account is looked after by its owner" },
	{ "person.", "", NULL, "the account is looked after by its owner" },
	{ "radar.", "", NULL, "a fraud that costs money comes as a dispute" },
	{ "review.", "", NULL, "reviews are done in the provider's pages" },
	{ "", "", NULL, "a type that this shop does not know" },
};

enum err stripe_event(struct op *op, struct provider_event *e)
{
	const struct json *body;
	size_t i = 0;

	while (strncmp(e->type, events[i].prefix, strlen(events[i].prefix)) != 0)
		i++;
	e->action = events[i].action;
	e->why = events[i].why;
	e->ref = e->object_id;
	if (!*e->action)
		return OK;
	if (events[i].pointer) {
		TRY(json_parse(op, e->body, strlen(e->body), &body));
		e->ref = json_string(json_find(body, events[i].pointer));
		if (!stripe_is_ref(e->ref)) {
			e->action = "";
			e->why = "it belongs to no PaymentIntent, and all ours do";
		}
	} else if (!stripe_is_ref(e->ref)) {
		return fail(op, E_DATA, "webhook_is_readable",
			"the event names no object that can be asked for");
	}
	return OK;
}

static const char *name_of(const struct json *event, const char *pointer)
{
	const char *s = json_string(json_find(event, pointer));

	return s && strlen(s) <= NAME_MAX_BYTES ? s : NULL;
}

/* False when it cannot be stored as an event. */
static bool read_listed(
	struct op *op, const struct json *event, struct provider_listed *out)
{
	*out = (struct provider_listed){
		.event_id = name_of(event, "/id"),
		.type = name_of(event, "/type"),
		.object_id = name_of(event, "/data/object/id"),
		.api_version = name_of(event, "/api_version"),
		.account = name_of(event, "/account"),
		.livemode = json_is_true(json_get(event, "livemode")),
		.body = json_text_of(op, event),
	};
	return out->event_id && out->type && json_is_bool(json_get(event, "livemode"));
}

static void read_page(
	struct op *op, const struct http_answer *answer, struct provider_events *out)
{
	const struct json *body = NULL, *list, *one;

	if (json_parse(op, answer->body, answer->n, &body) != OK)
		fault_clear(op);
	list = json_get(body, "data");
	if (!json_is_array(list))
		return;
	out->v = op_alloc(op, (json_count(list) + 1) * sizeof *out->v);
	for (one = json_first(list); one; one = json_next(one)) {
		if (!read_listed(op, one, &out->v[out->n]))
			continue;
		out->n++;
	}
	if (json_is_true(json_get(body, "has_more")) && out->n > 0 &&
		stripe_is_ref(out->v[out->n - 1].event_id))
		out->next = out->v[out->n - 1].event_id;
	out->verdict = "done";
	out->error = NULL;
}

static const char *path_of(struct op *op, const struct provider_page *page)
{
	const char *path = op_printf(op, "/v1/events?limit=%d", PAGE);

	if (page->since.us)
		path = op_printf(op, "%s&created%%5Bgte%%5D=%lld", path,
			(long long)(page->since.us / 1000000));
	if (page->until.us)
		path = op_printf(op, "%s&created%%5Blte%%5D=%lld", path,
			(long long)(page->until.us / 1000000));
	if (page->undelivered)
		path = op_printf(op, "%s&delivery_success=false", path);
	if (stripe_is_ref(page->after))
		path = op_printf(op, "%s&starting_after=%s", path, page->after);
	return path;
}

enum err stripe_events(
	struct op *op, const struct provider_page *page, struct provider_events *out)
{
	struct http_answer answer = { 0 };

	*out = (struct provider_events){ .verdict = "unknown",
		.error = "the answer cannot be read" };
	TRY(stripe_request(op, "GET", path_of(op, page), NULL, NULL, &answer));
	out->away = answer.outcome != HTTP_ANSWERED || answer.status >= 500;
	if (answer.outcome != HTTP_ANSWERED)
		out->error = answer.reason;
	else if (answer.status != 200)
		out->error = op_printf(op, "HTTP %d", answer.status);
	else
		read_page(op, &answer, out);
	return OK;
}
