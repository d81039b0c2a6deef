/*
 * The provider that is nobody: an invoice waits until an operator matches money to it,
 * a refund until one says that it was transferred.  Every answer is made here, so a
 * payment by hand goes the way of all payments.
 */
#include "adapters/provider.h"

#include <string.h>

/* The state that each question finds; what is not here is refused. */
static const struct {
	const char *action, *status;
	bool refund;
} answers[] = {
	{ "payment.create", "open", false },
	{ "payment.find", "open", false },
	{ "payment.get", "open", false },
	{ "payment.cancel", "canceled", false },
	{ "refund.create", "pending", true },
	{ "refund.find", "pending", true },
	{ "refund.get", "pending", true },
};

static const char *payment(
	struct op *op, const struct provider_call *asked, const char *status)
{
	const struct provider_payment facts = {
		.ref = op_printf(op, "manual_%lld", (long long)asked->payment_id),
		.status = status,
		.currency = asked->amount.currency,
		.amount = asked->amount.minor,
		.payment_id = asked->payment_id,
	};

	return provider_facts(op, &provider_payment_shape, &facts);
}

static const char *refund(
	struct op *op, const struct provider_call *asked, const char *status)
{
	const struct provider_refund facts = {
		.ref = op_printf(op, "manual_refund_%lld", (long long)asked->refund_id),
		.status = status,
		.currency = asked->amount.currency,
		.amount = asked->amount.minor,
		.refund_id = asked->refund_id,
	};

	return provider_facts(op, &provider_refund_shape, &facts);
}

static enum err call(
	struct op *op, const struct provider_call *asked, struct provider_answer *out)
{
	*out = (struct provider_answer){ .verdict = "refused",
		.error = "by hand only" };
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		if (strcmp(answers[i].action, asked->action) != 0)
			continue;
		*out = (struct provider_answer){ .verdict = "done" };
		out->facts = answers[i].refund ? refund(op, asked, answers[i].status)
					       : payment(op, asked, answers[i].status);
	}
	return OK;
}

/* What has an effect has an intent, though nothing is sent. */
static enum err body(struct op *op, const struct provider_call *asked, const char **out)
{
	size_t n = strlen(asked->action);

	*out = n > 4 && (!strcmp(asked->action + n - 4, ".get") ||
				!strcmp(asked->action + n - 5, ".find"))
		       ? NULL
		       : op_printf(op, "%s by hand", asked->action);
	return OK;
}

static bool livemode(const struct config *config)
{
	(void)config;
	return true;
}

static enum err event(struct op *op, struct provider_event *e)
{
	return fail(op, E_DATA, "webhook_is_readable", "%s is no event: nobody tells",
		e->type);
}

const struct provider manual_provider = {
	.name = "manual",
	.livemode = livemode,
	.body = body,
	.call = call,
	.event = event,
};
