/* Reconciliation: the provider's books are copied, page by page, and compared with
 * ours.
 */
#ifndef DOMAIN_RECONCILE_H
#define DOMAIN_RECONCILE_H

#include "base/field.h"
#include "base/op.h"

#include <stdint.h>

/* What to ask the provider next: payout.list, txn.list, and then the
 * objects whose money we do not know. */
struct reconcile_step {
	const char *action, *provider, *ref, *cursor;
	struct stamp since;
};
extern const struct shape reconcile_step_shape;

/* What it answered; verdicts are those of provider_answer. */
struct reconcile_page {
	const char *verdict, *error, *next;
	struct json_text facts;
};

/* What is compared: from when on (0: ever), and whether it is read once more. */
struct reconcile_range {
	struct stamp since;
	bool reread;
};

/* Begin, or go on with the one that was interrupted.  source: "api" or a file's name.
 */
enum err reconcile_begin(struct op *op, const char *provider, const char *source,
	const struct reconcile_range *range, int64_t *run);

/*
 * Ask until nothing is left to ask or, when *until is set, it is later than that; *done
 * tells which.  Each page commits with how far it came, so that nothing is asked twice
 * and nothing is skipped, wherever this ends.
 */
enum err reconcile_read(struct op *op, int64_t run,
	enum err (*ask)(struct op *op, const struct reconcile_step *step,
		struct reconcile_page *out),
	struct stamp until, bool *done);

/* Rows of a file, as a JSON array of txn_facts. */
enum err reconcile_put(struct op *op, int64_t run, struct json_text facts);

struct difference {
	const char *kind, *object, *detail, *state, *words, *remedy;
	int64_t order_id, payment_id, incident;
	struct money ours, theirs;
	struct stamp at;
};
extern const struct shape difference_shape;

/* Compare, tell of each difference once, and end it. */
enum err reconcile_finish(
	struct op *op, int64_t run, int64_t tolerance, struct rows *out);

/* What a provider said it holds, against the sum of its transactions and the ledger. */
struct provider_held {
	const char *provider, *verdict;
	struct money held, available, pending, mirror, ledger, waiting;
	struct stamp at;
};
extern const struct shape provider_held_shape;

/* Of one run, or of each provider's last (0). */
enum err balance_list(struct op *op, int64_t run, struct rows *out);

/* Captured money that no live order stands for, here or at the provider. */
struct orphan {
	const char *place, *object, *order_state, *remedy;
	int64_t payment_id, order_id;
	struct money captured, left;
	struct stamp at;
};
extern const struct shape orphan_shape;
enum err payment_orphans(struct op *op, struct stamp since, struct rows *out);

#endif
