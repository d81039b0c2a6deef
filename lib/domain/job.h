/* Jobs as operators see them: in any state, dead letters, put by hand, run again. */
#ifndef DOMAIN_JOB_H
#define DOMAIN_JOB_H

#include "base/field.h"
#include "base/op.h"

/* What a worker does between a claim and the next is in domain/lease.h. */
struct job_row {
	int64_t id;
	const char *kind;
	int64_t subject;
	const char *state; /* ready, quarantined, running, later, dead, done */
	int64_t attempt, crashes;
	struct stamp created_at;
	struct stamp due_at; /* runs at, lease ends, died at, or finished at */
	const char *owner, *rule, *message, *trace;
	struct json_text payload;
	const char *queue;
	int64_t priority;
};
extern const struct shape job_row_shape;

/* What to look for; NULL and 0 are "any". */
struct job_query {
	const char *queue, *kind, *state, *rule;
	int64_t subject, limit;
};

enum err job_find(struct op *op, const struct job_query *q, struct rows *out);
enum err job_show(struct op *op, int64_t id, struct job_row *out);

/* Jobs by hand, one for each subject; no time is now. */
struct job_order {
	const char *kind;
	struct texts subjects;
	struct stamp run_at;
	struct json_text payload;
	int64_t priority;  /* -2 first .. 2 last */
	const char *queue; /* NULL: the one of the kind */
};
enum err job_enqueue(struct op *op, const struct job_order *o);

/*
 * A verb for many: retry (dead ones with all their tries, later ones now), cancel,
 * reschedule, move, purge.  Those named, or else all that fit; NULL and 0 are "any".
 */
struct job_bulk {
	const char *verb;
	struct texts ids;
	const char *queue, *kind, *state, *error;
	struct stamp older;
	struct stamp at;      /* of reschedule */
	const char *to_queue; /* of move */
	bool set_priority;
	int64_t to_priority;
};
struct job_hit {
	int64_t id;
	const char *kind;
	int64_t subject;
	const char *state; /* that it was in */
	const char *queue;
};
extern const struct shape job_hit_shape;

/* The next n of them after a job (0: the first). */
enum err job_bulk(struct op *op, const struct job_bulk *b, int64_t after, int64_t n,
	struct rows *out);

/* Put what is due into its queue; *last is where the next call may go on from. */
enum err job_promote(struct op *op, struct stamp *last, int64_t *promoted);

/* Put the jobs of schedules whose time has come. */
enum err job_schedule(struct op *op);

struct dead_letter {
	int64_t id;
	const char *queue, *kind;
	int64_t subject;
	struct stamp died_at;
	int64_t attempt, crashes;
	const char *rule, *message;
	struct stamp created_at;
	const char *trace;
	struct json_text payload;
};
extern const struct shape dead_letter_shape;
extern const struct shape dead_letter_full_shape; /* with what it was given */
enum err dlq_find(struct op *op, const struct job_query *q, struct rows *out);

enum err dlq_show(struct op *op, int64_t id, struct dead_letter *out);

/* What died of the same rule in the same kind. */
struct dlq_group {
	const char *rule, *kind;
	int64_t count;
	struct stamp first_at, last_at;
	int64_t sample;
	const char *message;
};
extern const struct shape dlq_group_shape;
enum err dlq_groups(struct op *op, const char *queue, struct rows *out);

/* Mend it before it runs again; 0 and NULL leave what there is. */
enum err dlq_edit(struct op *op, int64_t id, int64_t subject, struct json_text payload,
	struct dead_letter *out);

#endif
