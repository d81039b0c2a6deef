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
	const char *reason; /* of the pause */
};
extern const struct shape queue_shape;

/* One queue, or all when name is NULL. */
enum err queue_find(struct op *op, const char *name, struct rows *out);

enum err queue_pause(struct op *op, const char *name, const char *reason);
enum err queue_resume(struct op *op, const char *name);

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

#endif
