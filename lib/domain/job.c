/* Jobs and dead letters, found and run again. */
#include "domain/job.h"

#include "db/db.h"

#include <stdlib.h>
#include <string.h>

const struct shape job_row_shape =
	SHAPE(job_row, FIELD(job_row, id, NULL, NULL, FIELD_ID), FIELD(job_row, kind),
		FIELD(job_row, subject, NULL, NULL, FIELD_ID | FIELD_OPTIONAL),
		FIELD(job_row, state), FIELD(job_row, attempt), FIELD(job_row, crashes),
		FIELD(job_row, created_at), FIELD(job_row, due_at),
		FIELD(job_row, owner), FIELD(job_row, rule), FIELD(job_row, message),
		FIELD(job_row, trace, NULL, NULL, FIELD_HIDDEN),
		FIELD(job_row, payload, NULL, NULL, FIELD_HIDDEN),
		FIELD(job_row, queue, NULL, NULL, FIELD_HIDDEN),
		FIELD(job_row, priority, NULL, NULL, FIELD_HIDDEN));

#define DEAD_LETTER(hidden)                                                            \
	FIELD(dead_letter, id, NULL, NULL, FIELD_ID), FIELD(dead_letter, queue),       \
		FIELD(dead_letter, kind),                                              \
		FIELD(dead_letter, subject, NULL, NULL, FIELD_ID | FIELD_OPTIONAL),    \
		FIELD(dead_letter, died_at), FIELD(dead_letter, attempt),              \
		FIELD(dead_letter, crashes), FIELD(dead_letter, rule),                 \
		FIELD(dead_letter, message),                                           \
		FIELD(dead_letter, created_at, NULL, NULL, hidden),                    \
		FIELD(dead_letter, trace, NULL, NULL, hidden),                         \
		FIELD(dead_letter, payload, NULL, NULL, hidden)

const struct shape dead_letter_shape = SHAPE(dead_letter, DEAD_LETTER(FIELD_HIDDEN));
const struct shape dead_letter_full_shape = SHAPE(dead_letter, DEAD_LETTER(0));

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

/* Numbers that somebody typed; rule and what say what they are. */
static enum err numbers(
	struct op *op, struct texts texts, const char *rule, struct ints *out)
{
	int64_t *v = op_alloc(op, (texts.n + 1) * sizeof *v);
	size_t i;
	char *end;

	for (i = 0; i < texts.n; i++) {
		v[i] = strtoll(texts.v[i], &end, 10);
		if (end == texts.v[i] || *end)
			return fail(op, E_USAGE, rule, "\"%s\" is not a number",
				texts.v[i]);
	}
	*out = (struct ints){ v, texts.n };
	return OK;
}

enum err job_enqueue(struct op *op, const struct job_order *o)
{
	static const int64_t none = 0;
	struct ints ids;

	TRY(numbers(op, o->subjects, "subject_is_a_number", &ids));
	if (!ids.n)
		ids = (struct ints){ &none, 1 };
	return db_do(op, "job_enqueue", V(o->kind), V(ids), V(o->run_at), V(o->payload),
		V(o->priority), V(o->queue));
}

const struct shape job_hit_shape =
	SHAPE(job_hit, FIELD(job_hit, id, NULL, NULL, FIELD_ID), FIELD(job_hit, kind),
		FIELD(job_hit, subject, NULL, NULL, FIELD_ID | FIELD_OPTIONAL),
		FIELD(job_hit, state), FIELD(job_hit, queue));

enum err job_bulk(struct op *op, const struct job_bulk *b, int64_t after, int64_t n,
	struct rows *out)
{
	struct value null = V((const char *)NULL), ids = null;
	struct ints v;

	TRY(numbers(op, b->ids, "job_is_a_number", &v));
	if (v.n)
		ids = V(v);
	if (!strcmp(b->verb, "retry"))
		return db_rows(op, "job_retry", &job_hit_shape, out, ids, V(b->queue),
			V(b->kind), V(b->state), V(b->older), V(b->error), V(after),
			V(n));
	return db_rows(op, "job_bulk", &job_hit_shape, out, V(b->verb), ids,
		V(b->queue), V(b->kind), V(b->state), V(b->older), V(b->error),
		V(after), V(n), V(b->at), V(b->to_queue),
		b->set_priority ? V(b->to_priority) : null);
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

enum err dlq_show(struct op *op, int64_t id, struct dead_letter *out)
{
	return db_one(op, "dlq_show", &dead_letter_shape, out, V(id));
}

const struct shape dlq_group_shape = SHAPE(dlq_group, FIELD(dlq_group, rule),
	FIELD(dlq_group, kind), FIELD(dlq_group, count), FIELD(dlq_group, first_at),
	FIELD(dlq_group, last_at), FIELD(dlq_group, sample, NULL, NULL, FIELD_ID),
	FIELD(dlq_group, message));

enum err dlq_groups(struct op *op, const char *queue, struct rows *out)
{
	return db_rows(op, "dlq_groups", &dlq_group_shape, out, V(queue));
}

enum err dlq_edit(struct op *op, int64_t id, int64_t subject, struct json_text payload,
	struct dead_letter *out)
{
	struct value n = V(subject), null = V((const char *)NULL);

	return db_one(op, "dlq_edit", &dead_letter_shape, out, V(id),
		subject ? n : null, V(payload));
}
