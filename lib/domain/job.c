/* Jobs and dead letters, found and run again. */
#include "domain/job.h"

#include "db/db.h"

const struct shape job_row_shape =
	SHAPE(job_row, FIELD(job_row, id, NULL, NULL, FIELD_ID), FIELD(job_row, kind),
		FIELD(job_row, subject, NULL, NULL, FIELD_ID | FIELD_OPTIONAL),
		FIELD(job_row, state), FIELD(job_row, attempt), FIELD(job_row, crashes),
		FIELD(job_row, created_at), FIELD(job_row, due_at),
		FIELD(job_row, owner), FIELD(job_row, rule), FIELD(job_row, message),
		FIELD(job_row, trace, NULL, NULL, FIELD_HIDDEN),
		FIELD(job_row, payload, NULL, NULL, FIELD_HIDDEN));

const struct shape dead_letter_shape =
	SHAPE(dead_letter, FIELD(dead_letter, id, NULL, NULL, FIELD_ID),
		FIELD(dead_letter, queue), FIELD(dead_letter, kind),
		FIELD(dead_letter, subject, NULL, NULL, FIELD_ID | FIELD_OPTIONAL),
		FIELD(dead_letter, died_at), FIELD(dead_letter, attempt),
		FIELD(dead_letter, crashes), FIELD(dead_letter, rule),
		FIELD(dead_letter, message),
		FIELD(dead_letter, created_at, NULL, NULL, FIELD_HIDDEN),
		FIELD(dead_letter, trace, NULL, NULL, FIELD_HIDDEN),
		FIELD(dead_letter, payload, NULL, NULL, FIELD_HIDDEN));

const struct shape revived_shape =
	SHAPE(revived, FIELD(revived, id, NULL, NULL, FIELD_ID), FIELD(revived, kind),
		FIELD(revived, subject, NULL, NULL, FIELD_ID | FIELD_OPTIONAL));

static int64_t limit_of(const struct job_query *q)
{
	return q->limit > 0 ? q->limit : 50;
}

enum err job_find(struct op *op, const struct job_query *q, struct rows *out)
{
	return db_rows(op, "job_find", &job_row_shape, out, V(q->queue), V(q->kind),
		V(q->state), V(q->subject), V(limit_of(q)));
}

enum err job_show(struct op *op, int64_t id, struct job_row *out)
{
	return db_one(op, "job_show", &job_row_shape, out, V(id));
}

enum err job_retry(struct op *op, int64_t id, struct job_row *out)
{
	return db_one(op, "job_retry", &job_row_shape, out, V(id));
}

enum err job_enqueue(
	struct op *op, const char *kind, struct texts subjects, struct stamp run_at)
{
	struct ints ids = { NULL, subjects.n };
	int64_t *v = op_alloc(op, (subjects.n + 1) * sizeof *v);
	size_t i;
	char *end;

	for (i = 0; i < subjects.n; i++) {
		v[i] = strtoll(subjects.v[i], &end, 10);
		if (end == subjects.v[i] || *end)
			return fail(op, E_USAGE, "subject_is_a_number",
				"\"%s\" is not a number", subjects.v[i]);
	}
	ids.v = v;
	return db_do(op, "job_enqueue", V(kind), V(ids), V(run_at));
}

struct promoted {
	int64_t promoted;
	struct stamp last;
};
static const struct shape promoted_shape =
	SHAPE(promoted, FIELD(promoted, promoted), FIELD(promoted, last));

enum err job_promote(struct op *op, struct stamp *last, int64_t *promoted)
{
	struct promoted p;

	TRY(db_one(op, "job_promote", &promoted_shape, &p, V(*last)));
	*last = p.last;
	*promoted = p.promoted;
	return OK;
}

enum err job_schedule(struct op *op)
{
	return db_do_values(op, "job_schedule", NULL, 0);
}

enum err dlq_find(struct op *op, const struct job_query *q, struct rows *out)
{
	return db_rows(op, "dlq_find", &dead_letter_shape, out, V(q->queue), V(q->kind),
		V(q->rule), V(limit_of(q)));
}

enum err dlq_retry(struct op *op, const struct job_query *q, struct rows *out)
{
	return db_rows(op, "dlq_retry", &revived_shape, out, V(q->queue), V(q->kind),
		V(q->rule), V(q->limit > 0 ? q->limit : 1000));
}
