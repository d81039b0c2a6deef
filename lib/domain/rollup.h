/* The sums of sales that reports read: kept by folding the ledger, proven by adding
 * again. */
#ifndef DOMAIN_ROLLUP_H
#define DOMAIN_ROLLUP_H

#include "base/field.h"
#include "base/op.h"

#include <stdbool.h>
#include <stdint.h>

/* Fold about `most` entries; more is true when others wait that could be folded. */
enum err rollup_fold(struct op *op, int64_t most, int64_t *folded, bool *more);

/* How far behind the sums are. */
struct rollup_state {
	const char *rollup;
	struct stamp folded_at, oldest; /* oldest: of the entries that wait */
	int64_t waiting;                /* entries, counted up to 100000 */
	int64_t held_by; /* of these, behind a transaction that still runs */
};
extern const struct shape rollup_state_shape;
enum err rollup_status(struct op *op, struct rows *out);

/* A sum that is not what the ledger says. */
struct rollup_difference {
	const char *rollup, *period, *item, *currency, *stored, *recomputed;
};
extern const struct shape rollup_difference_shape;

/* Every such sum of the days from since on; no time: of all. */
enum err rollup_verify(struct op *op, struct stamp since, struct rows *out);

/*
 * Add up again the days from since on (no time: all), a transaction a day, so that
 * readers see each day as it was or as it is.
 */
struct rollup_size {
	int64_t hours, days, items;
};
extern const struct shape rollup_size_shape;
enum err rollup_rebuild(struct op *op, struct stamp since, struct rollup_size *out);

/* Count again the days that visitors' events came to: how many they were. */
enum err funnel_fold(struct op *op, int64_t *days);

#endif
