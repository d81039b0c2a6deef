/* The verbs of recommendations. */
#include "domain/recommend.h"

#include "db/db.h"

struct fold {
	int64_t folded;
	bool more;
};

static const struct shape fold_shape =
	SHAPE(fold, FIELD(fold, folded), FIELD(fold, more));

const struct shape recommend_size_shape = SHAPE(recommend_size,
	FIELD(recommend_size, baskets), FIELD(recommend_size, skipped),
	FIELD(recommend_size, products), FIELD(recommend_size, pairs));

const struct shape recommended_shape =
	SHAPE(recommended, FIELD(recommended, other), FIELD(recommended, title),
		FIELD(recommended, together), FIELD(recommended, support),
		FIELD(recommended, confidence), FIELD(recommended, lift));

const struct shape recommended_customer_shape =
	SHAPE(recommended, FIELD(recommended, other), FIELD(recommended, title),
		FIELD(recommended, because), FIELD(recommended, together),
		FIELD(recommended, support), FIELD(recommended, confidence),
		FIELD(recommended, lift));

const struct shape recommend_why_shape =
	SHAPE(recommend_why, FIELD(recommend_why, sku_a), FIELD(recommend_why, sku_b),
		FIELD(recommend_why, baskets), FIELD(recommend_why, with_a),
		FIELD(recommend_why, with_b), FIELD(recommend_why, together),
		FIELD(recommend_why, support), FIELD(recommend_why, confidence),
		FIELD(recommend_why, confidence_back), FIELD(recommend_why, lift),
		FIELD(recommend_why, min_support), FIELD(recommend_why, offered));

enum err recommend_fold(struct op *op, int64_t most, int64_t *folded, bool *more)
{
	struct fold f;

	TRY(db_one(op, "recommend_fold", &fold_shape, &f, V(most)));
	*folded = f.folded;
	*more = f.more;
	return OK;
}

enum err recommend_rebuild(struct op *op, struct recommend_size *out)
{
	op->timeout_ms = 0;
	TRY(db_do_values(op, "recommend_rebuild_begin", NULL, 0));
	return db_one_values(
		op, "recommend_rebuild", &recommend_size_shape, out, NULL, 0);
}

enum err recommend_product(
	struct op *op, const char *sku, int64_t most, bool everything, struct rows *out)
{
	return db_rows(op, "recommend_product", &recommended_shape, out, V(sku),
		V(most), V(everything));
}

enum err recommend_customer(struct op *op, const char *customer, int64_t most,
	bool everything, struct rows *out)
{
	return db_rows(op, "recommend_customer", &recommended_customer_shape, out,
		V(customer), V(most), V(everything));
}

enum err recommend_explain(
	struct op *op, const char *sku, const char *other, struct recommend_why *out)
{
	return db_one(
		op, "recommend_explain", &recommend_why_shape, out, V(sku), V(other));
}
