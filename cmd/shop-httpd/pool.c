/* A few threads with a connection each, for requests that need the database. */
#include "shop-httpd/pool.h"

#include "base/config.h"
#include "db/db.h"
#include "shop-httpd/server.h"

#include <pthread.h>
#include <stdlib.h>

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t ready;
	struct request *first, **last;
	int64_t waiting, most;
	bool closing;
	const struct config *config;
	size_t n;
	pthread_t threads[];
};

/* The next request, or NULL when there will be none. */
static struct request *take(struct pool *p)
{
	struct request *r;

	pthread_mutex_lock(&p->lock);
	while (!p->first && !p->closing)
		pthread_cond_wait(&p->ready, &p->lock);
	r = p->first;
	if (r) {
		p->first = r->next;
		p->waiting--;
		if (!p->first)
			p->last = &p->first;
	}
	pthread_mutex_unlock(&p->lock);
	return r;
}

/* A schema that is not ours is as bad as no database, until it is. */
static enum err lend(struct op *op, struct db **db)
{
	enum err e;

	if (*db) {
		op->db = *db;
		return OK;
	}
	e = db_open(op);
	if (e == OK) {
		*db = op->db;
		return OK;
	}
	db_close(op->db);
	op->db = NULL;
	return e;
}

static void *pool_thread(void *ctx)
{
	struct pool *p = ctx;
	struct db *db = NULL;
	struct request *r;

	while ((r = take(p))) {
		r->op.timeout_ms = p->config->database.statement_timeout_ms;
		if (lend(&r->op, &db) == OK)
			r->work(r);
		r->op.db = NULL;
		if (db && !db_alive(db)) {
			db_close(db);
			db = NULL;
		}
		request_continue(r);
	}
	db_close(db);
	return NULL;
}

enum err pool_open(struct op *op, size_t n, struct pool **out)
{
	size_t i;
	struct pool *p = calloc(1, sizeof *p + n * sizeof *p->threads);

	if (!p)
		return fail(op, E_BROKEN, "memory_is_enough", "out of memory");
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->ready, NULL);
	p->last = &p->first;
	p->most = op->config->http.queue_max;
	p->config = op->config;
	*out = p;
	for (i = 0; i < n; i++, p->n++)
		if (pthread_create(&p->threads[i], NULL, pool_thread, p) != 0)
			return fail(
				op, E_BROKEN, "threads_are_enough", "no thread: %m");
	return OK;
}

static bool enqueue(struct pool *p, struct request *r)
{
	bool room;

	pthread_mutex_lock(&p->lock);
	room = p->waiting < p->most && !p->closing;
	if (room) {
		r->next = NULL;
		*p->last = r;
		p->last = &r->next;
		p->waiting++;
	}
	pthread_mutex_unlock(&p->lock);
	pthread_cond_signal(&p->ready);
	return room;
}

void pool_run(struct pool *p, struct request *r, void (*work)(struct request *r),
	void (*then)(struct request *r))
{
	r->work = work;
	request_away(r, then);
	if (enqueue(p, r))
		return;
	fail(&r->op, E_BUSY, "queue_has_room", "too many requests are waiting");
	request_continue(r);
}

void pool_close(struct pool *p)
{
	size_t i;

	pthread_mutex_lock(&p->lock);
	p->closing = true;
	pthread_mutex_unlock(&p->lock);
	pthread_cond_broadcast(&p->ready);
	for (i = 0; i < p->n; i++)
		pthread_join(p->threads[i], NULL);
	pthread_cond_destroy(&p->ready);
	pthread_mutex_destroy(&p->lock);
	free(p);
}
