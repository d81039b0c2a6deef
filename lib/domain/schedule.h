/* Schedules: jobs that are put by the calendar or after a time. */
#ifndef DOMAIN_SCHEDULE_H
#define DOMAIN_SCHEDULE_H

#include "base/field.h"
#include "base/op.h"

struct schedule {
	const char *name, *kind;
	const char *rhythm; /* a cron expression, or "every 10m" */
	const char *tz;
	const char *catch_up; /* what of missed due times is made up for: none, one, all
			       */
	const char *state;    /* waiting, late, paused */
	struct stamp next_at, last_due_at, last_run_at, paused_at;
	int64_t rows, total; /* of a task of housekeeping: its last run, and all */
	const char *keeps;   /* of such a task: for how long */
	int64_t missed;      /* within a week */
	int64_t subject;
	struct json_text payload;
};
extern const struct shape schedule_shape;      /* as a list shows it */
extern const struct shape schedule_full_shape; /* and on its own */

/* All, or the one of that name. */
enum err schedule_list(struct op *op, const char *name, struct rows *out);
enum err schedule_get(struct op *op, const char *name, struct schedule *out);

/* The next due times: of one, of all, or of an expression that is to be tried. */
struct due_time {
	const char *name;
	struct stamp due_at;
	const char *local, *tz;
};
extern const struct shape due_time_shape;
struct due_query {
	const char *name, *cron, *tz;
	int64_t count;
};
enum err schedule_next(struct op *op, const struct due_query *q, struct rows *out);

/* Due times that had no run of their own; not noticed yet: no worker was there since.
 */
struct missed_time {
	const char *name;
	struct stamp missed_from, missed_to;
	int64_t missed;
	bool made_up;
	struct stamp noticed_at;
};
extern const struct shape missed_time_shape;
enum err schedule_missed(
	struct op *op, const char *name, struct stamp since, struct rows *out);

/* A new one, or a change of one: what is NULL or 0 stays. */
struct schedule_wish {
	const char *name, *kind, *cron, *every, *tz, *catch_up;
	int64_t subject;
	const char *payload; /* JSON */
};
enum err schedule_create(struct op *op, const struct schedule_wish *w);
enum err schedule_edit(struct op *op, const struct schedule_wish *w);
enum err schedule_delete(struct op *op, const char *name);

/* What falls into a pause is not made up for. */
enum err schedule_pause(struct op *op, const char *name, bool pause);

/* Put its job now, whatever its rhythm says. */
struct schedule_job {
	const char *name, *kind;
	int64_t job;
};
extern const struct shape schedule_job_shape;
enum err schedule_run(struct op *op, const char *name, struct schedule_job *out);

#endif
