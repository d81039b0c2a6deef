/* What another system says lies on a shelf, once for each key. */
#ifndef DOMAIN_INVENTORY_H
#define DOMAIN_INVENTORY_H

#include "base/field.h"
#include "base/op.h"
#include "base/sha.h"

struct inventory_result {
	const char *sku, *warehouse;
	int64_t on_hand, reserved, available;
	bool replayed;
};

struct inventory {
	int64_t client_id;
	const char *key, *sku, *warehouse;
	unsigned char fingerprint[SHA256_BYTES]; /* of all that was asked */
	int64_t on_hand, expected;               /* -1: whatever lies there */
	bool matched;                            /* expected comes from If-Match */
	const char *reason;
	struct inventory_result result;
};

/*
 * Set on_hand, as a movement with its audit row.  The same key again has the first
 * answer; with another request, order_key_names_one_request.  E_REFUSED with
 * stock_is_as_expected when something else lies there than was expected.
 */
enum err inventory_set(
	struct op *op, const struct inventory *i, struct inventory_result *out);

#endif
