/* The kinds of jobs.h as a table, with a metric each. */
#include "shop-worker/kind.h"

#include "base/field.h"

#include <pthread.h>
#include <string.h>

#define JOB(name) extern const struct job_kind name;
#include "shop-worker/jobs.h"
#undef JOB

const struct job_kind *const job_kinds[] = {
#define JOB(name) &name,
#include "shop-worker/jobs.h"
#undef JOB
	NULL,
};

enum { KINDS = sizeof job_kinds / sizeof *job_kinds - 1 };

METRIC_COUNTER(jobs, "shop_jobs_total", "Tries that ended, by kind and outcome.")
METRIC_HISTOGRAM(run_seconds, "shop_job_run_seconds", "How long a try took.")

static struct kind_stats stats[KINDS + 1]; /* the last is of unknown kinds */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static struct series *outcome(struct op *op, const char *kind, const char *name)
{
	return metric_at(
		&jobs, op_printf(op, "kind=\"%s\",outcome=\"%s\"", kind, name));
}

static void make_stats(void)
{
	struct op op;
	size_t i;

	op_open(&op, NULL, "metrics");
	for (i = 0; i <= KINDS; i++) {
		const char *kind = i < KINDS ? job_kinds[i]->kind : "unknown";

		stats[i] = (struct kind_stats){
			.done = outcome(&op, kind, "done"),
			.retried = outcome(&op, kind, "retried"),
			.dead = outcome(&op, kind, "dead"),
			.put_off = outcome(&op, kind, "put_off"),
			.seconds = metric_at(
				&run_seconds, op_printf(&op, "kind=\"%s\"", kind)),
		};
	}
	op_close(&op);
}

struct kind_stats *kind_stats(size_t index)
{
	pthread_once(&once, make_stats);
	return &stats[index];
}

const struct job_kind *kind_find(const char *name, size_t *index)
{
	size_t i;

	for (i = 0; i < KINDS; i++) {
		if (!strcmp(job_kinds[i]->kind, name)) {
			*index = i;
			return job_kinds[i];
		}
	}
	*index = KINDS;
	return NULL;
}

static bool is_of(const char *kind, const char *queue)
{
	size_t n = strlen(queue);

	return !strncmp(kind, queue, n) && kind[n] == '.';
}

struct texts kind_queues(struct op *op)
{
	struct texts queues = { op_alloc(op, KINDS * sizeof *queues.v), 0 };
	size_t i, j;

	for (i = 0; i < KINDS; i++) {
		const char *kind = job_kinds[i]->kind;

		for (j = 0; j < queues.n && !is_of(kind, queues.v[j]); j++)
			;
		if (j == queues.n)
			queues.v[queues.n++] = op_strndup(op, kind, strcspn(kind, "."));
	}
	return queues;
}

bool kind_asks(const char *queue)
{
	size_t i;

	for (i = 0; i < KINDS; i++) {
		if (is_of(job_kinds[i]->kind, queue) && job_kinds[i]->asks)
			return true;
	}
	return false;
}

int64_t kind_lease_s(const char *queue, int64_t least)
{
	size_t i;

	for (i = 0; i < KINDS; i++) {
		if (is_of(job_kinds[i]->kind, queue) && job_kinds[i]->lease_s > least)
			least = job_kinds[i]->lease_s;
	}
	return least;
}
