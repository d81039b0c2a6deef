/* shopctl payment capture, void, retry, match: what an operator does about money. */
#include "shopctl/payment_act.h"

#include "adapters/provider.h"
#include "base/out.h"
#include "domain/payment.h"

struct capture {
	int64_t number;
	struct money amount;
	bool final;
};

const struct shape payment_capture_args = SHAPE(capture,
	FIELD(capture, number, "ORDER|PAYMENT",
		"number of the order, or of its payment",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(capture, amount, "AMOUNT",
		"so much: 30.00EUR (default: all that is left)"),
	FIELD(capture, final, NULL, "let what remains go"));

struct number {
	int64_t number;
};

const struct shape payment_void_args = SHAPE(number,
	FIELD(number, number, "ORDER|PAYMENT", "number of the order, or of its payment",
		FIELD_OPERAND | FIELD_REQUIRED));

struct retry {
	int64_t order;
	const char *method, *provider;
};

const struct shape payment_retry_args = SHAPE(retry,
	FIELD(retry, order, "ORDER", "number of the order",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(retry, method, "ID",
		"a saved payment method to charge (default: the customer chooses)"),
	FIELD(retry, provider, "PROVIDER",
		"whom to ask: stripe, manual, ... (default: who was asked)"));

struct match {
	int64_t order;
	struct money amount;
	const char *reference;
};

const struct shape payment_match_args = SHAPE(match,
	FIELD(match, order, "ORDER", "number of the order",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(match, amount, "AMOUNT", "the money that came: 59.98EUR", FIELD_REQUIRED),
	FIELD(match, reference, "TEXT",
		"what names it on the bank's statement; counts once", FIELD_REQUIRED));

enum err payment_capture_run(struct op *op, const void *args)
{
	const struct capture *a = args;
	struct payment_moved m;

	TRY(payment_capture(op, a->number, a->amount, a->final, &m));
	return out_one(op, &payment_moved_shape, &m);
}

enum err payment_void_run(struct op *op, const void *args)
{
	const struct number *a = args;
	struct payment_moved m;

	TRY(payment_void(op, a->number, &m));
	return out_one(op, &payment_moved_shape, &m);
}

enum err payment_retry_run(struct op *op, const void *args)
{
	const struct retry *a = args;
	struct payment_attempt p;

	TRY(provider_check(op, a->provider));
	TRY(payment_retry(op, a->order, a->provider, a->method, &p));
	TRY(out_one(op, &payment_attempt_shape, &p));
	if (p.waits_for)
		out_note(op,
			"payment %lld is ended first; should it become money, that "
			"counts",
			(long long)p.waits_for);
	return OK;
}

enum err payment_match_run(struct op *op, const void *args)
{
	const struct match *a = args;
	struct payment_matched m;

	TRY(payment_match(op, a->order, a->amount, a->reference, &m));
	TRY(out_one(op, &payment_matched_shape, &m));
	if (m.replayed)
		out_note(op,
			"this reference was matched before: nothing new was booked");
	else if (!m.applied)
		out_note(op, "it does not pay the order: shopctl order why %lld",
			(long long)a->order);
	return OK;
}
