/* Things in the order of their time. */
#ifndef SIM_QUEUE_H
#define SIM_QUEUE_H

#include <stddef.h>
#include <stdint.h>

struct waiting {
	int64_t due_us;
	void *thing;
};

struct queue {
	struct waiting *v; /* a binary heap */
	size_t n, room;
};

void queue_put(struct queue *q, int64_t due_us, void *thing);

/* When the first is due; INT64_MAX when there is none. */
int64_t queue_due(const struct queue *q);

/* The first, removed; NULL when there is none. */
void *queue_take(struct queue *q);

#endif
