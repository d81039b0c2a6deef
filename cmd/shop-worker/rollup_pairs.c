/* Count what was bought together in the baskets that were sold since the last time. */
#include "base/failpoint.h"
#include "domain/recommend.h"
#include "shop-worker/kind.h"

/* About a second of work a transaction; a basket leaves the queue with its count. */
enum { BASKETS = 200 };

static enum err run(struct op *op, const struct job *job)
{
	int64_t folded;
	bool more;

	do {
		TRY(recommend_fold(op, BASKETS, &folded, &more));
		FAILPOINT(op, "rollup.folded");
	} while (more && clock_now().us < job->deadline.us);
	return OK; /* the schedule comes back for the rest */
}

const struct job_kind rollup_pairs = {
	.kind = "rollup.pairs",
	.lease_s = 60,
	.tries = 10,
	.run = run,
};
