/* Count again the days that visitors' events came to. */
#include "domain/rollup.h"
#include "shop-worker/kind.h"

static enum err run(struct op *op, const struct job *job)
{
	int64_t days;

	(void)job;
	return funnel_fold(op, &days);
}

const struct job_kind rollup_funnel = {
	.kind = "rollup.funnel",
	.lease_s = 60,
	.tries = 10,
	.run = run,
};
