/* shop-worker: what the shop does later. */
#include "base/cli.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "base/out.h"
#include "db/db.h"
#include "domain/job.h"
#include "domain/queue.h"
#include "domain/rule.h"
#include "domain/schedule.h"
#include "shop-worker/export_spans.h"
#include "shop-worker/kind.h"
#include "shop-worker/worker.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

struct run {
	struct texts queue;
	bool all, once;
	int64_t concurrency, lease, batch, max_runtime;
	const char *metrics_file;
};

#define RUN_FIELDS                                                                     \
	FIELD(run, queue, "NAME[:N]",                                                  \
		"work on this queue, with N threads; repeatable"),                     \
		FIELD(run, all, NULL,                                                  \
			"work on every queue that a kind here belongs to"),            \
		FIELD(run, concurrency, "N", "threads a queue", 0, NULL, "1"),         \
		FIELD(run, lease, "SECONDS",                                           \
			"after this long without a sign others take the jobs over"),   \
		FIELD(run, batch, "N",                                                 \
			"jobs a claim; otherwise as many as a second lasts for"),      \
		FIELD(run, metrics_file, "FILE",                                       \
			"write metrics there for a textfile collector")

static const struct shape run_args = SHAPE(run, RUN_FIELDS,
	FIELD(run, once, NULL, "end when there is nothing to claim"),
	FIELD(run, max_runtime, "SECONDS", "end after this long"));

static const struct shape drain_args = SHAPE(run, RUN_FIELDS,
	FIELD(run, max_runtime, "SECONDS", "give up after this long", 0, NULL, "60"));

/* Jobs of these kinds would wait for a longer lease until their tries run out. */
static void warn_of_short_lease(struct op *op, const struct options *o)
{
	size_t i;

	for (i = 0; o->lease_s && i < o->queues.n; i++) {
		const char *queue =
			op_strndup(op, o->queues.v[i], strcspn(o->queues.v[i], ":"));
		int64_t needed = kind_lease_s(queue, 0);

		if (needed > o->lease_s)
			log_event(op, LOG_WARNING, "lease_is_short",
				"--lease %" PRId64 " is below the %" PRId64
				" seconds that jobs of queue %s need",
				o->lease_s, needed, queue);
	}
}

static enum err options_of(struct op *op, const struct run *a, struct options *out)
{
	*out = (struct options){
		.queues = a->all ? kind_queues(op) : a->queue,
		.concurrency = a->concurrency,
		.batch = a->batch,
		.lease_s = a->lease,
		.max_runtime_s = a->max_runtime,
		.once = a->once,
		.metrics_file = a->metrics_file,
	};
	if (a->all && a->queue.n)
		return fail(op, E_USAGE, "queues_are_named_or_all",
			"--all and --queue exclude each other");
	if (!out->queues.n) {
		fail(op, E_USAGE, "queues_are_named_or_all", "no queue is named");
		return fail_hint(op, "add --queue NAME or --all");
	}
	warn_of_short_lease(op, out);
	return OK;
}

static enum err run(struct op *op, const void *args)
{
	struct options options;
	struct pace pace;

	TRY(options_of(op, args, &options));
	return worker_run(op, &options, &pace);
}

static enum err drain(struct op *op, const void *args)
{
	struct options options;
	struct pace pace;

	TRY(options_of(op, args, &options));
	options.once = options.drain = true;
	return worker_run(op, &options, &pace);
}

struct task {
	const char *task;
	int64_t max_runtime;
};
static const struct shape task_args = SHAPE(task,
	FIELD(task, task, "SCHEDULE", "its name: shopctl schedule list",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(task, max_runtime, "SECONDS", "end after this long", 0, NULL, "3600"));

/*
 * Instead of a worker that is always there.  What is due is put by the pass itself,
 * once however many timers fire, and the queue is done whether or not this one had to
 * put it: the timer before may have died in the middle.
 */
static enum err tick_task(struct op *op, const void *args)
{
	const struct task *a = args;
	struct schedule s;
	const char *queue;
	struct pace pace;
	struct options options = {
		.concurrency = 1, .max_runtime_s = a->max_runtime, .once = true
	};

	TRY(schedule_get(op, a->task, &s));
	queue = op_strndup(op, s.kind, strcspn(s.kind, "."));
	options.queues = (struct texts){ &queue, 1 };
	return worker_run(op, &options, &pace);
}

struct bench {
	int64_t jobs, batch, concurrency;
};
static const struct shape bench_args = SHAPE(bench,
	FIELD(bench, jobs, "N", "put so many first; 0: do what there is", 0, NULL, "0"),
	FIELD(bench, batch, "N", "jobs a claim", 0, NULL, "500"),
	FIELD(bench, concurrency, "N", "threads", 0, NULL, "1"));

struct bench_row {
	int64_t jobs, batch, threads;
	double seconds, jobs_per_s;
};
static const struct shape bench_row_shape = SHAPE(bench_row, FIELD(bench_row, jobs),
	FIELD(bench_row, batch), FIELD(bench_row, threads), FIELD(bench_row, seconds),
	FIELD(bench_row, jobs_per_s));

static enum err enqueue_noops(struct op *op, int64_t n)
{
	struct texts subjects = { op_alloc(op, (size_t)n * sizeof *subjects.v + 1),
		(size_t)n };
	int64_t i;

	for (i = 0; i < n; i++)
		subjects.v[i] = "1";
	return n ? job_enqueue(op, &(struct job_order){ .kind = "noop.run",
					   .subjects = subjects })
		 : OK;
}

/* The way of every job - claim, run, settle - with nothing to do on it. */
static enum err bench(struct op *op, const void *args)
{
	static const char *noop = "noop";
	const struct bench *a = args;
	const struct options options = { .queues = { &noop, 1 },
		.batch = a->batch,
		.concurrency = a->concurrency,
		.once = true };
	struct bench_row row = { .batch = a->batch, .threads = a->concurrency };
	struct pace pace;

	TRY(enqueue_noops(op, a->jobs));
	TRY(worker_run(op, &options, &pace));
	row.jobs = pace.jobs;
	row.seconds = (double)pace.us / 1000000;
	row.jobs_per_s = pace.us > 0 ? (double)pace.jobs / row.seconds : 0;
	return out_one(op, &bench_row_shape, &row);
}

struct kind_row {
	const char *kind, *queue;
	int64_t lease_s, tries;
	bool set_wise;
};
static const struct shape kind_row_shape = SHAPE(kind_row,
	FIELD(kind_row, kind, NULL, NULL, FIELD_ID), FIELD(kind_row, queue),
	FIELD(kind_row, lease_s), FIELD(kind_row, tries), FIELD(kind_row, set_wise));

static enum err list_kinds(struct op *op, const void *args)
{
	size_t i;

	(void)args;
	TRY(out_begin(op, &kind_row_shape));
	for (i = 0; job_kinds[i]; i++) {
		const struct job_kind *k = job_kinds[i];
		const struct kind_row row = { k->kind,
			op_strndup(op, k->kind, strcspn(k->kind, ".")), k->lease_s,
			k->tries, k->run_batch != NULL };

		TRY(out_row(op, &row));
	}
	return out_end(op);
}

/* The configuration was read before we came here; what is left is to say so. */
static enum err check_config(struct op *op, const void *args)
{
	(void)args;
	out_note(op, "the configuration is valid");
	return OK;
}

struct health {
	int64_t max_age, max_ready, max_oldest;
};
static const struct shape health_args = SHAPE(health,
	FIELD(health, max_age, "SECONDS", "the longest silence that is healthy", 0,
		NULL, "30"),
	FIELD(health, max_ready, "N", "the most jobs that wait in health; 0: any", 0,
		NULL, "0"),
	FIELD(health, max_oldest, "SECONDS",
		"the longest that a job waits in health; 0: any", 0, NULL, "0"));

/* What is wrong, in words, or NULL. */
static const char *ailment(
	struct op *op, const struct health *limit, const struct backlog *b)
{
	if (!b->workers)
		return op_printf(op, "no worker was seen in the last %" PRId64 " s",
			limit->max_age);
	if (limit->max_ready && b->ready > limit->max_ready)
		return op_printf(op, "%" PRId64 " jobs wait", b->ready);
	if (limit->max_oldest && b->oldest_s > (double)limit->max_oldest)
		return op_printf(op, "a job waits since %.0f s", b->oldest_s);
	return NULL;
}

static enum err health(struct op *op, const void *args)
{
	const struct health *a = args;
	struct backlog b;
	const char *wrong;

	TRY(worker_backlog(op, a->max_age, &b));
	TRY(out_begin(op, &backlog_shape));
	TRY(out_row(op, &b));
	TRY(out_end(op));
	wrong = ailment(op, a, &b);
	if (!wrong)
		return OK;
	out_note(op, "%s", wrong);
	return E_NO;
}

struct spans {
	const char *metrics_file;
};
static const struct shape spans_args =
	SHAPE(spans, FIELD(spans, metrics_file, "FILE",
			     "write metrics there for a textfile collector"));

static enum err carry_spans(struct op *op, const void *args)
{
	return export_spans(op, ((const struct spans *)args)->metrics_file);
}

static const struct command commands[] = {
	{ "run", "take jobs and do them until told to stop", &run_args, run, CMD_SERVES,
		"shop-worker run --all\n"
		"shop-worker run --queue payment:4 --queue webhook:2 --lease 60\n"
		"shop-worker run --all --once",
		"SIGTERM: claim nothing more, finish the jobs in hand, give back the "
		"rest, "
		"exit 0; a second one gives everything back at once. SIGHUP reads the "
		"configuration again. SIGUSR1 logs one line of state." },
	{ "drain", "do what there is and end; 75 when something is left", &drain_args,
		drain, CMD_SERVES,
		"shop-worker drain --queue rollup\n"
		"shop-worker drain --all --max-runtime 300",
		"Empty is: nothing ready, running, or waiting for another try. Jobs "
		"put for a "
		"later time are left alone." },
	{ "tick", "do what is due of a schedule, and end", &task_args, tick_task,
		CMD_SERVES,
		"shop-worker tick reconcile.stripe\n"
		"shop-worker tick housekeeping.audit_seal --max-runtime 60",
		"For systemd timers, where no worker runs all the time: "
		"shop-tick@SCHEDULE.timer. A schedule that is not due does nothing, "
		"and one that is runs once, however many timers and workers there "
		"are." },
	{ "bench", "do the jobs of the queue noop and tell how fast", &bench_args,
		bench, CMD_SERVES,
		"shop-worker bench --jobs 100000\n"
		"shop-worker bench --jobs 5000 --batch 1 --format json",
		"Needs a role that may put jobs by hand." },
	{ "list-kinds", "the kinds of jobs this worker can do", NULL, list_kinds,
		CMD_NO_DB,
		"shop-worker list-kinds\n"
		"shop-worker list-kinds --format json" },
	{ "check-config", "read the configuration and report every error", NULL,
		check_config, CMD_NO_DB,
		"shop-worker check-config\n"
		"shop-worker check-config --config ./shop.yaml" },
	{ "health", "workers alive and what waits, on one line; 1 when that is ill",
		&health_args, health, 0,
		"shop-worker health\n"
		"shop-worker health --max-age 10 --max-oldest 300 --format json",
		"0: a worker was seen lately, and no more waits than was said. 1: not "
		"so, and a note says what. 69: the database is away. "
		"beat_age_s is -1 when there is no worker at all." },
	{ "export-spans", "carry spans of all programs here to OpenTelemetry",
		&spans_args, carry_spans, CMD_NO_DB | CMD_SERVES,
		"shop-worker export-spans\n"
		"shop-worker export-spans --metrics-file "
		"/var/lib/prometheus/node-exporter/shop-spans.prom",
		"One process a machine. It reads trace.socket and posts OTLP as JSON "
		"to "
		"trace.endpoint, or where the standard variables OTEL_EXPORTER_OTLP_* "
		"say; OTEL_BSP_*, OTEL_RESOURCE_ATTRIBUTES and OTEL_SDK_DISABLED are "
		"followed too. Nobody waits for it: what it cannot take or pass on is "
		"dropped and counted." },
	{ 0 },
};

static const struct noun nouns[] = { { "", "", commands }, { 0 } };

static const struct program program = {
	.name = "shop-worker",
	.summary = "do the shop's work that happens later",
	.nouns = nouns,
	.session = &db_session,
	.rule = rule_find,
};

/* SIGHUP reads the file again that the command line named. */
static void remember_config(char **argv)
{
	for (; *argv; argv++) {
		if (!strncmp(*argv, "--config=", 9))
			setenv("SHOP_CONFIG", *argv + 9, 1);
		else if (!strcmp(*argv, "--config") && argv[1])
			setenv("SHOP_CONFIG", argv[1], 1);
	}
}

int main(int argc, char **argv)
{
	remember_config(argv);
	return cli_main(&program, argc, argv);
}
