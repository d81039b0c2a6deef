/* The verbs of promotions. */
#include "domain/promotion.h"

#include "db/db.h"

#define HEAD                                                                           \
	FIELD(promotion, name, .flags = FIELD_ID), FIELD(promotion, gives),            \
		FIELD(promotion, state), FIELD(promotion, automatic),                  \
		FIELD(promotion, used),                                                \
		FIELD(promotion, uses_max, .flags = FIELD_OPTIONAL),                   \
		FIELD(promotion, spent), FIELD(promotion, budget),                     \
		FIELD(promotion, starts_at), FIELD(promotion, ends_at)
#define TAIL(hidden)                                                                   \
	FIELD(promotion, title, .flags = hidden),                                      \
		FIELD(promotion, stacking, .flags = hidden),                           \
		FIELD(promotion, priority, .flags = hidden),                           \
		FIELD(promotion, uses_per_customer,                                    \
			.flags = FIELD_OPTIONAL | (hidden)),                           \
		FIELD(promotion, min_total, .flags = hidden),                          \
		FIELD(promotion, min_qty, .flags = FIELD_OPTIONAL | (hidden)),         \
		FIELD(promotion, first_order, .flags = hidden),                        \
		FIELD(promotion, covers, .flags = hidden),                             \
		FIELD(promotion, coupons, .flags = hidden)

const struct shape promotion_shape = SHAPE(promotion, HEAD, TAIL(FIELD_HIDDEN));
const struct shape promotion_full_shape = SHAPE(promotion, HEAD, TAIL(0));

const struct shape promotion_now_shape =
	SHAPE(promotion_now, FIELD(promotion_now, name, .flags = FIELD_ID),
		FIELD(promotion_now, gives), FIELD(promotion_now, state));

const struct shape promotion_usage_shape =
	SHAPE(promotion_usage, FIELD(promotion_usage, currency, .flags = FIELD_ID),
		FIELD(promotion_usage, orders), FIELD(promotion_usage, customers),
		FIELD(promotion_usage, discount), FIELD(promotion_usage, sales),
		FIELD(promotion_usage, released), FIELD(promotion_usage, first_at),
		FIELD(promotion_usage, last_at));

const struct shape promotion_cost_shape =
	SHAPE(promotion_cost, FIELD(promotion_cost, currency, .flags = FIELD_ID),
		FIELD(promotion_cost, orders), FIELD(promotion_cost, given),
		FIELD(promotion_cost, too_late), FIELD(promotion_cost, discount),
		FIELD(promotion_cost, sales));

enum err promotion_list(struct op *op, const char *name, const char *state,
	int64_t limit, struct rows *out)
{
	return db_rows(op, "promotion_list", &promotion_full_shape, out, V(name),
		V(state), V(limit));
}

/* What was not said is null. */
static struct value count(struct op *op, int64_t n)
{
	return n ? V(n) : (struct value){ 0 };
}

enum err promotion_create(
	struct op *op, const struct promotion_wish *w, struct promotion_now *out)
{
	return db_one(op, "promotion_create", &promotion_now_shape, out, V(w->name),
		V(w->title), V(w->percent), V(w->amount), count(op, w->buy),
		count(op, w->get), V(w->free_shipping), V(w->automatic), V(w->stacking),
		V(w->priority), V(w->from), V(w->until), V(w->min_total),
		count(op, w->min_qty), V(w->first_order), count(op, w->max_uses),
		count(op, w->per_customer), V(w->budget), V(w->category), V(w->brand),
		V(w->sku), V(w->customer), V(w->get_sku));
}

enum err promotion_set(
	struct op *op, const struct promotion_wish *w, struct promotion_now *out)
{
	return db_one(op, "promotion_set", &promotion_now_shape, out, V(w->name),
		V(w->title), V(w->stacking), count(op, w->priority), V(w->from),
		V(w->until), V(w->min_total), count(op, w->min_qty),
		count(op, w->max_uses), count(op, w->per_customer), V(w->budget),
		V(w->clear));
}

enum err promotion_enable(
	struct op *op, const char *name, bool enable, struct promotion_now *out)
{
	return db_one(
		op, "promotion_enable", &promotion_now_shape, out, V(name), V(enable));
}

enum err promotion_usage(struct op *op, const char *name, struct rows *out)
{
	return db_rows(op, "promotion_usage", &promotion_usage_shape, out, V(name));
}

enum err promotion_simulate(struct op *op, const char *name, struct stamp since,
	struct stamp until, struct rows *out)
{
	return db_rows(op, "promotion_simulate", &promotion_cost_shape, out, V(name),
		V(since), V(until));
}
