/* PayPal's disputes as facts, and our answers to them. */
#include "adapters/paypal_read.h"
#include "adapters/paypal_talk.h"

#include "base/text.h"

#include <ctype.h>
#include <string.h>

#define DISPUTES "/v1/customer/disputes/"

/* While customer and shop talk to each other it is an inquiry, and a refund settles it.
 */
static bool is_inquiry(const struct json *dispute)
{
	return paypal_is(dispute, "dispute_life_cycle_stage", "INQUIRY");
}

/* A movement of ours as {txn, currency, amount, fee}; *net: what went, less what came.
 */
static const char *movement(struct op *op, const char *dispute, const struct json *one,
	struct text *seen, int64_t *net)
{
	const char *reason = paypal_text(one, "/reason", TEXT_MAX);
	const char *at = paypal_text(one, "/initiated_time", 40), *name;
	bool fee = reason && strstr(reason, "FEE");
	struct json_writer w = { .op = op };
	struct money m;

	if (!reason || !at || !paypal_money(op, json_get(one, "amount"), &m) ||
		m.minor < 0)
		return NULL;
	if (paypal_is(one, "type", "CREDIT"))
		m.minor = -m.minor;
	name = op_printf(op, "%s:%s:%s:%lld", dispute, at, reason, (long long)m.minor);
	while (seen->s && strstr(seen->s, op_printf(op, "\"%s\"", name)))
		name = op_printf(op, "%s+", name); /* the same twice is two */
	text_add(op, seen, op_printf(op, "\"%s\"", name));
	if (!fee)
		*net += m.minor;
	json_object(&w, NULL);
	json_put(&w, "txn", name);
	json_put(&w, "currency", m.currency);
	json_put_int(&w, "amount", fee ? 0 : -m.minor);
	json_put_int(&w, "fee", fee ? m.minor : 0);
	json_close(&w);
	return w.text;
}

/*
 * PayPal numbers no movement; what it was, when and how much names it.  NULL when one
 * cannot be read: a gap in the books would be worse than to ask again.
 */
static const char *movements(
	struct op *op, const char *ref, const struct json *list, int64_t *net)
{
	const struct json *one;
	struct text all = { 0 }, seen = { 0 };
	const char *text;

	*net = 0;
	for (one = json_first(list); one; one = json_next(one)) {
		if (!paypal_is(one, "affected_party", "SELLER") ||
			!json_get(one, "amount"))
			continue;
		text = movement(op, ref, one, &seen, net);
		if (!text)
			return NULL;
		text_add(op, &all, all.s ? "," : "[");
		text_add(op, &all, text);
	}
	text_add(op, &all, all.s ? "]" : "[]");
	return all.s;
}

/* How it ended.  lost: the customer was right, if that cost us anything. */
static const struct {
	const char *theirs, *ours;
} outcomes[] = {
	{ "RESOLVED_BUYER_FAVOUR", "lost" },
	{ "ACCEPTED", "lost" },
	{ "RESOLVED_SELLER_FAVOUR", "won" },
	{ "RESOLVED_WITH_PAYOUT", "won" }, /* PayPal paid the customer, not we */
	{ "CANCELED_BY_BUYER", "won" },
	{ "DENIED", "won" },
	{ "NONE", "won" },
};

static const char *outcome_of(const struct json *dispute, int64_t net)
{
	const struct json *outcome = json_get(dispute, "dispute_outcome");
	const char *ours = "unknown";

	for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
		if (paypal_is(outcome, "outcome_code", outcomes[i].theirs))
			ours = outcomes[i].ours;
	if (net > 0 && strcmp(ours, "unknown") != 0)
		return paypal_is(outcome, "outcome_code", "NONE") ? "lost" : ours;
	if (is_inquiry(dispute) && strcmp(ours, "unknown") != 0)
		return "warning_closed"; /* no money moved but by a refund of ours */
	return ours;
}

static const char *status_of(const struct json *dispute, int64_t net)
{
	bool inquiry = is_inquiry(dispute);

	if (paypal_is(dispute, "status", "RESOLVED"))
		return outcome_of(dispute, net);
	if (paypal_is(dispute, "status", "OPEN") ||
		paypal_is(dispute, "status", "WAITING_FOR_SELLER_RESPONSE"))
		return inquiry ? "warning_needs_response" : "needs_response";
	if (paypal_is(dispute, "status", "WAITING_FOR_BUYER_RESPONSE") ||
		paypal_is(dispute, "status", "UNDER_REVIEW"))
		return inquiry ? "warning_under_review" : "under_review";
	return "unknown";
}

static int64_t submissions(const struct json *dispute)
{
	const struct json *one = json_first(json_get(dispute, "evidences"));
	int64_t n = 0;

	for (; one; one = json_next(one))
		n += paypal_is(one, "source", "SUBMITTED_BY_SELLER");
	return n;
}

bool paypal_dispute(
	struct op *op, const struct json *dispute, struct provider_dispute *out)
{
	struct money m;
	int64_t net;

	*out = (struct provider_dispute){ 0 };
	out->ref = paypal_ref(dispute, "/dispute_id");
	if (!out->ref || !paypal_money(op, json_get(dispute, "dispute_amount"), &m) ||
		m.minor <= 0)
		return false;
	out->txns.s =
		movements(op, out->ref, json_get(dispute, "money_movements"), &net);
	out->charge =
		paypal_ref(dispute, "/disputed_transactions/0/seller_transaction_id");
	out->status = status_of(dispute, net);
	out->reason = paypal_text(dispute, "/reason", TEXT_MAX);
	out->currency = op_strdup(op, m.currency);
	out->amount = m.minor;
	out->refundable = is_inquiry(dispute);
	out->submissions = submissions(dispute);
	out->evidence_due_by = paypal_time(op, dispute, "/seller_response_due_date");
	return out->txns.s != NULL;
}

static void take_dispute(struct talk *t)
{
	struct provider_dispute d;

	if (!talk_done(t))
		return;
	if (paypal_dispute(t->op, t->body, &d)) {
		t->out->facts = provider_facts(t->op, &provider_dispute_shape, &d);
	} else {
		t->out->verdict = "unknown";
		t->out->error = "the answer cannot be read";
	}
}

enum err paypal_dispute_get(struct talk *t)
{
	TRY(talk_ask(t, "GET", DISPUTES "%s", t->call->ref));
	take_dispute(t);
	return OK;
}

/* The dispute about a capture, the newest of them: the list tells its id only. */
enum err paypal_dispute_of_capture(struct talk *t)
{
	const char *id;

	TRY(talk_ask(t, "GET", "/v1/customer/disputes?disputed_transaction_id=%s",
		t->call->ref));
	if (!talk_done(t))
		return OK;
	id = paypal_ref(t->body, "/items/0/dispute_id");
	if (!id) {
		t->out->verdict = "absent";
		return OK;
	}
	TRY(talk_ask(t, "GET", DISPUTES "%s", id));
	take_dispute(t);
	return OK;
}

/* Whether the dispute no longer waits for what we did. */
static bool is_over(const struct provider_dispute *d, bool close)
{
	static const char *const ends[] = { "lost", "won", "warning_closed", NULL };

	for (size_t i = 0; ends[i]; i++)
		if (strcmp(d->status, ends[i]) == 0)
			return true;
	return !close && strstr(d->status, "under_review");
}

/*
 * PayPal promises nothing for a key that comes twice here.  It need not: a dispute that
 * was answered takes no second answer, and the refusal is looked into.
 */
static enum err act(struct talk *t, const char *path, bool close)
{
	struct provider_answer was;
	struct provider_dispute now;

	TRY(talk_ask(t, "POST", path, t->call->ref));
	was = *t->out;
	if (strcmp(was.verdict, "done") != 0 && strcmp(was.verdict, "refused") != 0 &&
		strcmp(was.verdict, "broken") != 0)
		return OK;
	TRY(talk_ask(t, "GET", DISPUTES "%s", t->call->ref));
	if (strcmp(was.verdict, "broken") == 0)
		was.verdict = "refused"; /* for a person to see to, like any refusal */
	if (talk_done(t) && paypal_dispute(t->op, t->body, &now)) {
		was.facts = provider_facts(t->op, &provider_dispute_shape, &now);
		if (is_over(&now, close))
			was.verdict = "done";
	}
	*t->out = was;
	return OK;
}

enum err paypal_dispute_update(struct talk *t)
{
	return act(t, DISPUTES "%s/provide-evidence", false);
}

enum err paypal_dispute_close(struct talk *t)
{
	return act(t, DISPUTES "%s/accept-claim", true);
}

static const char *field(const struct json *evidence, const char *name)
{
	const char *s = json_string(json_get(evidence, name));

	return s && *s ? s : NULL;
}

/* What proves that it was sent, or given back, has members of its own. */
static void put_proofs(struct json_writer *w, const struct json *evidence)
{
	const char *number = field(evidence, "tracking_number");
	const char *carrier = field(evidence, "carrier_name");
	const char *refund = field(evidence, "refund_id");

	if (number) {
		json_object(w, NULL);
		json_put(w, "evidence_type", "PROOF_OF_FULFILLMENT");
		json_object(w, "evidence_info");
		json_array(w, "tracking_info");
		json_object(w, NULL);
		json_put(w, "carrier_name", carrier ? carrier : "OTHER");
		json_put(w, "tracking_number", number);
		json_close(w);
		json_close(w);
		json_close(w);
		json_close(w);
	}
	if (refund) {
		json_object(w, NULL);
		json_put(w, "evidence_type", "PROOF_OF_REFUND");
		json_object(w, "evidence_info");
		json_array(w, "refund_ids");
		json_put(w, NULL, refund);
		json_close(w);
		json_close(w);
		json_close(w);
	}
}

/* Any other field is a type of evidence with a note: notes, return_policy, .. */
static void put_note(struct json_writer *w, const struct json *one)
{
	static const char *const others[] = { "tracking_number", "carrier_name",
		"refund_id", NULL };
	const char *name = json_name(one);
	char *type = op_strdup(w->op, name);

	for (size_t i = 0; others[i]; i++)
		if (strcmp(name, others[i]) == 0)
			return;
	for (char *c = type; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	json_object(w, NULL);
	json_put(w, "evidence_type", strcmp(name, "notes") == 0 ? "OTHER" : type);
	json_put(w, "notes", json_string(one));
	json_close(w);
}

/* A form of one part, as PayPal takes evidence; its boundary is the call's key. */
const char *paypal_evidence(struct op *op, const struct provider_call *call)
{
	struct json_writer w = { .op = op };
	const struct json *evidence = NULL, *one;
	const char *text = call->evidence.s ? call->evidence.s : "{}";

	if (json_parse(op, text, strlen(text), &evidence) != OK)
		fault_clear(op);
	json_object(&w, NULL);
	json_array(&w, "evidences");
	put_proofs(&w, evidence);
	for (one = json_first(evidence); one; one = json_next(one))
		if (json_string(one))
			put_note(&w, one);
	json_close(&w);
	json_close(&w);
	return op_printf(op,
		"--%s\r\nContent-Disposition: form-data; name=\"input\"\r\n"
		"Content-Type: application/json\r\n\r\n%s\r\n--%s--\r\n",
		call->key, w.text, call->key);
}
