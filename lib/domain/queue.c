/* Queues and workers as operators see them. */
#include "domain/queue.h"

#include "db/db.h"

const struct shape queue_shape = SHAPE(queue, FIELD(queue, name, NULL, NULL, FIELD_ID),
	FIELD(queue, state), FIELD(queue, ready), FIELD(queue, running),
	FIELD(queue, later), FIELD(queue, retrying), FIELD(queue, dead),
	FIELD(queue, oldest_s), FIELD(queue, workers),
	FIELD(queue, max_running, NULL, NULL, FIELD_OPTIONAL), FIELD(queue, rate),
	FIELD(queue, history_days, NULL, NULL, FIELD_OPTIONAL), FIELD(queue, reason));

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

/* A limit that stays as it is goes as null. */
enum err queue_limit(struct op *op, const char *name, int64_t running, double rate)
{
	struct value n = V(running), r = V(rate), null = V((const char *)NULL);

	return db_do(op, "queue_limit", V(name), running < 0 ? null : n,
		rate < 0 ? null : r);
}

enum err queue_history(struct op *op, const char *name, int64_t days)
{
	struct value n = V(days), null = V((const char *)NULL);

	return db_do(op, "queue_history", V(name), days > 0 ? n : null);
}

static const struct shape share_shape =
	SHAPE(queue_share, FIELD(queue_share, name), FIELD(queue_share, rate));

enum err queue_shares(struct op *op, const char *owner, struct rows *out)
{
	return db_rows(op, "queue_shares", &share_shape, out, V(owner));
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

const struct shape broken_lease_shape =
	SHAPE(broken_lease, FIELD(broken_lease, lease, NULL, NULL, FIELD_ID),
		FIELD(broken_lease, owner), FIELD(broken_lease, queue),
		FIELD(broken_lease, jobs), FIELD(broken_lease, dead));

enum err worker_kill_lease(struct op *op, int64_t lease, struct broken_lease *out)
{
	return db_one(op, "worker_kill_lease", &broken_lease_shape, out, V(lease));
}

const struct shape lease_row_shape = SHAPE(lease_row,
	FIELD(lease_row, lease, NULL, NULL, FIELD_ID), FIELD(lease_row, owner),
	FIELD(lease_row, queue), FIELD(lease_row, jobs), FIELD(lease_row, claimed_at),
	FIELD(lease_row, expires_at), FIELD(lease_row, kind),
	FIELD(lease_row, job, NULL, NULL, FIELD_ID));

enum err worker_leases(struct op *op, struct rows *out)
{
	return db_rows_values(op, "worker_leases", &lease_row_shape, out, NULL, 0);
}

const struct shape backlog_shape = SHAPE(backlog, FIELD(backlog, workers),
	FIELD(backlog, beat_age_s), FIELD(backlog, ready), FIELD(backlog, running),
	FIELD(backlog, overdue), FIELD(backlog, dead), FIELD(backlog, oldest_s));

enum err worker_backlog(struct op *op, int64_t max_age_s, struct backlog *out)
{
	return db_one(op, "worker_backlog", &backlog_shape, out, V(max_age_s));
}
