/* Queues: what waits in them, opened and paused by operators, moved along by workers.
 */
#ifndef DOMAIN_QUEUE_H
#define DOMAIN_QUEUE_H

#include "base/field.h"
#include "base/op.h"

struct queue {
	const char *name, *state; /* open, paused */
	int64_t ready;            /* exact up to 100,000, then that */
	int64_t running, later, retrying, dead;
	double oldest_s; /* age of the oldest ready job */
	int64_t workers;
	int64_t max_running;  /* over all workers; 0: any */
	double rate;          /* begun a second, over all workers; 0: any */
	int64_t history_days; /* finished jobs are kept so long; 0: not at all */
	const char *reason;   /* of the pause */
};
extern const struct shape queue_shape;

/* One queue, or all when name is NULL. */
enum err queue_find(struct op *op, const char *name, struct rows *out);

enum err queue_pause(struct op *op, const char *name, const char *reason);
enum err queue_resume(struct op *op, const char *name);

/* Limits over all workers: -1 leaves one as it is, 0 takes it away. */
enum err queue_limit(struct op *op, const char *name, int64_t running, double rate);

/* Keep what is finished for so many days; 0: nothing any more. */
enum err queue_history(struct op *op, const char *name, int64_t days);

/* What one thread may begin a second, of each queue that has a rate. */
struct queue_share {
	const char *name;
	double rate;
};
enum err queue_shares(struct op *op, const char *owner, struct rows *out);

/* Truncate what is empty and begin a new slot when it is time, or force it. */
enum err queue_rotate(struct op *op, const char *name, bool force);

/* A worker, as it last said that it lives. */
struct worker_row {
	const char *owner, *host;
	int64_t pid;
	struct texts queues;
	struct stamp started_at, seen_at;
	double age_s;
	int64_t done, failed, fenced;
};
extern const struct shape worker_row_shape;
enum err worker_find(struct op *op, struct rows *out);

/* Say it, and learn whether to be quiet: claim nothing. */
enum err worker_beat(struct op *op, const struct worker_row *w, bool *quiet);
enum err worker_gone(struct op *op, const char *owner);

/* Take a lease from its worker: its jobs go to the quarantine, or die. */
struct broken_lease {
	int64_t lease, jobs, dead;
	const char *owner, *queue;
};
extern const struct shape broken_lease_shape;
enum err worker_kill_lease(struct op *op, int64_t lease, struct broken_lease *out);

/* What workers hold. */
struct lease_row {
	int64_t lease;
	const char *owner, *queue;
	int64_t jobs;
	struct stamp claimed_at, expires_at;
	const char *kind; /* of its first job */
	int64_t job;
};
extern const struct shape lease_row_shape;
enum err worker_leases(struct op *op, struct rows *out);

/* How the queues are, on one line, for a monitoring system. */
struct backlog {
	int64_t workers;
	double beat_age_s; /* of the last beat of any worker; -1: there is none */
	int64_t ready, running, overdue, dead;
	double oldest_s;
};
extern const struct shape backlog_shape;
enum err worker_backlog(struct op *op, int64_t max_age_s, struct backlog *out);

#endif
