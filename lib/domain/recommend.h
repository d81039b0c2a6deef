/* What is bought together: counted basket by basket, and asked for by product. */
#ifndef DOMAIN_RECOMMEND_H
#define DOMAIN_RECOMMEND_H

#include "base/field.h"
#include "base/op.h"

/* Count the next baskets, at most so many; more is true when others wait. */
enum err recommend_fold(struct op *op, int64_t most, int64_t *folded, bool *more);

struct recommend_size {
	int64_t baskets, skipped, products, pairs; /* skipped: too large */
};
extern const struct shape recommend_size_shape;

/* Count all baskets again, with the settings of now. */
enum err recommend_rebuild(struct op *op, struct recommend_size *out);

/* What goes with a product; six digits of each figure. */
struct recommended {
	const char *other, *title;
	const char *because; /* of a customer: which of the bought products */
	int64_t together;    /* baskets with both */
	double support, confidence, lift;
};
extern const struct shape recommended_shape, recommended_customer_shape;

/* At most `most`; everything: also what the catalogue does not sell. */
enum err recommend_product(struct op *op, const char *sku, int64_t most,
	bool everything, struct rows *out);
enum err recommend_customer(struct op *op, const char *customer, int64_t most,
	bool everything, struct rows *out);

struct recommend_why {
	const char *sku_a, *sku_b;
	int64_t baskets, with_a, with_b, together;
	double support, confidence, confidence_back, lift, min_support;
	bool offered; /* often enough */
};
extern const struct shape recommend_why_shape;
enum err recommend_explain(
	struct op *op, const char *sku, const char *other, struct recommend_why *out);

#endif
