/* Things in the order of their time: a binary heap. */
#include "provider/queue.h"

#include "provider/sim.h"

static bool sooner(const struct waiting *a, const struct waiting *b)
{
	return a->due_us < b->due_us;
}

static void swap(struct waiting *a, struct waiting *b)
{
	struct waiting kept = *a;

	*a = *b;
	*b = kept;
}

void queue_put(struct queue *q, int64_t due_us, void *thing)
{
	size_t i = q->n++;

	if (q->n > q->room) {
		q->room = q->room ? q->room * 2 : 64;
		q->v = keep(realloc(q->v, q->room * sizeof *q->v));
	}
	q->v[i] = (struct waiting){ due_us, thing };
	for (; i && sooner(&q->v[i], &q->v[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&q->v[i], &q->v[(i - 1) / 2]);
}

int64_t queue_due(const struct queue *q)
{
	return q->n ? q->v[0].due_us : INT64_MAX;
}

void *queue_take(struct queue *q)
{
	size_t i = 0, child;
	void *first;

	if (!q->n)
		return NULL;
	first = q->v[0].thing;
	q->v[0] = q->v[--q->n];
	while ((child = 2 * i + 1) < q->n) {
		if (child + 1 < q->n && sooner(&q->v[child + 1], &q->v[child]))
			child++;
		if (!sooner(&q->v[child], &q->v[i]))
			break;
		swap(&q->v[child], &q->v[i]);
		i = child;
	}
	if (!q->n) {
		free(q->v);
		q->v = NULL;
		q->room = 0;
	}
	return first;
}
