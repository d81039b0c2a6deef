/* What people wish to be told, and where nothing is sent to any more. */
#ifndef DOMAIN_PREFERENCE_H
#define DOMAIN_PREFERENCE_H

#include "base/field.h"
#include "base/op.h"

/* One wish of an address; `origin` is chosen, or default where nothing was said. */
struct preference {
	const char *topic, *channel, *origin, *changed_by;
	bool allowed;
	struct stamp changed_at;
};
extern const struct shape preference_shape;

struct wish {
	const char *email, *topic, *channel;
	bool allowed;
};

/* All wishes of an address; the same after a change of one. */
enum err preference_show(struct op *op, const char *email, struct rows *out);
enum err preference_set(struct op *op, const struct wish *w, struct rows *out);

/* When an address sleeps; email NULL is the shop's own rule.  NULLs stay as they are.
 */
struct quiet {
	const char *email, *tz, *begins, *ends;
	struct stamp quiet_until; /* when they end, if it is quiet now */
};
extern const struct shape quiet_shape;
enum err quiet_hours(struct op *op, const struct quiet *q, struct quiet *out);

/* The topic that a link of a mail leaves; E_NOT_FOUND when we did not make it. */
enum err unsubscribe(struct op *op, const char *token, const char **topic);

/* An address or number that nothing is sent to. */
struct suppression {
	const char *channel, *address, *why, *by, *note;
	struct stamp at;
};
extern const struct shape suppression_shape;

struct suppression_query {
	const char *channel, *why;
	int64_t limit;
};
enum err suppression_list(
	struct op *op, const struct suppression_query *q, struct rows *out);
enum err suppression_add(
	struct op *op, const struct suppression *s, struct suppression *out);
enum err suppression_remove(
	struct op *op, const struct suppression *s, struct suppression *out);

#endif
