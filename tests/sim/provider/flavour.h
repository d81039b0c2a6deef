/* What one provider's simulator adds to the parts that all of them share. */
#ifndef SIM_FLAVOUR_H
#define SIM_FLAVOUR_H

#include "provider/api.h"
#include "provider/control.h"
#include "provider/fault.h"
#include "provider/hook.h"
#include "provider/run.h"

extern const struct flavour {
	const char *name, *help;
	const char *key_header; /* of the idempotency key */
	const char *event_prefix;
	const char *const *kinds;     /* the lists in /sim/state, by kind, NULL ends */
	const struct choice *choices; /* options of the command line, besides all's */
	const struct route *routes, *controls;
	struct settings defaults;
	const char *errors[WORDINGS]; /* bodies of what a fault answers */

	void (*check)(const struct settings *set); /* ends the process when not right */
	/* Fill query and form from what came; false: an answer is ready instead. */
	bool (*read)(struct call *c, const char *query);
	/* Key, version and parameters are in order; false: refused. */
	bool (*admit)(struct call *c, const struct route *r);
	int (*unknown_route)(struct call *c);
	void (*finish)(struct call *c); /* after a 2xx, before it is printed */
	void (*spoil)(struct call *c, const struct fault_hit *f); /* more headers */

	/* Idempotency: how long a key is kept, what makes two requests the same. */
	int64_t (*shelf_s)(const struct call *c);
	const char *(*canonical)(struct call *c);
	int (*mismatch)(struct call *c), (*in_use)(struct call *c);
	bool forgets_failures; /* a 500 is not what a key remembers */

	/* Headers that sign a webhook, at most 10, ended by NULL. */
	void (*sign)(struct op *op, const struct delivery *d, const struct target *to,
		const char **headers);
} flavour;

#endif
