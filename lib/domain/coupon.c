/* The verbs of coupons, and the codes that nobody guesses. */
#include "domain/coupon.h"

#include "base/id.h"
#include "db/db.h"

#include <string.h>

enum { BATCH = 5000, LENGTH_MIN = 6, LENGTH_MAX = 32, ROUNDS = 100 };

/* 32 letters and digits, none of which is taken for another: no 0 O, no 1 I.  A byte
 * has eight of each: no code is likelier than another. */
static const char alphabet[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

#define HEAD                                                                           \
	FIELD(coupon, code, .flags = FIELD_ID), FIELD(coupon, promotion),              \
		FIELD(coupon, state), FIELD(coupon, used),                             \
		FIELD(coupon, uses_max, .flags = FIELD_OPTIONAL),                      \
		FIELD(coupon, ends_at), FIELD(coupon, created_at)

const struct shape coupon_shape = SHAPE(coupon, HEAD);
const struct shape coupon_full_shape =
	SHAPE(coupon, HEAD, FIELD(coupon, gives), FIELD(coupon, orders));
const struct shape coupon_code_shape =
	SHAPE(coupon_code, FIELD(coupon_code, code, .flags = FIELD_ID));

enum err coupon_list(struct op *op, const char *promotion, const char *state,
	int64_t limit, struct rows *out)
{
	return db_rows(op, "coupon_list", &coupon_shape, out, V(promotion), V(state),
		V(limit));
}

enum err coupon_get(struct op *op, const char *code, struct coupon *out)
{
	return db_one(op, "coupon_get", &coupon_full_shape, out, V(code));
}

enum err coupon_disable(struct op *op, const char *code, struct coupon *out)
{
	return db_one(op, "coupon_disable", &coupon_shape, out, V(code));
}

/* Those of the codes that were free are its coupons now. */
static enum err make(struct op *op, const struct coupon_wish *w, struct texts codes,
	struct rows *out)
{
	struct value limit = { 0 };

	if (w->max_uses)
		limit = V(w->max_uses);
	return db_rows(op, "coupon_make", &coupon_code_shape, out, V(w->promotion),
		V(codes), limit, V(w->until));
}

enum err coupon_create(struct op *op, const struct coupon_wish *w, struct coupon *out)
{
	struct rows rows;

	TRY(make(op, w, (struct texts){ (const char *[]){ w->code }, 1 }, &rows));
	if (!rows.n) {
		fail(op, E_REFUSED, "coupon_code_is_unique", "there is a coupon %s",
			w->code);
		return fail_hint(op, "shopctl coupon show %s", w->code);
	}
	return coupon_get(op, w->code, out);
}

static const char *code_of(struct op *op, const struct coupon_wish *w)
{
	unsigned char dice[LENGTH_MAX];
	char *text = op_alloc(op, (size_t)w->length + 1);
	int64_t i;

	id_random(dice, sizeof dice);
	for (i = 0; i < w->length; i++)
		text[i] = alphabet[dice[i] % (sizeof alphabet - 1)];
	return op_printf(op, "%s%s", w->prefix ? w->prefix : "", text);
}

static struct texts codes_of(struct op *op, const struct coupon_wish *w, int64_t n)
{
	const char **codes = op_alloc(op, (size_t)n * sizeof *codes);
	int64_t i;

	for (i = 0; i < n; i++)
		codes[i] = code_of(op, w);
	return (struct texts){ codes, (size_t)n };
}

/* Some of them again and again, until there are as many as were wanted. */
static enum err fill(struct op *op, const struct coupon_wish *w, struct coupon_code *to)
{
	int64_t left = w->count, idle = 0;
	struct rows rows;

	for (; left && idle < ROUNDS; idle = rows.n ? 0 : idle + 1) {
		TRY(make(op, w, codes_of(op, w, left < BATCH ? left : BATCH), &rows));
		memcpy(to, rows.items, rows.n * sizeof *to);
		to += rows.n;
		left -= (int64_t)rows.n;
	}
	if (left)
		return fail(op, E_REFUSED, "coupon_code_is_unique",
			"nearly every code of that length is taken");
	return OK;
}

enum err coupon_generate(struct op *op, const struct coupon_wish *w, struct rows *out)
{
	if (w->count < 1 || w->count > COUPON_COUNT_MAX)
		return fail(op, E_USAGE, "coupon_count_is_bounded",
			"--count is a number from 1 to %lld",
			(long long)COUPON_COUNT_MAX);
	if (w->length < LENGTH_MIN || w->length > LENGTH_MAX)
		return fail(op, E_USAGE, "coupon_count_is_bounded",
			"a random code has %d to %d characters", LENGTH_MIN,
			LENGTH_MAX);
	*out = (struct rows){ op_alloc(op, (size_t)w->count * coupon_code_shape.size),
		(size_t)w->count };
	TRY(db_begin(op));
	return db_end(op, fill(op, w, out->items));
}
