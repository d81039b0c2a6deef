/* search.VERB: what customers find follows the catalog, the shelves and the sales. */
#include "domain/search.h"
#include "shop-worker/kind.h"

static enum err refresh(struct op *op, const struct job *job)
{
	return search_index(op, job->subject, job->payload);
}

/* A sweep that ends with its bound full goes on: others are due as well. */
static enum err sweep(struct op *op, const struct job *job)
{
	int64_t due;

	do
		TRY(search_catch_up(op, &due));
	while (due >= SEARCH_SWEEP && clock_now().us < job->deadline.us);
	return OK;
}

static enum err sold(struct op *op, const struct job *job)
{
	(void)job;
	return search_count_sold(op);
}

#define KIND(verb)                                                                     \
	const struct job_kind search_##verb = {                                        \
		.kind = "search." #verb, .lease_s = 60, .tries = 10, .run = verb       \
	};

KIND(refresh)
KIND(sold)
KIND(sweep)
