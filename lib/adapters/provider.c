/* The providers there are, and facts as JSON. */
#include "adapters/provider.h"

#include <string.h>

#define PROVIDER(name) extern const struct provider name##_provider;
#include "adapters/providers.h"
#undef PROVIDER

static const struct provider *const providers[] = {
#define PROVIDER(name) &name##_provider,
#include "adapters/providers.h"
#undef PROVIDER
};

const struct shape provider_payment_shape = SHAPE(provider_payment,
	FIELD(provider_payment, ref), FIELD(provider_payment, status),
	FIELD(provider_payment, currency), FIELD(provider_payment, amount),
	FIELD(provider_payment, captured), FIELD(provider_payment, charge),
	FIELD(provider_payment, fee), FIELD(provider_payment, fee_currency),
	FIELD(provider_payment, fee_ref), FIELD(provider_payment, client_secret),
	FIELD(provider_payment, next_action), FIELD(provider_payment, error),
	FIELD(provider_payment, decline),
	FIELD(provider_payment, payment_id, .flags = FIELD_ID | FIELD_OPTIONAL),
	FIELD(provider_payment, op_key), FIELD(provider_payment, capture_before),
	FIELD(provider_payment, honor_until), FIELD(provider_payment, parts));

const struct shape provider_refund_shape = SHAPE(provider_refund,
	FIELD(provider_refund, ref), FIELD(provider_refund, payment_ref),
	FIELD(provider_refund, status), FIELD(provider_refund, currency),
	FIELD(provider_refund, amount), FIELD(provider_refund, error),
	FIELD(provider_refund, refund_id, .flags = FIELD_ID | FIELD_OPTIONAL),
	FIELD(provider_refund, op_key), FIELD(provider_refund, charge),
	FIELD(provider_refund, fee), FIELD(provider_refund, fee_currency));

const struct shape provider_txn_shape = SHAPE(provider_txn, FIELD(provider_txn, ref),
	FIELD(provider_txn, type), FIELD(provider_txn, reporting_category),
	FIELD(provider_txn, source_ref), FIELD(provider_txn, payment_ref),
	FIELD(provider_txn, order_hint, .flags = FIELD_ID | FIELD_OPTIONAL),
	FIELD(provider_txn, currency), FIELD(provider_txn, amount),
	FIELD(provider_txn, fee), FIELD(provider_txn, net),
	FIELD(provider_txn, created), FIELD(provider_txn, available_on),
	FIELD(provider_txn, payout_ref));

const struct shape provider_payout_shape =
	SHAPE(provider_payout, FIELD(provider_payout, ref),
		FIELD(provider_payout, status), FIELD(provider_payout, currency),
		FIELD(provider_payout, amount), FIELD(provider_payout, automatic),
		FIELD(provider_payout, itemised), FIELD(provider_payout, created),
		FIELD(provider_payout, arrival), FIELD(provider_payout, error));

const struct shape provider_balance_shape = SHAPE(provider_balance,
	FIELD(provider_balance, currency), FIELD(provider_balance, available),
	FIELD(provider_balance, pending), FIELD(provider_balance, at));

const struct shape provider_dispute_shape = SHAPE(provider_dispute,
	FIELD(provider_dispute, ref), FIELD(provider_dispute, payment_ref),
	FIELD(provider_dispute, charge), FIELD(provider_dispute, status),
	FIELD(provider_dispute, reason), FIELD(provider_dispute, currency),
	FIELD(provider_dispute, amount), FIELD(provider_dispute, refundable),
	FIELD(provider_dispute, submissions), FIELD(provider_dispute, evidence_due_by),
	FIELD(provider_dispute, txns));

enum err provider_find(struct op *op, const char *name, const struct provider **out)
{
	for (size_t i = 0; i < sizeof providers / sizeof *providers; i++) {
		if (strcmp(providers[i]->name, name) == 0) {
			*out = providers[i];
			return OK;
		}
	}
	return fail(
		op, E_BROKEN, "provider_is_known", "nobody here speaks to %s", name);
}

const char *provider_facts(struct op *op, const struct shape *s, const void *facts)
{
	const char *json = "{";

	for (size_t i = 0; i < s->count; i++)
		json = op_printf(op, "%s%s%s:%s", json, i ? "," : "",
			json_quote(op, s->fields[i].name),
			field_json(op, &s->fields[i], facts));
	return op_printf(op, "%s}", json);
}
