/* The breaker of each provider: of payments, of mail, of messages. */
#include "domain/breaker.h"

#include "db/db.h"

static const struct shape word_shape =
	SHAPE(breaker_word, FIELD(breaker_word, go), FIELD(breaker_word, probe),
		FIELD(breaker_word, wait_s), FIELD(breaker_word, failures));

enum err breaker_ask(
	struct op *op, const char *provider, int64_t probe_s, struct breaker_word *out)
{
	return db_one(op, "breaker_ask", &word_shape, out, V(provider), V(probe_s));
}

struct told {
	const char *state;
	bool changed;
};
static const struct shape told_shape =
	SHAPE(told, FIELD(told, state), FIELD(told, changed));

enum err breaker_tell(struct op *op, const char *provider, const struct breaker_note *n,
	const char **state, bool *changed)
{
	struct told told;

	TRY(db_one(op, "breaker_note", &told_shape, &told, V(provider), V(n->failed),
		V(n->error), V(n->most), V(n->pause_s)));
	*state = told.state;
	*changed = told.changed;
	return OK;
}

const struct shape breaker_shape = SHAPE(breaker,
	FIELD(breaker, provider, NULL, NULL, FIELD_ID), FIELD(breaker, state),
	FIELD(breaker, since), FIELD(breaker, failures), FIELD(breaker, probe_at),
	FIELD(breaker, waiting), FIELD(breaker, reason), FIELD(breaker, error));

enum err breaker_list(struct op *op, const char *provider, struct rows *out)
{
	return db_rows(op, "breaker_list", &breaker_shape, out, V(provider));
}

enum err breaker_trip(
	struct op *op, const char *provider, int64_t for_s, const char *reason)
{
	struct value n = V(for_s), null = V((const char *)NULL);

	return db_do(op, "breaker_trip", V(provider), for_s > 0 ? n : null, V(reason));
}

enum err breaker_reset(struct op *op, const char *provider)
{
	return db_do(op, "breaker_reset", V(provider));
}
