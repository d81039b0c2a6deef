/* Threads that place whatever checkouts have arrived, one batch a commit. */
#include "shop-httpd/batcher.h"

#include "base/arena.h"
#include "base/config.h"
#include "base/log.h"
#include "base/metric.h"

#include <pthread.h>
#include <stdlib.h>

METRIC_GAUGE(waiting_gauge, "shop_checkout_waiting", "Checkouts that wait for a batch.")
METRIC_COUNTER(placed_total, "shop_checkouts_total", "Checkouts answered, by result.")

struct batcher {
	const struct config *config;
	struct checkout_ids *ids;
	pthread_mutex_t lock;
	pthread_cond_t arrived;
	struct checkout *head, **tail;
	bool closing;
	int64_t idle; /* threads that wait for work */
	struct batcher_stats stats;
	size_t thread_count;
	pthread_t threads[];
};

/* All that has arrived, up to `most`; none is left when the batcher closes. */
static size_t take(struct batcher *b, struct checkout **batch, size_t most)
{
	size_t n = 0;

	pthread_mutex_lock(&b->lock);
	b->idle++;
	while (!b->head && !b->closing)
		pthread_cond_wait(&b->arrived, &b->lock);
	b->idle--;
	for (; b->head && n < most; n++) {
		batch[n] = b->head;
		b->head = b->head->next;
	}
	if (!b->head)
		b->tail = &b->head;
	else if (b->idle)
		pthread_cond_signal(&b->arrived);
	b->stats.waiting -= (int64_t)n;
	pthread_mutex_unlock(&b->lock);
	return n;
}

static void count(struct batcher *b, struct checkout **batch, size_t n)
{
	int64_t refused = 0, failed = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		refused += batch[i]->err == E_REFUSED || batch[i]->err == E_DATA;
		failed += err_job(batch[i]->err) == JOB_RETRY;
	}
	series_add(metric_at(&placed_total, "result=\"placed\""),
		(int64_t)n - refused - failed);
	series_add(metric_at(&placed_total, "result=\"refused\""), refused);
	series_add(metric_at(&placed_total, "result=\"failed\""), failed);
	pthread_mutex_lock(&b->lock);
	series_set(metric_at(&waiting_gauge, ""), b->stats.waiting);
	b->stats.batches++;
	b->stats.orders += (int64_t)n;
	b->stats.refused += refused;
	b->stats.failed += failed;
	if (b->stats.largest < (int64_t)n)
		b->stats.largest = (int64_t)n;
	pthread_mutex_unlock(&b->lock);
}

/* Place one batch.  The connection outlives the op; a lost one is revived. */
static void serve(struct batcher *b, struct db **db, struct checkout **batch, size_t n)
{
	struct op op;
	size_t i;

	op_open(&op, b->config, "checkout");
	op.timeout_ms = (long)b->config->database.statement_timeout_ms;
	op.db = *db;
	if (!op.db && db_open(&op) != OK) {
		log_fault(&op, "checkout_database_away");
		fault_clear(&op);
	}
	checkout_place(&op, b->ids, batch, n);
	if (op.fault.code != OK)
		log_fault(&op, "checkout_failed");
	*db = op.db;
	op.db = NULL;
	op_close(&op);
	count(b, batch, n);
	for (i = 0; i < n; i++)
		batch[i]->done(batch[i], batch[i]->ctx);
}

static void *run(void *arg)
{
	struct batcher *b = arg;
	size_t n, most = (size_t)b->config->http.batch_max;
	struct checkout **batch = must(calloc(most, sizeof *batch));
	struct db *db = NULL;

	while ((n = take(b, batch, most)))
		serve(b, &db, batch, n);
	db_close(db);
	free(batch);
	return NULL;
}

enum err batcher_open(struct op *op, struct batcher **out)
{
	size_t want = (size_t)op->config->http.batchers;
	struct batcher *b = calloc(1, sizeof *b + want * sizeof *b->threads);

	if (!b)
		return fail(op, E_BROKEN, "memory_is_enough", "out of memory");
	b->config = op->config;
	b->ids = checkout_ids_new();
	b->tail = &b->head;
	pthread_mutex_init(&b->lock, NULL);
	pthread_cond_init(&b->arrived, NULL);
	for (; b->thread_count < want; b->thread_count++) {
		if (pthread_create(&b->threads[b->thread_count], NULL, run, b)) {
			batcher_close(b);
			return fail(op, E_BROKEN, "threads_start",
				"a batcher's thread did not start");
		}
	}
	*out = b;
	return OK;
}

enum err batcher_submit(struct batcher *b, struct checkout *c)
{
	bool room;

	c->next = NULL;
	pthread_mutex_lock(&b->lock);
	room = !b->closing && b->stats.waiting < b->config->http.queue_max;
	if (room) {
		*b->tail = c;
		b->tail = &c->next;
		b->stats.waiting++;
		if (b->idle)
			pthread_cond_signal(&b->arrived);
	}
	pthread_mutex_unlock(&b->lock);
	if (room)
		return OK;
	fail(c->op, E_BUSY, "queue_has_room", "too many checkouts are waiting");
	return fail_hint(c->op, "try again in a second with the same idempotency key");
}

struct batcher_stats batcher_stats(struct batcher *b)
{
	struct batcher_stats stats;

	pthread_mutex_lock(&b->lock);
	stats = b->stats;
	pthread_mutex_unlock(&b->lock);
	return stats;
}

void batcher_close(struct batcher *b)
{
	size_t i;

	pthread_mutex_lock(&b->lock);
	b->closing = true;
	pthread_cond_broadcast(&b->arrived);
	pthread_mutex_unlock(&b->lock);
	for (i = 0; i < b->thread_count; i++)
		pthread_join(b->threads[i], NULL);
	checkout_ids_free(b->ids);
	pthread_cond_destroy(&b->arrived);
	pthread_mutex_destroy(&b->lock);
	free(b);
}
