/*
 * Many threads place batches of checkouts at once, as the batchers of several
 * servers do; prints one line an order, "KEY RESULT ID WHY".  For tests of races.
 *
 *	checkout-race THREADS BATCHES ORDERS SKUS SEED [KEY]
 *
 * Each thread places BATCHES batches of ORDERS orders of 1 to 3 lines over S-0 ..
 * S-(SKUS-1).  With KEY every order has that key and asks for one piece of S-0; KEY
 * "bad" spoils every fifth order in a way that only the database sees, KEY "crossed"
 * gives all threads the same keys, in this or that order, each for a SKU of its own.
 */
#include "base/config.h"
#include "domain/checkout.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int threads, batches, orders, skus, seed;
static const char *same_key;
static bool spoil, crossed;
static const struct config *config;
static struct checkout_ids *ids;
static pthread_barrier_t start;
static pthread_mutex_t printing = PTHREAD_MUTEX_INITIALIZER;

static const char *key_of(struct op *op, int thread, int round, int i)
{
	if (same_key)
		return same_key;
	if (crossed)
		return op_printf(op, "%d-%d", round, thread % 2 ? orders - 1 - i : i);
	return op_printf(op, "%d-%d-%d-%d", seed, thread, round, i);
}

static int sku_of(int thread, unsigned *random)
{
	if (same_key)
		return 0;
	return crossed ? thread % skus : rand_r(random) % skus;
}

static void ask(struct checkout *c, const char *key, int thread, unsigned *random)
{
	size_t i;

	*c = (struct checkout){ .op = c->op,
		.client_id = 1,
		.key = key,
		.currency = "EUR",
		.expected_total = CHECKOUT_ANY_TOTAL,
		.email = "ada@example.com" };
	c->line_count = same_key ? 1 : 1 + (size_t)rand_r(random) % 3;
	c->lines = op_alloc(c->op, c->line_count * sizeof *c->lines);
	for (i = 0; i < c->line_count; i++) {
		c->lines[i].sku = op_printf(c->op, "S-%d", sku_of(thread, random));
		c->lines[i].qty = same_key ? 1 : 1 + rand_r(random) % 2;
	}
	if (checkout_check(c) != OK)
		abort();
	checkout_fingerprint(c);
}

static void print(const struct checkout *c)
{
	const char *result = c->err != OK  ? c->op->fault.rule
			     : c->replayed ? "replayed"
					   : "placed";

	pthread_mutex_lock(&printing);
	printf("%s %s %" PRId64 " %s\n", c->key, result, c->err == OK ? c->id : 0,
		c->err == OK ? "" : c->op->fault.text);
	fflush(stdout);
	pthread_mutex_unlock(&printing);
}

static void place(struct db **db, int thread, int round, unsigned *random)
{
	struct checkout *batch[orders];
	struct op op, own[orders];
	int i;

	op_open(&op, config, "race");
	op.timeout_ms = 10000;
	op.db = *db;
	if (!op.db)
		db_open(&op);
	fault_clear(&op);
	for (i = 0; i < orders; i++) {
		op_open(&own[i], config, "race");
		batch[i] = op_alloc(&op, sizeof **batch);
		batch[i]->op = &own[i];
		ask(batch[i], key_of(&op, thread, round, i), thread, random);
		if (spoil && i % 5 == 0)
			batch[i]->address = "{not json";
	}
	checkout_place(&op, ids, batch, (size_t)orders);
	for (i = 0; i < orders; i++) {
		print(batch[i]);
		op_close(&own[i]);
	}
	*db = op.db;
	op_close(&op);
}

static void *run(void *arg)
{
	int i, thread = (int)(intptr_t)arg;
	unsigned random = (unsigned)(seed * 1000 + thread);
	struct db *db = NULL;

	pthread_barrier_wait(&start);
	for (i = 0; i < batches; i++)
		place(&db, thread, i, &random);
	db_close(db);
	return NULL;
}

int main(int argc, char **argv)
{
	struct config *loaded;
	struct op op;
	int i;

	if (argc < 6)
		return 64;
	threads = (int)strtol(argv[1], NULL, 10);
	batches = (int)strtol(argv[2], NULL, 10);
	orders = (int)strtol(argv[3], NULL, 10);
	skus = (int)strtol(argv[4], NULL, 10);
	seed = (int)strtol(argv[5], NULL, 10);
	same_key = argv[6];
	spoil = same_key && !strcmp(same_key, "bad");
	crossed = same_key && !strcmp(same_key, "crossed");
	if (spoil || crossed)
		same_key = NULL;
	op_open(&op, NULL, "race");
	if (config_load(&op, "/dev/null", &loaded) != OK)
		return 78;
	config = loaded;
	ids = checkout_ids_new();
	pthread_t all[threads];
	pthread_barrier_init(&start, NULL, (unsigned)threads);
	for (i = 0; i < threads; i++)
		pthread_create(&all[i], NULL, run, (void *)(intptr_t)i);
	for (i = 0; i < threads; i++)
		pthread_join(all[i], NULL);
	checkout_ids_free(ids);
	op_close(&op);
	return 0;
}
