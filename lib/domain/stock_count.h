/* Counts of what lies in a warehouse. */
#ifndef DOMAIN_STOCK_COUNT_H
#define DOMAIN_STOCK_COUNT_H

#include "base/field.h"
#include "base/op.h"

#include <stdint.h>

struct stock_count {
	int64_t id;
	const char *state; /* open, posted, canceled */
	const char *warehouse;
	bool blind; /* nobody sees the book before it is posted */
	int64_t skus, counted;
	/* Numbers, or null while nobody may see them. */
	struct json_text differ, more, missing;
	const char *reason;
	struct stamp started_at, closed_at;
	bool replayed;
};
extern const struct shape stock_count_shape;

struct stock_count_line {
	const char *sku, *title;
	struct json_text counted, book, difference; /* numbers, or null */
	struct stamp counted_at;
	const char *counted_by;
};
extern const struct shape stock_count_line_shape;

struct count_wish {
	const char *key; /* asking twice with one key starts one */
	const char *warehouse;
	struct texts skus; /* patterns: DOG-*; none: all that lies there */
	bool blind;
	const char *reason;
};

/* E_REFUSED count_line_is_of_one_count while one of the SKUs is being counted. */
enum err count_start(
	struct op *op, const struct count_wish *w, struct stock_count *out);

struct count_finding {
	int64_t id;
	struct json_text lines; /* of units_all() */
	struct stamp at;        /* when it was counted; zero: now */
	bool add;               /* to what another shelf had */
};
enum err count_enter(
	struct op *op, const struct count_finding *f, struct stock_count *out);

/* Differences become movements; uncounted: NULL refuses, "leave" or "zero". */
enum err count_post(
	struct op *op, int64_t id, const char *uncounted, struct stock_count *out);
enum err count_cancel(struct op *op, int64_t id, struct stock_count *out);

struct count_query {
	const char *state, *warehouse;
	int64_t limit;
};
enum err count_list(struct op *op, const struct count_query *q, struct rows *out);
enum err count_lines(struct op *op, int64_t id, struct rows *out);

#endif
