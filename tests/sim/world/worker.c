/* Workers: the runner's own turn over one queue or another, and the ticker's duties. */
#include "shop-worker/worker.h"

#include "base/config.h"
#include "db/db.h"
#include "shop-worker/kind.h"
#include "world.h"

#include <string.h>

enum { WORKERS = 4, QUEUES = 16 }; /* the last one only ticks */

/* One life of a worker: a new owner with nothing in his hands. */
static struct life {
	struct options options;
	struct worker w;
	struct runner runners[QUEUES];
	struct op op; /* holds the names */
	int64_t lives;
	bool born;
} lives[WORKERS];

static void count_and_end(struct life *l)
{
	if (!l->born)
		return;
	run.effects[E_leases_fenced] += l->w.fenced;
	op_close(&l->op);
	l->born = false;
}

static void be_born(struct life *l, const struct actor *a)
{
	struct texts queues;

	count_and_end(l);
	op_open(&l->op, run.config, "worker");
	queues = kind_queues(&l->op);
	l->options = (struct options){ .batch = between(1, 4) };
	l->w = (struct worker){ .options = &l->options,
		.config = run.config,
		.owner = op_printf(&l->op, "w%d:%lld", a->number, (long long)a->lives),
		.host = "world",
		.runners = l->runners };
	pthread_mutex_init(&l->w.lock, NULL);
	for (size_t i = 0; i < queues.n && i < QUEUES; i++) {
		struct runner *r = &l->runners[l->w.count++];

		*r = (struct runner){ .worker = &l->w,
			.queue = queues.v[i],
			.claim = { .queue = queues.v[i],
				.owner = op_printf(&l->op, "%s/%zu", l->w.owner, i),
				.lease_s = kind_lease_s(queues.v[i], 30) } };
		pthread_mutex_init(&r->lock, NULL);
	}
	l->lives = a->lives;
	l->born = true;
}

static struct life *life_of(const struct actor *a)
{
	struct life *l = &lives[a->number];

	if (!l->born || l->lives != a->lives)
		be_born(l, a);
	l->w.stop = STOP_NOT;
	return l;
}

/* The dead stop at once: nothing they could give back reaches anybody. */
void worker_killed(const struct actor *a)
{
	if (a->live == worker_live || a->live == ticker_live)
		lives[a->number].w.stop = STOP_NOW;
}

/*
 * The queue that it goes on with, else one that has jobs, now and then any other.  In a
 * worker each queue has threads of its own; here most steps would find nothing.
 */
static struct runner *pick(struct life *l)
{
	int64_t at = below((int64_t)l->w.count);
	const char *ready;

	for (size_t i = 0; i < l->w.count; i++)
		if (l->runners[i].claim.done_lease)
			return &l->runners[i];
	ready = below(20) ? queue_ready() : "";
	for (size_t i = 0; i < l->w.count; i++)
		if (!strcmp(l->runners[i].queue, ready))
			at = (int64_t)i;
	return *ready || !below(4) ? &l->runners[at] : NULL;
}

void worker_live(struct actor *a)
{
	struct life *l = life_of(a);
	struct runner *r = pick(l);
	struct op op;

	if (!r) {
		a->wake_us = run.now_us + between(50, 1000) * 1000;
		return;
	}
	r->sweep_at = 0;
	begin(&op, "shop-worker");
	if (runner_turn(r, &op) != OK && !a->dead)
		trace("turn failed: %s", op.fault.rule);
	end(&op);
}

void ticker_live(struct actor *a)
{
	struct life *l = life_of(a);
	size_t queues = l->w.count;
	struct op op;

	/* it tends one queue at a time, or most steps would be about empty ones */
	l->w.runners = &l->runners[below((int64_t)queues)];
	l->w.count = 1;
	begin(&op, "shop-worker");
	tick(&l->w, &op);
	end(&op);
	l->w.runners = l->runners;
	l->w.count = queues;
	a->wake_us = run.now_us + 250000;
}

void workers_count(void)
{
	for (int i = 0; i < WORKERS; i++)
		count_and_end(&lives[i]);
}
