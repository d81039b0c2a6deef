/* The process: start a thread for each share of a queue, obey signals, tick, stop. */
#include "base/clock.h"
#include "base/config.h"
#include "base/id.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/notify.h"
#include "db/db.h"
#include "domain/queue.h"
#include "shop-worker/kind.h"
#include "shop-worker/worker.h"

#include <signal.h>
#include <unistd.h>

enum { SECOND = 1000000, TICK_US = 100000, MOST_THREADS = 64 };

METRIC_GAUGE(threads, "shop_worker_threads", "Threads that claim, by queue.")

static void add_runners(struct op *op, struct worker *w, const char *queue, int64_t n)
{
	int64_t i, lease_s = w->options->lease_s;
	struct runner *r;

	if (!lease_s)
		lease_s = kind_lease_s(queue, op->config->worker.lease_s);
	for (i = 0; i < n; i++) {
		r = &w->runners[w->count++];
		*r = (struct runner){
			.worker = w, .queue = queue, .average_us = SECOND / 10
		};
		r->claim = (struct claim){ .queue = queue, .lease_s = lease_s };
		r->claim.owner = op_printf(op, "%s/%zu", w->owner, w->count);
		r->alive_until = clock_ticks() + 30 * SECOND;
		pthread_mutex_init(&r->lock, NULL);
	}
	series_set(metric_at(&threads, op_printf(op, "queue=\"%s\"", queue)), n);
}

/* "payment" or "payment:4", of queues that there are. */
static enum err add_queue(struct op *op, struct worker *w, const char *text)
{
	const char *colon = strchr(text, ':');
	char *name =
		op_strndup(op, text, colon ? (size_t)(colon - text) : strlen(text));
	int64_t n = w->options->concurrency;
	struct rows found;
	char *end;

	if (colon) {
		n = strtoll(colon + 1, &end, 10);
		if (n < 1 || *end || !colon[1])
			return fail(op, E_USAGE, "queue_share_is_a_number",
				"\"%s\" is not QUEUE or QUEUE:THREADS", text);
	}
	if (n < 1 || w->count + (size_t)n > MOST_THREADS)
		return fail(op, E_USAGE, "threads_are_bounded",
			"a worker has 1 to %d threads", MOST_THREADS);
	TRY(queue_find(op, name, &found));
	add_runners(op, w, name, n);
	return OK;
}

static enum err prepare(struct op *op, struct worker *w, const struct options *options)
{
	struct texts queues = options->queues;
	pthread_condattr_t monotonic;
	char *host = op_alloc(op, 256);
	size_t i;

	gethostname(host, 255);
	*w = (struct worker){ .options = options, .config = op->config, .host = host };
	w->owner = op_printf(op, "%s:%d:%s", host, getpid(), id_token(op, 6));
	w->runners = op_alloc(op, MOST_THREADS * sizeof *w->runners);
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&w->wake, &monotonic);
	for (i = 0; i < queues.n; i++)
		TRY(add_queue(op, w, queues.v[i]));
	return OK;
}

static sigset_t our_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	return set;
}

static void set_stop(struct worker *w, enum stop stop)
{
	pthread_mutex_lock(&w->lock);
	w->stop = (int)stop;
	pthread_cond_broadcast(&w->wake);
	pthread_mutex_unlock(&w->lock);
}

/* What the command line said about the database outlives the file. */
static void reload(struct worker *w)
{
	struct op *op = calloc(1, sizeof *op); /* holds the configuration from now on */
	struct config *config;

	if (!op)
		return;
	op_open(op, NULL, "shop-worker");
	if (config_load(op, getenv("SHOP_CONFIG"), &config) != OK) {
		log_fault(op, "reload_failed");
		return;
	}
	config->database.conninfo =
		((const struct config *)w->config)->database.conninfo;
	w->config = config;
	log_event(op, LOG_INFO, "reloaded", "configuration read again");
}

static const char *state_line(struct op *op, struct worker *w)
{
	const char *queues = "";
	size_t i, holding = 0;

	for (i = 0; i < w->count; i++) {
		holding += w->runners[i].batch != NULL;
		if (i == 0 || w->runners[i].queue != w->runners[i - 1].queue)
			queues = op_printf(op, "%s%s%s", queues, i ? "," : "",
				w->runners[i].queue);
	}
	return op_printf(op,
		"%s: queues %s; %zu threads, %zu with jobs; "
		"done %lld, failed %lld, given back %lld, fenced %lld%s%s",
		w->owner, queues, w->count, holding, (long long)w->done,
		(long long)w->failed, (long long)w->given_back, (long long)w->fenced,
		w->quiet ? "; quiet" : "", w->stop != STOP_NOT ? "; stopping" : "");
}

static void obey(struct op *op, struct worker *w, int number)
{
	switch (number) {
	case SIGTERM:
	case SIGINT:
		log_event(op, LOG_INFO, "stopping", "signal %d", number);
		notify_systemd("STOPPING=1");
		set_stop(w, w->stop == STOP_NOT ? STOP_SOON : STOP_NOW);
		break;
	case SIGHUP:
		reload(w);
		break;
	case SIGUSR1:
		log_event(op, LOG_INFO, "state", "%s", state_line(op, w));
		break;
	}
}

static size_t count_where(struct worker *w, bool (*is)(const struct runner *r))
{
	size_t i, n = 0;

	for (i = 0; i < w->count; i++)
		n += is(&w->runners[i]);
	return n;
}

static bool is_ended(const struct runner *r)
{
	return r->ended;
}

static bool is_idle(const struct runner *r)
{
	return r->idle || r->ended;
}

static bool is_stuck(const struct runner *r)
{
	return !r->ended && clock_ticks() > r->alive_until;
}

/* The watchdog hears of us only while every thread moves. */
static void notify(struct op *op, struct worker *w)
{
	static int64_t due;

	if (!notify_watchdog_us() || clock_ticks() < due || count_where(w, is_stuck))
		return;
	due = clock_ticks() + notify_watchdog_us() / 3;
	notify_systemd(op_printf(op, "WATCHDOG=1\nSTATUS=%s", state_line(op, w)));
}

/* What drain has not done: jobs that wait or run, or wait for another try. */
static enum err count_left(
	struct op *op, struct worker *w, int64_t *left, int64_t *stuck)
{
	struct rows rows;
	size_t i;

	*left = *stuck = 0;
	for (i = 0; i < w->count; i++) {
		const struct queue *q;
		int64_t n;

		if (i > 0 && w->runners[i].queue == w->runners[i - 1].queue)
			continue;
		TRY(queue_find(op, w->runners[i].queue, &rows));
		q = rows.items;
		n = q->ready + q->running + q->retrying;
		*left += n;
		*stuck += strcmp(q->state, "paused") ? 0 : n;
	}
	return OK;
}

/* Whether there is no reason to go on: --once and drain. */
static bool is_finished(struct op *op, struct worker *w, int64_t begun)
{
	const struct options *o = w->options;
	int64_t left, stuck;

	if (o->max_runtime_s && clock_ticks() - begun > o->max_runtime_s * SECOND)
		return true;
	if (!o->once || count_where(w, is_idle) < w->count)
		return false;
	if (!o->drain)
		return true;
	return count_left(op, w, &left, &stuck) == OK && left == stuck;
}

static void loop(struct op *main_op, struct worker *w)
{
	sigset_t set = our_signals();
	struct timespec wait = { 0, TICK_US * 1000L };
	int64_t begun = clock_ticks(), give_up = INT64_MAX;
	struct op op;
	int number;

	while (count_where(w, is_ended) < w->count && w->stop != STOP_NOW) {
		number = sigtimedwait(&set, NULL, &wait);
		op_open(&op, w->config, "shop-worker");
		op.db = main_op->db;
		op.timeout_ms = main_op->timeout_ms;
		obey(&op, w, number);
		notify(&op, w);
		if (w->stop == STOP_NOT) {
			tick(w, &op);
			if (is_finished(&op, w, begun))
				set_stop(w, STOP_SOON);
		} else if (give_up == INT64_MAX) {
			give_up = clock_ticks() +
				  op.config->worker.drain_timeout_s * SECOND;
		} else if (clock_ticks() > give_up) {
			set_stop(w, STOP_NOW);
		}
		op_close(&op);
	}
}

/* Jobs in hand cannot be interrupted, so the process ends under them. */
static void leave_now(struct op *op, struct worker *w)
{
	size_t i;

	for (i = 0; i < w->count; i++)
		runner_take_away(&w->runners[i], op);
	worker_gone(op, w->owner);
	admin_stop();
	log_event(op, LOG_WARNING, "stopped", "%s", state_line(op, w));
	_exit(0);
}

static enum err start(struct op *op, struct worker *w)
{
	sigset_t set = our_signals();
	size_t i;

	signal(SIGPIPE, SIG_IGN);
	pthread_sigmask(SIG_BLOCK, &set, NULL); /* the threads inherit it */
	TRY(admin_start(op, w, op->config->worker.admin_listen));
	for (i = 0; i < w->count; i++) {
		if (pthread_create(
			    &w->runners[i].thread, NULL, runner_main, &w->runners[i]))
			return fail(op, E_BROKEN, "threads_start",
				"cannot start a thread: %m");
	}
	log_event(op, LOG_INFO, "started", "%s", state_line(op, w));
	notify_systemd("READY=1");
	return OK;
}

enum err worker_run(struct op *op, const struct options *options, struct pace *pace)
{
	int64_t left = 0, stuck;
	struct worker w;
	size_t i;

	TRY(prepare(op, &w, options));
	TRY(worker_lives(&w, op)); /* before a thread begins */
	if (options->once)
		tick(&w, op); /* what is due now is part of the pass */
	TRY(start(op, &w));
	loop(op, &w);
	if (w.stop == STOP_NOW)
		leave_now(op, &w);
	for (i = 0; i < w.count; i++)
		pthread_join(w.runners[i].thread, NULL);
	*pace = (struct pace){ w.done, w.done_at - w.begun_at };
	worker_gone(op, w.owner);
	fault_clear(op);
	admin_stop();
	log_event(op, LOG_INFO, "stopped", "%s", state_line(op, &w));
	if (options->metrics_file)
		TRY(metric_write(op, options->metrics_file));
	if (!options->drain)
		return OK;
	TRY(count_left(op, &w, &left, &stuck));
	if (left)
		return fail(op, E_BUSY, "queue_is_drained", "%lld jobs are left over",
			(long long)left);
	return OK;
}
