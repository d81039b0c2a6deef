/* One worker process: its queues, its threads, and how far it is told to stop. */
#ifndef SHOP_WORKER_WORKER_H
#define SHOP_WORKER_WORKER_H

#include "base/bucket.h"
#include "base/op.h"
#include "domain/lease.h"

#include <pthread.h>
#include <stdatomic.h>

enum stop {
	STOP_NOT,
	STOP_SOON, /* claim nothing more, finish the job in hand, give back the rest */
	STOP_NOW,  /* give everything back */
};

struct options {
	struct texts queues;   /* "payment" or "payment:4" */
	int64_t concurrency;   /* threads a queue that names no number */
	int64_t batch;         /* 0: by the run time of the jobs */
	int64_t lease_s;       /* 0: the longest of the queue's kinds */
	int64_t max_runtime_s; /* 0: until told to stop */
	bool once;             /* end when there is nothing to claim */
	bool drain;            /* and not before nothing waits for another try */
	const char *metrics_file;
};

/* One thread: it claims, runs and settles batches of one queue on one connection. */
struct runner {
	struct worker *worker;
	const char *queue;
	pthread_t thread;
	struct db *db;
	struct claim claim;
	struct flight *flight; /* NULL: one job after the other */
	int64_t in_flight;     /* jobs of a batch that run at once */
	int64_t average_us; /* run time of a job, moving; of those at once, its share */
	int64_t pause_us;   /* after the next empty claim */
	int64_t seen_at, seen[QUEUE_PLACES],
		seen_before[QUEUE_PLACES]; /* the watermark */
	_Atomic double rate;        /* jobs a second that this thread may begin, */
	_Atomic int64_t rate_until; /* to this clock_ticks(), then none; 0: any */
	struct bucket bucket;
	int64_t sweep_at; /* when the next claim is to look everywhere */
	bool unsure;      /* a claim's answer was lost: it may have taken jobs */
	_Atomic int64_t alive_until; /* clock_ticks() by which it must move again */
	_Atomic bool idle;           /* a sweep found nothing */
	_Atomic bool ended;

	pthread_mutex_t lock; /* of what follows: STOP_NOW takes it away */
	struct batch *batch;
	int64_t held_until; /* clock_ticks() when the lease runs out */
	int64_t renewed_at;
	bool taken;
};

struct worker {
	const struct options *options;
	_Atomic(const struct config *) config; /* SIGHUP puts another one there */
	const char *owner, *host;
	struct runner *runners;
	size_t count;
	_Atomic int stop; /* enum stop */
	_Atomic bool quiet;
	_Atomic int64_t done, failed, fenced, given_back;
	_Atomic int64_t begun_at,
		done_at; /* clock_ticks(): the first claim, the last job */
	pthread_mutex_t lock;
	pthread_cond_t wake; /* stop changed */
};

/* How fast it was: from the first claim to the last job done. */
struct pace {
	int64_t jobs, us;
};

/* Run until told to stop (or, once, until all is done). */
enum err worker_run(struct op *op, const struct options *options, struct pace *pace);

/* The body of a thread. */
void *runner_main(void *runner);

/* One claim and what follows from it, on the op's connection. */
enum err runner_turn(struct runner *r, struct op *op);

/* Say that it lives; learn from that what it may do. */
enum err worker_lives(struct worker *w, struct op *op);

/* Give back what the runner holds, from another thread; its job in hand too. */
void runner_take_away(struct runner *r, struct op *op);

/* Sleep, but wake when the worker is told to stop. */
void runner_rest(struct runner *r, int64_t us);

/* Count a lease that was no longer ours, and forget the fault that said so. */
void runner_fenced(struct runner *r, struct op *op, int64_t lease);

/* Run the jobs of a batch and settle each; *whole: the lease itself is left to finish.
 */
enum err batch_run(struct runner *r, struct op *op, struct batch *b, bool *whole);

/* What any worker does for all: promote, schedule, rescue, rotate, and say it lives. */
void tick(struct worker *w, struct op *op);

/* Serve /metrics, /livez and /readyz on unix:PATH; NULL or "" is nowhere. */
enum err admin_start(struct op *op, struct worker *w, const char *address);
void admin_stop(void);

/* A random number below n, for jitter. */
int64_t jitter(int64_t n);

#endif
