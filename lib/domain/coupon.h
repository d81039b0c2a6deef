/* Coupons: the codes that ask for a promotion. */
#ifndef DOMAIN_COUPON_H
#define DOMAIN_COUPON_H

#include "base/field.h"
#include "base/op.h"

struct coupon {
	const char *code, *promotion;
	const char *state; /* live, used_up, ended, disabled, scheduled */
	int64_t used, uses_max;
	struct stamp ends_at, created_at;
	const char *gives;
	struct json_text
		orders; /* [{order, state, discount}] that used it, newest 100 */
};
extern const struct shape coupon_shape, coupon_full_shape;

struct coupon_code {
	const char *code;
};
extern const struct shape coupon_code_shape;

/* What codes are made of; 0 and no time: no limit. */
struct coupon_wish {
	const char *promotion, *code, *prefix;
	int64_t count, length, max_uses;
	struct stamp until;
};

#define COUPON_COUNT_MAX INT64_C(100000)

/* promotion and state may be NULL. */
enum err coupon_list(struct op *op, const char *promotion, const char *state,
	int64_t limit, struct rows *out);
enum err coupon_get(struct op *op, const char *code, struct coupon *out);
enum err coupon_create(struct op *op, const struct coupon_wish *w, struct coupon *out);

/*
 * Make so many random codes that nobody has, all of them or none: rows of coupon_code.
 * Letters and digits that look alike are not among them.
 */
enum err coupon_generate(struct op *op, const struct coupon_wish *w, struct rows *out);
enum err coupon_disable(struct op *op, const char *code, struct coupon *out);

#endif
