/* Every endpoint, and the parameters it takes. */
#include "nouns.h"

#define PAGE "limit starting_after created "
#define CONFIRM                                                                        \
	"payment_method return_url off_session receipt_email setup_future_usage "      \
	"client_secret use_stripe_sdk payment_method_types payment_method_options "    \
	"mandate_data error_on_requires_action shipping"
#define INTENT                                                                         \
	"amount currency metadata description customer receipt_email shipping "        \
	"payment_method payment_method_types payment_method_options "                  \
	"setup_future_usage statement_descriptor statement_descriptor_suffix "         \
	"transfer_group capture_method"
#define PIS "/v1/payment_intents"

const struct route stripe_routes[] = {
	{ "POST", PIS, intent_create,
		INTENT " automatic_payment_methods confirm confirmation_method "
		       "off_session return_url error_on_requires_action "
		       "mandate_data use_stripe_sdk" },
	{ "GET", PIS, intent_list, PAGE "customer" },
	{ "GET", PIS "/search", intent_search, "query limit page" },
	{ "GET", PIS "/:id", intent_get, "client_secret", PUBLISHABLE },
	{ "POST", PIS "/:id", intent_update, INTENT },
	{ "POST", PIS "/:id/confirm", intent_confirm, CONFIRM, PUBLISHABLE },
	{ "POST", PIS "/:id/capture", intent_capture,
		"amount_to_capture metadata statement_descriptor final_capture" },
	{ "POST", PIS "/:id/cancel", intent_cancel, "cancellation_reason" },
	{ "POST", "/v1/refunds", refund_create,
		"charge payment_intent amount reason metadata instructions_email" },
	{ "GET", "/v1/refunds", refund_list, PAGE "payment_intent charge" },
	{ "GET", "/v1/refunds/:id", refund_get, "" },
	{ "POST", "/v1/refunds/:id", refund_update, "metadata" },
	{ "GET", "/v1/charges", charge_list, PAGE "payment_intent customer" },
	{ "GET", "/v1/charges/:id", charge_get, "" },
	{ "GET", "/v1/balance", balance_get, "" },
	{ "GET", "/v1/balance_transactions", txn_list,
		PAGE "source type currency payout" },
	{ "GET", "/v1/balance_transactions/:id", txn_get, "" },
	{ "GET", "/v1/payouts", payout_list, PAGE "status destination arrival_date" },
	{ "GET", "/v1/payouts/:id", payout_get, "" },
	{ "GET", "/v1/disputes", dispute_list, PAGE "charge payment_intent" },
	{ "GET", "/v1/disputes/:id", dispute_get, "" },
	{ "POST", "/v1/disputes/:id", dispute_update, "evidence submit metadata" },
	{ "POST", "/v1/disputes/:id/close", dispute_close, "" },
	{ "GET", "/v1/events", event_list, PAGE "type delivery_success" },
	{ "GET", "/v1/events/:id", event_get, "" },
	{ "POST", "/v1/customers", customer_create,
		"email name phone description metadata" },
	{ "GET", "/v1/customers/:id", customer_get, "" },
	{ "POST", "/v1/payment_methods", method_create,
		"type card metadata billing_details" },
	{ "GET", "/v1/payment_methods/:id", method_get, "" },
	{ "POST", "/v1/payment_methods/:id/attach", method_attach, "customer" },
	{ 0 },
};
