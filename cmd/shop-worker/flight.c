/*
 * Jobs of one batch that wait for others at the same time.  Each has a thread, and so a
 * kept-alive connection to whom it asks; the connection to the database, the lease and
 * the op that settles are the runner's, and whose turn it is has the baton.  So many
 * calls under way cost one connection and one lease.
 */
#include "shop-worker/flight.h"

#include "base/baton.h"

#include <stdlib.h>

struct flight {
	struct runner *runner;
	pthread_mutex_t baton; /* of all that follows, and of the runner's connection */
	pthread_cond_t begun, landed;
	pthread_t threads[FLIGHT_MAX];
	size_t n; /* threads: as many as were ever under way at once */
	struct op *op;
	struct batch *batch;
	flight_run *run;
	size_t next,
		granted; /* of the batch; between them: jobs that wait for a thread */
	const struct job *under_way[FLIGHT_MAX];
	size_t n_under_way;
	enum err failure;
	bool end;
};

static void strike(struct flight *f, const struct job *job)
{
	size_t i;

	for (i = 0; f->under_way[i] != job; i++)
		;
	f->under_way[i] = f->under_way[--f->n_under_way];
}

/* Two jobs about one thing: the second learns what became of the first. */
static bool is_about_another(const struct flight *f, const struct job *job)
{
	size_t i;

	for (i = 0; i < f->n_under_way; i++) {
		if (f->under_way[i]->subject == job->subject)
			return false;
	}
	return true;
}

static void *fly(void *arg)
{
	struct flight *f = arg;

	baton_take(&f->baton);
	for (;;) {
		struct job *job;
		enum err e;

		while (f->next == f->granted && !f->end)
			pthread_cond_wait(&f->begun, &f->baton);
		if (f->end)
			break;
		job = &f->batch->jobs[f->next++];
		e = f->run(f->runner, f->op, f->batch, job);
		if (f->failure == OK)
			f->failure = e;
		strike(f, job);
		pthread_cond_signal(&f->landed);
	}
	baton_drop();
	return NULL;
}

struct flight *flight_open(struct runner *r)
{
	struct flight *f = calloc(1, sizeof *f);

	if (!f)
		return NULL;
	f->runner = r;
	pthread_mutex_init(&f->baton, NULL);
	pthread_cond_init(&f->begun, NULL);
	pthread_cond_init(&f->landed, NULL);
	baton_take(&f->baton);
	return f;
}

void flight_close(struct flight *f)
{
	size_t i;

	if (!f)
		return;
	f->end = true;
	pthread_cond_broadcast(&f->begun);
	baton_drop();
	for (i = 0; i < f->n; i++)
		pthread_join(f->threads[i], NULL);
	pthread_cond_destroy(&f->landed);
	pthread_cond_destroy(&f->begun);
	pthread_mutex_destroy(&f->baton);
	free(f);
}

void flight_plan(struct flight *f, struct op *op, struct batch *b, flight_run *run)
{
	if (!f)
		return;
	f->op = op;
	f->batch = b;
	f->run = run;
	f->next = f->granted = 0;
	f->failure = OK;
}

enum err flight_room(struct flight *f, int64_t most, const struct job *job)
{
	if (!f)
		return OK;
	while (f->failure == OK &&
		(f->n_under_way >= (size_t)most || !is_about_another(f, job)))
		pthread_cond_wait(&f->landed, &f->baton);
	return f->failure;
}

enum err flight_start(struct flight *f)
{
	if (f->n_under_way == f->n && !pthread_create(&f->threads[f->n], NULL, fly, f))
		f->n++;
	if (!f->n) /* with fewer than wanted it only takes longer */
		return fail(f->op, E_BROKEN, "threads_start", "cannot start a thread");
	f->under_way[f->n_under_way++] = &f->batch->jobs[f->granted++];
	pthread_cond_signal(&f->begun);
	return OK;
}

enum err flight_land(struct flight *f, enum err e)
{
	while (f && f->n_under_way)
		pthread_cond_wait(&f->landed, &f->baton);
	return e != OK || !f ? e : f->failure;
}
