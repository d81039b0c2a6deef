/* What people wish to be told, and where nothing is sent to any more. */
#include "domain/preference.h"

#include "db/db.h"

const struct shape preference_shape =
	SHAPE(preference, FIELD(preference, topic), FIELD(preference, channel),
		FIELD(preference, allowed), FIELD(preference, origin),
		FIELD(preference, changed_at), FIELD(preference, changed_by));

enum err preference_show(struct op *op, const char *email, struct rows *out)
{
	return db_rows(op, "preference_show", &preference_shape, out, V(email));
}

enum err preference_set(struct op *op, const struct wish *w, struct rows *out)
{
	return db_rows(op, "preference_set", &preference_shape, out, V(w->email),
		V(w->topic), V(w->channel), V(w->allowed));
}

const struct shape quiet_shape = SHAPE(quiet, FIELD(quiet, email), FIELD(quiet, tz),
	FIELD(quiet, begins), FIELD(quiet, ends), FIELD(quiet, quiet_until));

enum err quiet_hours(struct op *op, const struct quiet *q, struct quiet *out)
{
	return db_one(op, "quiet_hours", &quiet_shape, out, V(q->email), V(q->tz),
		V(q->begins), V(q->ends));
}

struct left {
	const char *topic;
};
static const struct shape left_shape = SHAPE(left, FIELD(left, topic));

enum err unsubscribe(struct op *op, const char *token, const char **topic)
{
	struct left l;

	TRY(db_one(op, "unsubscribe", &left_shape, &l, V(token)));
	*topic = l.topic;
	return OK;
}

const struct shape suppression_shape = SHAPE(suppression, FIELD(suppression, channel),
	FIELD(suppression, address), FIELD(suppression, why), FIELD(suppression, at),
	FIELD(suppression, by), FIELD(suppression, note));

enum err suppression_list(
	struct op *op, const struct suppression_query *q, struct rows *out)
{
	return db_rows(op, "suppression_list", &suppression_shape, out, V(q->channel),
		V(q->why), V(q->limit));
}

enum err suppression_add(
	struct op *op, const struct suppression *s, struct suppression *out)
{
	return db_one(op, "suppression_add", &suppression_shape, out, V(s->channel),
		V(s->address), V(s->why));
}

enum err suppression_remove(
	struct op *op, const struct suppression *s, struct suppression *out)
{
	return db_one(op, "suppression_remove", &suppression_shape, out, V(s->channel),
		V(s->address));
}
