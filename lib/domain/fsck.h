/* The invariants of the shop, proven by queries that must return nothing. */
#ifndef DOMAIN_FSCK_H
#define DOMAIN_FSCK_H

#include "base/field.h"

struct violation {
	const char *code, *area, *rule, *object, *detail, *words, *repair;
};
extern const struct shape violation_shape;

struct invariant {
	const char *code, *area, *rule, *words, *repair;
};
extern const struct shape invariant_shape;

/* Every violation in one snapshot; only: codes or areas, none is all.  Changes nothing.
 */
enum err fsck_run(struct op *op, struct texts only, struct rows *out);

/* The invariants that fsck_run() proves. */
enum err fsck_list(struct op *op, struct rows *out);

#endif
