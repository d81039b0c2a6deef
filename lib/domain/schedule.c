/* The verbs of schedules. */
#include "domain/schedule.h"

#include "base/json.h"
#include "db/db.h"
#include "domain/housekeeping.h"

#include <string.h>

static const struct shape stored_shape = SHAPE(schedule, FIELD(schedule, name),
	FIELD(schedule, kind), FIELD(schedule, rhythm), FIELD(schedule, tz),
	FIELD(schedule, catch_up), FIELD(schedule, state), FIELD(schedule, next_at),
	FIELD(schedule, last_due_at), FIELD(schedule, last_run_at),
	FIELD(schedule, rows), FIELD(schedule, total), FIELD(schedule, missed),
	FIELD(schedule, subject), FIELD(schedule, payload), FIELD(schedule, paused_at));

#define HEAD                                                                           \
	FIELD(schedule, name, .flags = FIELD_ID), FIELD(schedule, rhythm),             \
		FIELD(schedule, tz), FIELD(schedule, catch_up),                        \
		FIELD(schedule, state), FIELD(schedule, next_at),                      \
		FIELD(schedule, last_run_at),                                          \
		FIELD(schedule, rows, .flags = FIELD_OPTIONAL), FIELD(schedule, keeps)
#define TAIL(hidden)                                                                   \
	FIELD(schedule, kind, .flags = hidden),                                        \
		FIELD(schedule, last_due_at, .flags = hidden),                         \
		FIELD(schedule, total, .flags = FIELD_OPTIONAL | (hidden)),            \
		FIELD(schedule, missed, .flags = FIELD_OPTIONAL | (hidden)),           \
		FIELD(schedule, subject,                                               \
			.flags = FIELD_ID | FIELD_OPTIONAL | (hidden)),                \
		FIELD(schedule, payload, .flags = hidden),                             \
		FIELD(schedule, paused_at, .flags = hidden)

const struct shape schedule_shape = SHAPE(schedule, HEAD, TAIL(FIELD_HIDDEN));
const struct shape schedule_full_shape = SHAPE(schedule, HEAD, TAIL(0));

const struct shape due_time_shape =
	SHAPE(due_time, FIELD(due_time, name, .flags = FIELD_ID),
		FIELD(due_time, due_at), FIELD(due_time, local), FIELD(due_time, tz));

const struct shape missed_time_shape = SHAPE(missed_time,
	FIELD(missed_time, name, .flags = FIELD_ID), FIELD(missed_time, missed_from),
	FIELD(missed_time, missed_to), FIELD(missed_time, missed),
	FIELD(missed_time, made_up), FIELD(missed_time, noticed_at));

const struct shape schedule_job_shape =
	SHAPE(schedule_job, FIELD(schedule_job, name, .flags = FIELD_ID),
		FIELD(schedule_job, kind), FIELD(schedule_job, job, .flags = FIELD_ID));

enum err schedule_list(struct op *op, const char *name, struct rows *out)
{
	size_t i;

	TRY(db_rows(op, "schedule_list", &stored_shape, out, V(name)));
	for (i = 0; i < out->n; i++) {
		struct schedule *s = row_at(&stored_shape, *out, i);

		s->keeps = housekeeping_keeps(op, s->kind);
	}
	return OK;
}

enum err schedule_get(struct op *op, const char *name, struct schedule *out)
{
	struct rows rows;

	TRY(schedule_list(op, name, &rows));
	*out = *(struct schedule *)rows.items;
	return OK;
}

enum err schedule_next(struct op *op, const struct due_query *q, struct rows *out)
{
	return db_rows(op, "schedule_next", &due_time_shape, out, V(q->name),
		V(q->cron), V(q->tz), V(q->count));
}

enum err schedule_missed(
	struct op *op, const char *name, struct stamp since, struct rows *out)
{
	return db_rows(
		op, "schedule_missed", &missed_time_shape, out, V(name), V(since));
}

static enum err set(struct op *op, bool fresh, const struct schedule_wish *w)
{
	struct value none = { 0 };

	if (w->payload)
		TRY(json_check(op, w->payload, strlen(w->payload)));
	return db_do(op, "schedule_set", V(fresh), V(w->name), V(w->kind), V(w->cron),
		V(w->every), V(w->tz), V(w->catch_up),
		w->subject ? V(w->subject) : none, V(w->payload));
}

enum err schedule_create(struct op *op, const struct schedule_wish *w)
{
	return set(op, true, w);
}

enum err schedule_edit(struct op *op, const struct schedule_wish *w)
{
	return set(op, false, w);
}

enum err schedule_delete(struct op *op, const char *name)
{
	return db_do(op, "schedule_delete", V(name));
}

enum err schedule_pause(struct op *op, const char *name, bool pause)
{
	return db_do(op, "schedule_pause", V(name), V(pause));
}

enum err schedule_run(struct op *op, const char *name, struct schedule_job *out)
{
	return db_one(op, "schedule_run", &schedule_job_shape, out, V(name));
}
