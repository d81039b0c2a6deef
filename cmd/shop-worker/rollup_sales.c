/* Add what was sold since the last time to the sums that reports read. */
#include "base/failpoint.h"
#include "domain/rollup.h"
#include "shop-worker/kind.h"

/* About a second of work a transaction; the watermark commits with what it counts. */
enum { ENTRIES = 20000 };

static enum err run(struct op *op, const struct job *job)
{
	int64_t folded;
	bool more;

	do {
		TRY(rollup_fold(op, ENTRIES, &folded, &more));
		FAILPOINT(op, "rollup.folded");
	} while (more && clock_now().us < job->deadline.us);
	return OK; /* the schedule comes back for the rest */
}

const struct job_kind rollup_sales = {
	.kind = "rollup.sales",
	.lease_s = 60,
	.tries = 10,
	.run = run,
};
