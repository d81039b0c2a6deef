/* Customers and payment methods; only test tokens, never a card number. */
#include "nouns.h"

#define DECLINED(t, last4, code, decline, message)                                     \
	{                                                                              \
		t, "card", "visa", last4, CARD_DECLINES, code, decline, message        \
	}
#define AUTH                                                                           \
	"authentication_required", "authentication_required",                          \
		"Your card was declined. This transaction requires authentication."
#define SHORT "card_declined", "insufficient_funds", "Your card has insufficient funds."
#define NO    "card_declined", "generic_decline", "Your card was declined."

static const struct card cards[] = {
	{ "pm_card_visa", "card", "visa", "4242" },
	{ "pm_card_visa_debit", "card", "visa", "5556" },
	{ "pm_card_mastercard", "card", "mastercard", "4444" },
	{ "pm_card_amex", "card", "amex", "8431" },
	DECLINED("pm_card_chargeDeclined", "0002", "card_declined", "generic_decline",
		"Your card was declined."),
	DECLINED("pm_card_visa_chargeDeclined", "0002", "card_declined",
		"generic_decline", "Your card was declined."),
	DECLINED("pm_card_chargeDeclinedInsufficientFunds", "9995", "card_declined",
		"insufficient_funds", "Your card has insufficient funds."),
	DECLINED("pm_card_visa_chargeDeclinedInsufficientFunds", "9995",
		"card_declined", "insufficient_funds",
		"Your card has insufficient funds."),
	DECLINED("pm_card_chargeDeclinedLostCard", "9987", "card_declined", "lost_card",
		"Your card was declined."),
	DECLINED("pm_card_chargeDeclinedExpiredCard", "0069", "expired_card",
		"expired_card", "Your card has expired."),
	DECLINED("pm_card_chargeDeclinedIncorrectCvc", "0127", "incorrect_cvc",
		"incorrect_cvc", "Your card's security code is incorrect."),
	DECLINED("pm_card_chargeDeclinedProcessingError", "0119", "processing_error",
		"processing_error",
		"An error occurred while processing your card. Try again in a little "
		"bit."),
	{ "pm_card_authenticationRequired", "card", "visa", "3184", CARD_ASKS, AUTH },
	{ "pm_card_threeDSecure2Required", "card", "visa", "3220", CARD_ASKS, AUTH },
	{ "pm_card_pendingRefund", "card", "visa", "7726", .refund = REFUND_LATER },
	{ "pm_card_refundFail", "card", "visa", "5126", .refund = REFUND_FAILS_LATER },
	{ "pm_card_createDispute", "card", "visa", "0259", .disputed = true },
	{ "pm_bankDebit_success", "sepa_debit", "", "3000", CARD_LATE },
	{ "pm_bankDebit_failure", "sepa_debit", "", "3002", CARD_LATE_FAILURE, SHORT },
	{ "pm_usBankAccount_success", "us_bank_account", "", "6789", CARD_LATE },
	{ "pm_usBankAccount_noAccount", "us_bank_account", "", "1111",
		CARD_LATE_FAILURE, NO },
};

static const char method_template[] =
	"{\"id\":null,\"object\":\"payment_method\",\"billing_details\":{\"address\":"
	"{\"city\":null,\"country\":null,\"line1\":null,\"line2\":null,"
	"\"postal_code\":null,\"state\":null},\"email\":null,\"name\":null,"
	"\"phone\":null},\"created\":0,\"customer\":null,\"livemode\":false,"
	"\"metadata\":{},\"type\":null}";
static const char card_template[] =
	"{\"brand\":\"visa\",\"checks\":{\"address_line1_check\":null,"
	"\"address_postal_code_check\":null,\"cvc_check\":\"pass\"},\"country\":\"US\","
	"\"exp_month\":8,\"exp_year\":2034,\"funding\":\"credit\","
	"\"generated_from\":null,\"last4\":\"\",\"networks\":{\"available\":[\"visa\"],"
	"\"preferred\":null},\"three_d_secure_usage\":{\"supported\":true},"
	"\"wallet\":null}";
static const char charged_card_template[] =
	"{\"brand\":\"visa\",\"checks\":{\"address_line1_check\":null,"
	"\"address_postal_code_check\":null,\"cvc_check\":\"pass\"},\"country\":\"US\","
	"\"exp_month\":8,\"exp_year\":2034,\"funding\":\"credit\","
	"\"installments\":null,\"last4\":\"\",\"mandate\":null,\"network\":\"visa\","
	"\"three_d_secure\":null,\"wallet\":null}";
static const char sepa_template[] =
	"{\"bank_code\":\"37040044\",\"branch_code\":null,\"country\":\"DE\","
	"\"last4\":\"\"}";
static const char us_bank_template[] =
	"{\"account_holder_type\":\"individual\",\"account_type\":\"checking\","
	"\"bank_name\":\"STRIPE TEST BANK\",\"last4\":\"\","
	"\"routing_number\":\"110000000\"}";

/* pm_card_x and, for the older way of naming them, tok_x. */
static const struct card *card_find(const char *token)
{
	for (size_t i = 0; i < sizeof cards / sizeof *cards; i++) {
		const char *name = cards[i].token;

		if (!strcmp(name, token) ||
			(!strncmp(token, "tok_", 4) && !strncmp(name, "pm_card_", 8) &&
				!strcmp(name + 8, token + 4)))
			return &cards[i];
	}
	return NULL;
}

static cJSON *details(const struct card *card, const char *card_json)
{
	bool sepa = !strcmp(card->type, "sepa_debit");
	cJSON *d = js(!strcmp(card->type, "card") ? card_json
		      : sepa                      ? sepa_template
						  : us_bank_template);

	js_put_text(d, "last4", card->last4);
	if (*card->brand)
		js_put_text(d, "brand", card->brand);
	return d;
}

/* payment_method_details of a charge. */
cJSON *method_details(const struct thing *method)
{
	const struct card *card = method->card;
	cJSON *d = cJSON_CreateObject();

	js_put_text(d, "type", card->type);
	js_put(d, card->type, details(card, charged_card_template));
	return d;
}

static struct thing *method_new(struct sim *s, const struct card *card)
{
	cJSON *json = js(method_template);
	struct thing *t;
	char id[ID_MAX];

	new_id(s, "pm_1", id);
	js_put_text(json, "id", id);
	js_put_int(json, "created", sim_now(s));
	js_put_text(json, "type", card->type);
	js_put(json, card->type, details(card, card_template));
	t = thing_add(s, METHOD, json);
	t->card = card;
	return t;
}

/* A test token makes a new payment method each time, as at Stripe. */
struct thing *method_resolve(struct call *c, const char *id)
{
	const struct card *card = card_find(id);
	struct thing *t;

	if (card)
		return method_new(c->sim, card);
	t = thing_find(c->sim, id, METHOD);
	if (!t)
		absent(c, 400, "PaymentMethod", id, "payment_method");
	return t;
}

int method_create(struct call *c)
{
	const cJSON *card = js_get(c->form, "card");
	const char *token = js_text(card, "token");
	const struct card *found;
	struct thing *t;

	if (!js_text(c->form, "type"))
		return missing_param(c, "type");
	if (js_get(card, "number"))
		return REFUSE(c, 402, .type = "card_error",
			.message = "Sending credit card numbers directly to the Stripe "
				   "API is generally unsafe. Use a test token.");
	if (!token)
		return missing_param(c, "card[token]");
	found = card_find(token);
	if (!found)
		return absent(c, 400, "token", token, "card[token]");
	c->executed = true;
	t = method_new(c->sim, found);
	if (metadata_put(c, t->json))
		return c->status;
	return answer(c, t->json);
}

static struct thing *method_of(struct call *c)
{
	struct thing *t = thing_find(c->sim, c->id, METHOD);

	if (!t)
		absent(c, 404, "PaymentMethod", c->id, "id");
	return t;
}

int method_get(struct call *c)
{
	struct thing *t = method_of(c);

	return t ? answer(c, t->json) : c->status;
}

int method_attach(struct call *c)
{
	const char *customer = js_text(c->form, "customer");
	const struct card *card = card_find(c->id);
	struct thing *t;

	if (!customer)
		return missing_param(c, "customer");
	if (!thing_find(c->sim, customer, CUSTOMER))
		return absent(c, 400, "customer", customer, "customer");
	c->executed = true;
	t = card ? method_new(c->sim, card) : method_of(c);
	if (!t)
		return c->status;
	js_put_text(t->json, "customer", customer);
	event_emit(c->sim, c, "payment_method.attached", t->json);
	return answer(c, t->json);
}

int customer_create(struct call *c)
{
	static const char template[] =
		"{\"id\":null,\"object\":\"customer\",\"address\":null,\"balance\":0,"
		"\"created\":0,\"currency\":null,\"default_source\":null,"
		"\"delinquent\":false,\"description\":null,\"discount\":null,"
		"\"email\":null,\"invoice_settings\":{\"custom_fields\":null,"
		"\"default_payment_method\":null,\"footer\":null,"
		"\"rendering_options\":null},\"livemode\":false,\"metadata\":{},"
		"\"name\":null,\"phone\":null,\"preferred_locales\":[],"
		"\"shipping\":null,\"tax_exempt\":\"none\",\"test_clock\":null}";
	static const char *const texts[] = { "email", "name", "phone", "description" };
	cJSON *json = op_json(c, js(template));
	char id[ID_MAX];

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		js_put_text(json, texts[i], js_text(c->form, texts[i]));
	if (metadata_put(c, json))
		return c->status;
	c->executed = true;
	new_id(c->sim, "cus_", id);
	js_put_text(json, "id", id);
	js_put_int(json, "created", sim_now(c->sim));
	json = thing_add(c->sim, CUSTOMER, cJSON_Duplicate(json, true))->json;
	event_emit(c->sim, c, "customer.created", json);
	return answer(c, json);
}

int customer_get(struct call *c)
{
	struct thing *t = thing_find(c->sim, c->id, CUSTOMER);

	return t ? answer(c, t->json) : absent(c, 404, "customer", c->id, "id");
}
