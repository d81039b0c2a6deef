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
	const char *state; /* ready, quarantined, running, later, dead */
	int64_t attempt, crashes;
	struct stamp created_at;
	struct stamp due_at; /* runs at, lease ends, or died at */
	const char *owner, *rule, *message, *trace;
	struct json_text payload;
};
extern const struct shape job_row_shape;

/* What to look for; NULL and 0 are "any". */
struct job_query {
	const char *queue, *kind, *state, *rule;
	int64_t subject, limit;
};

enum err job_find(struct op *op, const struct job_query *q, struct rows *out);
enum err job_show(struct op *op, int64_t id, struct job_row *out);

/* A dead job with all its tries, or one that waits for later now. */
enum err job_retry(struct op *op, int64_t id, struct job_row *out);

/* One job for each subject; no time is now. */
enum err job_enqueue(
	struct op *op, const char *kind, struct texts subjects, struct stamp run_at);

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
enum err dlq_find(struct op *op, const struct job_query *q, struct rows *out);

/* Run the dead letters that match again, at most limit. */
struct revived {
	int64_t id;
	const char *kind;
	int64_t subject;
};
extern const struct shape revived_shape;
enum err dlq_retry(struct op *op, const struct job_query *q, struct rows *out);

#endif
