/* Jobs that do nothing, slowly or badly: for benchmarks, tests and `is it alive`. */
#include "base/clock.h"
#include "shop-worker/kind.h"

#include <signal.h>
#include <unistd.h>

static enum err nothing(struct op *op, const struct job *job)
{
	(void)op;
	(void)job;
	return OK;
}

/* subject: milliseconds. */
static enum err sleep_ms(struct op *op, const struct job *job)
{
	int64_t end = clock_ticks() + job->subject * 1000, left;

	(void)op;
	while ((left = end - clock_ticks()) > 0)
		clock_sleep_us(left);
	return OK;
}

/* subject: the exit status whose error to end with; 75 is tried again, 65 is not. */
static enum err end_with(struct op *op, const struct job *job)
{
	int e;

	for (e = E_NO; e <= E_CONFIG; e++) {
		if (err_exit((enum err)e) == job->subject)
			return fail(op, (enum err)e, "noop_was_told_to_fail",
				"try %d ends with %s", (int)job->attempt,
				err_name((enum err)e));
	}
	return OK;
}

/* What a job with a fatal bug does to its worker, in test builds. */
static enum err crash(struct op *op, const struct job *job)
{
	(void)job;
#ifdef SHOP_TESTS
	kill(getpid(), SIGKILL);
#endif
	return fail(op, E_DATA, "noop_was_told_to_fail", "only test builds crash");
}

/* A set of jobs at once; one whose subject is negative spoils the set. */
static enum err sum(struct op *op, const struct job *jobs, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (jobs[i].subject < 0)
			return fail(op, E_DATA, "noop_was_told_to_fail",
				"subject %lld is negative", (long long)jobs[i].subject);
	}
	return OK;
}

const struct job_kind noop_run = {
	.kind = "noop.run", .lease_s = 10, .tries = 3, .run = nothing
};
const struct job_kind noop_sleep = {
	.kind = "noop.sleep", .lease_s = 10, .tries = 3, .run = sleep_ms
};
const struct job_kind noop_fail = {
	.kind = "noop.fail", .lease_s = 10, .tries = 3, .run = end_with
};
const struct job_kind noop_crash = {
	.kind = "noop.crash", .lease_s = 10, .tries = 3, .run = crash
};
const struct job_kind noop_sum = {
	.kind = "noop.sum", .lease_s = 10, .tries = 3, .run_batch = sum
};
