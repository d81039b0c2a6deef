/* The audit log and its seals. */
#ifndef DOMAIN_AUDIT_H
#define DOMAIN_AUDIT_H

#include "base/field.h"
#include "base/op.h"

struct audit_row {
	int64_t id;
	struct stamp at;
	const char *actor, *role, *object, *action, *reason, *trace;
	struct json_text before, after;
	int64_t seal;       /* 0: not sealed yet */
	const char *digest; /* what its seal remembers of it */
};
extern const struct shape audit_row_shape;
extern const struct shape audit_row_full_shape;

/* NULL and 0 are "any". */
struct audit_query {
	const char *object, *actor, *action;
	struct stamp since;
	int64_t limit;
};
enum err audit_list(struct op *op, const struct audit_query *q, struct rows *out);
enum err audit_get(struct op *op, int64_t id, struct audit_row *out);

/* What is not as it was sealed, oldest first; none: all of it is. */
struct audit_fault {
	int64_t seal, id;
	const char *problem, *detail;
};
extern const struct shape audit_fault_shape;
enum err audit_verify(
	struct op *op, struct stamp since, const char *anchor, struct rows *out);

/* Seal all that was committed. */
struct audit_sealed {
	int64_t done, seal;
	const char *root;
};
extern const struct shape audit_sealed_shape;
enum err audit_seal(struct op *op, struct audit_sealed *out);

/* The newest seal. */
struct audit_anchor {
	int64_t seal;
	const char *root;
	struct stamp sealed_at;
	int64_t unsealed;
};
extern const struct shape audit_anchor_shape;
enum err audit_anchor(struct op *op, struct audit_anchor *out);

#endif
