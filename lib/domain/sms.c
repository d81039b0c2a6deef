/* What the provider of short messages tells. */
#include "domain/sms.h"

#include "db/db.h"

struct outcome {
	const char *result;
};
static const struct shape outcome_shape = SHAPE(outcome, FIELD(outcome, result));

enum err sms_heard(struct op *op, const struct sms_answered *a, const char **result)
{
	struct outcome o;

	TRY(db_one(op, "sms_heard", &outcome_shape, &o, V(a->sid), V(a->sender),
		V(a->word)));
	*result = o.result;
	return OK;
}

enum err sms_told(struct op *op, const struct sms_told *t, const char **result)
{
	struct outcome o;

	TRY(db_one(op, "sms_told", &outcome_shape, &o, V(t->notification), V(t->copy),
		V(t->sid), V(t->state), V(t->error), V(t->suppress)));
	*result = o.result;
	return OK;
}
