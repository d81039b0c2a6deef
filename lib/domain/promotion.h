/* Promotions: what is taken off which baskets, when, how often and for how much. */
#ifndef DOMAIN_PROMOTION_H
#define DOMAIN_PROMOTION_H

#include "base/field.h"
#include "base/op.h"

struct promotion {
	const char *name, *title;
	const char *gives; /* "10 % off" */
	const char *state; /* disabled, scheduled, live, used_up, ended */
	bool automatic;    /* every basket gets it, or only who brings a coupon */
	const char *stacking;
	int64_t priority;
	struct stamp starts_at, ends_at; /* none: no bound */
	int64_t used, uses_max, uses_per_customer;
	struct money spent, budget, min_total;
	int64_t min_qty;
	bool first_order;
	struct texts covers; /* "category:pets/food" */
	int64_t coupons;
};
extern const struct shape promotion_shape, promotion_full_shape;

/* What one is made of; 0, NULL and no currency are "not said". */
struct promotion_wish {
	const char *name, *title, *percent, *stacking;
	struct money amount, min_total, budget;
	int64_t buy, get, priority, min_qty, max_uses, per_customer;
	bool free_shipping, automatic, first_order;
	struct stamp from, until;
	struct texts category, brand, sku, customer, get_sku;
	struct texts clear; /* bounds that are taken away, by name: "max-uses" */
};

/* What a verb that changes one answers. */
struct promotion_now {
	const char *name, *gives, *state;
};
extern const struct shape promotion_now_shape;

struct promotion_usage {
	const char *currency;
	int64_t orders, customers;
	struct money discount, sales;
	int64_t released;
	struct stamp first_at, last_at;
};
extern const struct shape promotion_usage_shape;

/* Over past orders of one currency; too_late: who came when limits were reached. */
struct promotion_cost {
	const char *currency;
	int64_t orders, given, too_late;
	struct money discount, sales;
};
extern const struct shape promotion_cost_shape;

/* name and state may be NULL. */
enum err promotion_list(struct op *op, const char *name, const char *state,
	int64_t limit, struct rows *out);
enum err promotion_create(
	struct op *op, const struct promotion_wish *w, struct promotion_now *out);
/* Title, stacking, priority, dates, minimums and limits. */
enum err promotion_set(
	struct op *op, const struct promotion_wish *w, struct promotion_now *out);
enum err promotion_enable(
	struct op *op, const char *name, bool enable, struct promotion_now *out);
enum err promotion_usage(struct op *op, const char *name, struct rows *out);
enum err promotion_simulate(struct op *op, const char *name, struct stamp since,
	struct stamp until, struct rows *out);

#endif
