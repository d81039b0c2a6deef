/* PaymentIntents: create, change, find, capture, cancel. */
#include "nouns.h"

#include "base/money.h"

#include <ctype.h>

enum { LEAST = 50, MOST = 99999999 };

static const char template[] =
	"{\"id\":null,\"object\":\"payment_intent\",\"amount\":0,"
	"\"amount_capturable\":0,\"amount_details\":{\"tip\":{}},"
	"\"amount_received\":0,\"application\":null,\"application_fee_amount\":null,"
	"\"automatic_payment_methods\":null,\"canceled_at\":null,"
	"\"cancellation_reason\":null,\"capture_method\":\"automatic\","
	"\"client_secret\":null,\"confirmation_method\":\"automatic\",\"created\":0,"
	"\"currency\":null,\"customer\":null,\"description\":null,\"invoice\":null,"
	"\"last_payment_error\":null,\"latest_charge\":null,\"livemode\":false,"
	"\"metadata\":{},\"next_action\":null,\"on_behalf_of\":null,"
	"\"payment_method\":null,\"payment_method_options\":{},"
	"\"payment_method_types\":[\"card\"],\"processing\":null,"
	"\"receipt_email\":null,\"review\":null,\"setup_future_usage\":null,"
	"\"shipping\":null,\"statement_descriptor\":null,"
	"\"statement_descriptor_suffix\":null,"
	"\"status\":\"requires_payment_method\",\"transfer_data\":null,"
	"\"transfer_group\":null}";

struct thing *intent_of(struct call *c)
{
	struct thing *pi = thing_find(c->sim, c->id, PI);
	const char *secret = js_text(c->form, "client_secret");

	if (!secret)
		secret = js_text(c->query, "client_secret");
	if (pi && (c->publishable || secret) &&
		(!secret || !js_is(pi->json, "client_secret", secret))) {
		REFUSE(c, 400, .code = "payment_intent_invalid_parameter",
			.param = "client_secret",
			.message = "The client_secret provided does not match the "
				   "client_secret associated with the PaymentIntent.");
		return NULL;
	}
	if (!pi)
		absent(c, 404, "payment_intent", c->id, "intent");
	return pi;
}

int intent_state_refused(struct call *c, const struct thing *pi, const char *verb)
{
	return REFUSE(c, 400, .code = "payment_intent_unexpected_state",
		.intent = pi->json,
		.message = op_printf(c->op,
			"You cannot %s this PaymentIntent because it has a status of "
			"%s.",
			verb, js_text(pi->json, "status")));
}

static int bad_amount(struct call *c, int64_t amount)
{
	if (!amount)
		return missing_param(c, "amount");
	if (amount < 0)
		return REFUSE(c, 400, .code = "parameter_invalid_integer",
			.param = "amount", .message = "Invalid positive integer");
	if (amount < LEAST)
		return REFUSE(c, 400, .code = "amount_too_small", .param = "amount",
			.message = "Amount must be at least 50 of the minor unit");
	if (amount > MOST)
		return REFUSE(c, 400, .code = "amount_too_large", .param = "amount",
			.message = "Amount must be no more than 999,999.99");
	return 0;
}

static int bad_currency(struct call *c, const char *currency)
{
	char upper[4] = "";

	if (!currency)
		return missing_param(c, "currency");
	for (size_t i = 0; strlen(currency) == 3 && i < 3; i++)
		if (islower((unsigned char)currency[i]))
			upper[i] = (char)toupper((unsigned char)currency[i]);
	if (money_exponent(upper) < 0)
		return REFUSE(c, 400, .param = "currency",
			.message =
				op_printf(c->op, "Invalid currency: %.40s.", currency));
	return 0;
}

/* https://docs.stripe.com/currencies#special-cases */
static int64_t step_of(const char *currency)
{
	return strstr("isk ugx", currency)               ? 100
	       : strstr("bhd jod kwd omr tnd", currency) ? 10
							 : 1;
}

static bool one_of(const char *value, const char *list)
{
	const char *at = value ? strstr(list, value) : NULL;
	size_t n = value ? strlen(value) : 0;

	return at && n && (at == list || at[-1] == ' ') && (!at[n] || at[n] == ' ');
}

static int copy_texts(struct call *c, cJSON *json)
{
	static const char *const names[] = { "description", "receipt_email",
		"statement_descriptor", "statement_descriptor_suffix", "customer",
		"transfer_group", "setup_future_usage" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (js_text(c->form, names[i]))
			js_put_text(json, names[i], js_text(c->form, names[i]));
	if (js_text(c->form, "customer") &&
		!thing_find(c->sim, js_text(c->form, "customer"), CUSTOMER))
		return absent(
			c, 400, "customer", js_text(c->form, "customer"), "customer");
	if (cJSON_IsObject(js_get(c->form, "shipping")))
		js_put(json, "shipping",
			cJSON_Duplicate(js_get(c->form, "shipping"), true));
	return metadata_put(c, json);
}

/* Since 2024-04-10 the fee of a card payment comes later unless asked otherwise. */
static int capture_method(struct call *c, cJSON *json)
{
	const char *asked = js_text(c->form, "capture_method");

	if (!asked)
		asked = c->version && strcmp(c->version, "2024-04-10") >= 0
				? "automatic_async"
				: "automatic";
	if (!one_of(asked, "automatic automatic_async manual"))
		return REFUSE(c, 400, .param = "capture_method",
			.message = "Invalid capture_method");
	js_put_text(json, "capture_method", asked);
	return 0;
}

static int method_types(struct call *c, cJSON *json)
{
	const cJSON *asked = js_get(c->form, "payment_method_types"), *one;
	cJSON *types = op_json(c, cJSON_CreateArray());

	cJSON_ArrayForEach(one, asked)
	{
		if (!one_of(cJSON_GetStringValue(one),
			    "card sepa_debit us_bank_account link"))
			return REFUSE(c, 400, .param = "payment_method_types",
				.message = "The payment method type is invalid.");
		cJSON_AddItemToArray(
			types, cJSON_CreateString(cJSON_GetStringValue(one)));
	}
	if (cJSON_GetArraySize(types)) {
		js_put(json, "payment_method_types", cJSON_Duplicate(types, true));
		return 0;
	}
	js_put(json, "payment_method_types",
		js("[\"card\",\"sepa_debit\",\"us_bank_account\"]"));
	js_put(json, "automatic_payment_methods",
		js("{\"allow_redirects\":\"always\",\"enabled\":true}"));
	return 0;
}

/* More than one capture has to be asked for when the intent is made. */
static void multicapture(const struct call *c, cJSON *json)
{
	const char *asked =
		js_text(js_get(js_get(c->form, "payment_method_options"), "card"),
			"request_multicapture");

	if (!asked)
		return;
	js_put(json, "payment_method_options",
		js("{\"card\":{\"installments\":null,\"mandate_options\":null,"
		   "\"network\":null,\"request_three_d_secure\":\"automatic\"}}"));
	js_put_text(js_get(js_get(json, "payment_method_options"), "card"),
		"request_multicapture", asked);
}

static struct thing *intent_new(struct call *c, const cJSON *checked)
{
	cJSON *json = cJSON_Duplicate(checked, true);
	char id[ID_MAX], secret[ID_MAX];

	new_id(c->sim, "pi_3", id);
	new_id(c->sim, "", secret);
	js_put_text(json, "id", id);
	js_put_text(
		json, "client_secret", op_printf(c->op, "%s_secret_%s", id, secret));
	js_put_int(json, "created", sim_now(c->sim));
	return thing_add(c->sim, PI, json);
}

int intent_create(struct call *c)
{
	int64_t amount = param_amount(c->form, "amount");
	const char *currency = js_text(c->form, "currency");
	const char *method = js_text(c->form, "payment_method");
	bool confirm = js_is(c->form, "confirm", "true");
	cJSON *json = op_json(c, js(template));
	struct thing *pi, *pm;

	if (bad_amount(c, amount) || bad_currency(c, currency) || copy_texts(c, json) ||
		capture_method(c, json) || method_types(c, json))
		return c->status;
	if (js_get(c->form, "off_session") && !confirm)
		return REFUSE(c, 400, .param = "off_session",
			.message = "off_session can only be set with confirm=true.");
	if (amount % step_of(currency))
		return REFUSE(c, 400, .param = "amount",
			.message = op_printf(c->op,
				"Amounts in %s must be divisible by %d.", currency,
				(int)step_of(currency)));
	js_put_int(json, "amount", amount);
	js_put_text(json, "currency", currency);
	multicapture(c, json);
	c->executed = true;
	pm = method && !confirm ? method_resolve(c, method) : NULL;
	if (method && !confirm && !pm)
		return c->status;
	pi = intent_new(c, json);
	if (pm) {
		js_put_text(pi->json, "payment_method", pm->id);
		js_put_text(pi->json, "status", "requires_confirmation");
	}
	event_emit(c->sim, c, "payment_intent.created", pi->json);
	return confirm ? confirm_with(c, pi, method) : answer(c, pi->json);
}

int intent_get(struct call *c)
{
	struct thing *pi = intent_of(c);

	return pi ? answer(c, pi->json) : c->status;
}

int intent_list(struct call *c)
{
	return answer_list(c, PI, "customer");
}

int intent_update(struct call *c)
{
	struct thing *pi = intent_of(c), *pm = NULL;
	int64_t amount = param_amount(c->form, "amount");
	const char *method = js_text(c->form, "payment_method");
	bool open;

	c->executed = true;
	if (!pi)
		return c->status;
	open = one_of(js_text(pi->json, "status"),
		"requires_payment_method requires_confirmation requires_action");
	if (!open && (amount || method || js_get(c->form, "currency")))
		return intent_state_refused(c, pi, "update");
	if ((amount && bad_amount(c, amount)) ||
		(js_get(c->form, "currency") &&
			bad_currency(c, js_text(c->form, "currency"))) ||
		(method && !(pm = method_resolve(c, method))) ||
		copy_texts(c, pi->json))
		return c->status;
	if (amount)
		js_put_int(pi->json, "amount", amount);
	if (js_get(c->form, "currency"))
		js_put_text(pi->json, "currency", js_text(c->form, "currency"));
	if (pm) {
		js_put_text(pi->json, "payment_method", pm->id);
		js_put_text(pi->json, "status", "requires_confirmation");
	}
	return answer(c, pi->json);
}

static void cancel(
	struct sim *s, const struct call *c, struct thing *pi, const char *reason)
{
	struct thing *charge =
		thing_find(s, js_text(pi->json, "latest_charge"), CHARGE);

	if (charge && js_is(pi->json, "status", "requires_capture")) {
		int64_t taken = js_int(charge->json, "amount_captured");

		js_put_bool(charge->json, "captured", taken > 0);
		js_put_bool(charge->json, "refunded", taken == 0);
		js_put_int(charge->json, "amount_refunded",
			taken ? 0 : js_int(charge->json, "amount"));
		event_emit(s, c, "charge.refunded", charge->json);
	}
	js_put_text(pi->json, "status", "canceled");
	js_put_int(pi->json, "amount_capturable", 0);
	js_put_int(pi->json, "canceled_at", sim_now(s));
	js_put_text(pi->json, "cancellation_reason", reason);
	js_put_text(pi->json, "next_action", NULL);
	event_emit(s, c, "payment_intent.canceled", pi->json);
}

/* An authorization nobody captured lapses by itself. */
void intent_lapse(struct sim *s, const char *id)
{
	struct thing *pi = thing_find(s, id, PI);

	if (pi && js_is(pi->json, "status", "requires_capture"))
		cancel(s, NULL, pi, "automatic");
}

int intent_cancel(struct call *c)
{
	struct thing *pi = intent_of(c);
	const char *reason = js_text(c->form, "cancellation_reason");

	if (reason && !one_of(reason, "duplicate fraudulent requested_by_customer "
				      "abandoned"))
		return REFUSE(c, 400, .param = "cancellation_reason",
			.message = "Invalid cancellation_reason");
	c->executed = true;
	if (!pi)
		return c->status;
	if (!one_of(js_text(pi->json, "status"),
		    "requires_payment_method requires_capture requires_confirmation "
		    "requires_action"))
		return intent_state_refused(c, pi, "cancel");
	cancel(c->sim, c, pi, reason);
	return answer(c, pi->json);
}
