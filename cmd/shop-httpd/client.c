/* Who calls the door: API keys, looked up once in a while and kept in memory. */
#include "shop-httpd/client.h"

#include "base/arena.h"
#include "base/config.h"
#include "base/sha.h"
#include "domain/api_client.h"
#include "shop-httpd/door.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SETS = 1024, WAYS = 4, FRESH_US = 30000000 };

/* What the database said of a key's public part; id 0: there is no such key. */
struct entry {
	char key_id[API_KEY_ID + 1];
	int64_t asked_at, id, expires_us;
	unsigned char hash[SHA256_BYTES];
	unsigned scopes;
};

struct client_cache {
	pthread_mutex_t lock;
	struct entry entries[SETS][WAYS];
};

struct client_cache *client_cache_new(void)
{
	struct client_cache *cache = must(calloc(1, sizeof *cache));

	pthread_mutex_init(&cache->lock, NULL);
	return cache;
}

void client_cache_free(struct client_cache *cache)
{
	pthread_mutex_destroy(&cache->lock);
	free(cache);
}

/* The entry of the key, or the one asked for longest ago, to be taken over. */
static struct entry *slot_of(struct client_cache *cache, const char *key_id)
{
	unsigned long hash = 5381;
	struct entry *set, *oldest;
	const char *c;
	int i;

	for (c = key_id; *c; c++)
		hash = hash * 33 + (unsigned char)*c;
	set = oldest = cache->entries[hash % SETS];
	for (i = 0; i < WAYS; i++) {
		if (strcmp(set[i].key_id, key_id) == 0)
			return &set[i];
		if (set[i].asked_at < oldest->asked_at)
			oldest = &set[i];
	}
	return oldest;
}

static bool recall(struct client_cache *cache, const char *key_id, struct entry *out)
{
	bool known;

	pthread_mutex_lock(&cache->lock);
	*out = *slot_of(cache, key_id);
	pthread_mutex_unlock(&cache->lock);
	known = strcmp(out->key_id, key_id) == 0;
	return known;
}

static void remember(struct client_cache *cache, const struct entry *e)
{
	pthread_mutex_lock(&cache->lock);
	*slot_of(cache, e->key_id) = *e;
	pthread_mutex_unlock(&cache->lock);
}

/* The key of the request, or NULL when it has none that could be ours. */
static const char *key_of(struct request *r, char key_id[API_KEY_ID + 1])
{
	const char *field = head_get(&r->head, "authorization");
	const char *key;

	if (!field || strncasecmp(field, "bearer ", 7) != 0)
		return NULL;
	key = field + 7 + strspn(field + 7, " ");
	return api_key_read(key, r->op.config->stripe.livemode, key_id) ? key : NULL;
}

static void turn_away(struct request *r)
{
	if (!rate_admits(r, "address", r->peer.name))
		return;
	answer_header(r, "WWW-Authenticate", "Bearer");
	answer_problem(r, 401, "client_is_known",
		"send Authorization: Bearer with a key from: shopctl api-client "
		"create");
}

/* Whatever is wrong with the key, the answer and its time are the same. */
static void judge(struct request *r, const char *key, const struct entry *e)
{
	unsigned char hash[SHA256_BYTES];
	bool same;

	sha256(key, strlen(key), hash);
	same = bytes_same(hash, e->hash, sizeof hash);
	if (!e->id || !same || (e->expires_us && e->expires_us <= clock_now().us)) {
		turn_away(r);
		return;
	}
	if (!(e->scopes & api_scope(r->scope))) {
		answer_problem(r, 403, "client_has_scope",
			"this key has not the scope %s", r->scope);
		return;
	}
	r->client.id = e->id;
	if (rate_admits(r, "client", op_printf(&r->op, "%lld", (long long)e->id)))
		r->admitted(r);
}

/* On a pool's thread. */
static void ask(struct request *r)
{
	struct entry e = { .asked_at = clock_ticks() };
	struct api_key found = { 0 };
	enum err asked;

	if (!key_of(r, e.key_id))
		return;
	asked = api_client_find(&r->op, e.key_id, &found);
	if (asked == E_NOT_FOUND)
		fault_clear(&r->op);
	else if (asked != OK)
		return;
	e.id = found.id;
	e.expires_us = found.expires_at.us;
	memcpy(e.hash, found.hash, sizeof e.hash);
	e.scopes = found.scopes;
	remember(r->door->clients, &e);
}

/* A key that others pushed out of memory meanwhile is judged unknown. */
static void asked(struct request *r)
{
	char key_id[API_KEY_ID + 1];
	const char *key = key_of(r, key_id);
	struct entry e;

	if (r->op.fault.code != OK)
		answer_fault(r);
	else if (recall(r->door->clients, key_id, &e))
		judge(r, key, &e);
	else
		turn_away(r);
}

void client_admit(struct request *r, const char *scope, void (*then)(struct request *r))
{
	char key_id[API_KEY_ID + 1];
	const char *key = key_of(r, key_id);
	struct entry e;
	bool known;

	r->scope = scope;
	r->admitted = then;
	if (!key) {
		turn_away(r);
		return;
	}
	known = recall(r->door->clients, key_id, &e);
	if (known && clock_ticks() - e.asked_at < FRESH_US)
		judge(r, key, &e);
	else if ((known && e.id) || rate_admits(r, "address", r->peer.name))
		pool_run(r->door->pool, r, ask, asked);
}
