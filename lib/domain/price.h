/*
 * Prices: ranges of a variant and currency.  The standing price goes on for ever; a
 * scheduled one stands in its place for a time.
 */
#ifndef DOMAIN_PRICE_H
#define DOMAIN_PRICE_H

#include "base/field.h"
#include "base/op.h"

/* What holds at a time, or is scheduled; no time is for ever. */
struct price {
	const char *sku;
	struct money price, compare_at;
	bool scheduled;
	struct stamp valid_from, valid_until;
};
extern const struct shape price_shape;

struct price_filter {
	struct texts where;
	const char *currency; /* NULL: any */
	struct stamp as_of;   /* none: now */
	bool scheduled;       /* what is to come, or runs, and nothing else */
	int64_t limit;
};
enum err price_find(struct op *op, const struct price_filter *f, struct rows *out);

/* One range of a SKU, its price list when it is one's; state is past, now or later. */
struct price_range {
	const char *pricelist;
	struct money price, compare_at;
	const char *state;
	bool scheduled;
	struct stamp valid_from, valid_until;
};
extern const struct shape price_range_shape;
enum err price_show(
	struct op *op, const char *sku, struct stamp as_of, struct rows *out);

/* A price, and the one in whose place it stands. */
struct price_change {
	const char *sku;
	struct money before, after, compare_at;
	struct stamp valid_from, valid_until;
};
extern const struct shape price_change_shape;

/*
 * A price from a time on, now when there is none; with an end it is a schedule.
 * compare_at: NULL keeps what is crossed out while that is more, "none" takes it away.
 * E_REFUSED: price_schedules_never_overlap.
 */
struct price_wish {
	const char *sku, *amount; /* "24.99EUR" */
	const char *compare_at;
	struct stamp from, until;
};
enum err price_set(struct op *op, const struct price_wish *w, struct price_change *out);
enum err price_schedule(
	struct op *op, const struct price_wish *w, struct price_change *out);

/* Take a schedule back; from may be none when there is only one.  currency NULL: the
 * shop's. */
enum err price_cancel(struct op *op, const char *sku, const char *currency,
	struct stamp from, struct price_change *out);

/* Many prices by an expression; floor is NULL, "cost" or an amount. */
struct price_bulk {
	struct texts where;
	const char *expr, *round, *floor, *currency;
	struct stamp from, until;
};
enum err price_bulk(struct op *op, const struct price_bulk *b,
	enum err (*each)(struct op *op, void *ctx, void *change), void *ctx);

struct price_event {
	struct stamp at;
	const char *actor, *action, *reason, *pricelist, *before, *after;
};
extern const struct shape price_event_shape;
enum err price_history(struct op *op, const char *sku, int64_t limit, struct rows *out);

/* The currency that is meant: the one given, in capitals, or the shop's. */
const char *price_currency(struct op *op, const char *given);

#endif
