/* Queues and workers as operators see them. */
#include "domain/queue.h"

#include "db/db.h"

const struct shape queue_shape = SHAPE(queue, FIELD(queue, name, NULL, NULL, FIELD_ID),
	FIELD(queue, state), FIELD(queue, ready), FIELD(queue, running),
	FIELD(queue, later), FIELD(queue, retrying), FIELD(queue, dead),
	FIELD(queue, oldest_s), FIELD(queue, workers), FIELD(queue, reason));

const struct shape worker_row_shape = SHAPE(worker_row,
	FIELD(worker_row, owner, NULL, NULL, FIELD_ID), FIELD(worker_row, host),
	FIELD(worker_row, pid), FIELD(worker_row, queues),
	FIELD(worker_row, started_at), FIELD(worker_row, seen_at),
	FIELD(worker_row, age_s), FIELD(worker_row, done), FIELD(worker_row, failed),
	FIELD(worker_row, fenced));

enum err queue_find(struct op *op, const char *name, struct rows *out)
{
	return db_rows(op, "queue_stats", &queue_shape, out, V(name));
}

enum err queue_pause(struct op *op, const char *name, const char *reason)
{
	return db_do(op, "queue_pause", V(name), V(reason));
}

enum err queue_resume(struct op *op, const char *name)
{
	return db_do(op, "queue_resume", V(name));
}

enum err queue_rotate(struct op *op, const char *name, bool force)
{
	return db_do(op, "queue_rotate", V(name), V(force));
}

enum err worker_find(struct op *op, struct rows *out)
{
	return db_rows_values(op, "worker_find", &worker_row_shape, out, NULL, 0);
}

struct beat {
	bool quiet;
};
static const struct shape beat_shape = SHAPE(beat, FIELD(beat, quiet));

enum err worker_beat(struct op *op, const struct worker_row *w, bool *quiet)
{
	struct beat b;

	TRY(db_one(op, "worker_beat", &beat_shape, &b, V(w->owner), V(w->host),
		V(w->pid), V(w->queues), V(w->done), V(w->failed), V(w->fenced)));
	*quiet = b.quiet;
	return OK;
}

enum err worker_gone(struct op *op, const char *owner)
{
	return db_do(op, "worker_gone", V(owner));
}
