/* The invariants of the shop, proven by queries that must return nothing. */
#ifndef DOMAIN_FSCK_H
#define DOMAIN_FSCK_H

#include "base/clock.h"
#include "base/field.h"

/* evidence is a query for psql; repair a command, or words when there is none. */
struct violation {
	const char *code, *area, *rule, *object, *detail, *words, *repair, *evidence;
};
extern const struct shape violation_shape;

struct invariant {
	const char *code, *area, *rule, *words, *repair;
};
extern const struct shape invariant_shape;

/* What to look at; all of it zero: everything in the whole shop. */
struct fsck_query {
	struct texts only;  /* codes (L1) or areas (stock) */
	int64_t order;      /* this order alone */
	struct stamp since; /* orders that something happened to since then */
	bool incremental;   /* the same, since the last whole or incremental check */
	bool security;      /* the roles and their rights as well */
};

/*
 * Every violation in one snapshot; changes nothing but the note that it ran, which
 * is what the next incremental check goes by.
 */
enum err fsck_run(struct op *op, const struct fsck_query *q, struct rows *out);

/* The invariants that fsck_run() proves. */
enum err fsck_list(struct op *op, struct rows *out);

#endif
