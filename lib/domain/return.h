/* Returns: announced, allowed, received, looked at, closed. */
#ifndef DOMAIN_RETURN_H
#define DOMAIN_RETURN_H

#include "base/field.h"
#include "base/op.h"

#include <stdint.h>

struct returned {
	int64_t id, order_id, refund_id, units, received, accepted;
	const char *state, *reason, *warehouse;
	struct json_text lines; /* [{sku, qty, received, restocked, scrapped, grade}] */
	struct stamp created_at, received_at, closed_at;
	bool replayed; /* it had been done before */
};
extern const struct shape returned_shape;

struct return_wish {
	int64_t order_id;
	const char *key;    /* asking twice with one key opens one */
	struct texts lines; /* "DOG-5KG:1" */
	const char *reason;
};

/* Refused by rule return_within_shipped when not as many left. */
enum err return_create(
	struct op *op, const struct return_wish *w, struct returned *out);
enum err return_approve(struct op *op, int64_t id, struct returned *out);
enum err return_reject(
	struct op *op, int64_t id, const char *reason, struct returned *out);
enum err return_cancel(struct op *op, int64_t id, struct returned *out);

/* The parcel is here; no lines: all that was announced. */
enum err return_receive(struct op *op, int64_t id, struct texts lines,
	const char *warehouse, struct returned *out);

/* "DOG-5KG:1:restock" or "DOG-5KG:1:scrap". */
enum err return_inspect(struct op *op, int64_t id, struct texts lines,
	const char *grade, struct returned *out);

/* With refund, what was accepted is given back. */
enum err return_close(struct op *op, int64_t id, bool refund, const char *reason,
	struct returned *out);

struct return_query {
	const char *state;
	int64_t order; /* 0: of any order */
	struct stamp since;
	int64_t limit;
};

/* Returns, newest first. */
enum err return_list(struct op *op, const struct return_query *q, struct rows *out);
enum err return_get(struct op *op, int64_t id, struct returned *out);

#endif
