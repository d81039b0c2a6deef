/* Checkouts that are being placed now, by client and key. */
#include "shop-httpd/inflight.h"

#include "base/arena.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 4096 };

struct entry {
	struct entry *next;
	struct checkout *first, *later;
};

struct inflight {
	pthread_mutex_t lock;
	struct entry *buckets[BUCKETS];
};

struct inflight *inflight_new(void)
{
	struct inflight *f = must(calloc(1, sizeof *f));

	pthread_mutex_init(&f->lock, NULL);
	return f;
}

void inflight_free(struct inflight *f)
{
	pthread_mutex_destroy(&f->lock);
	free(f);
}

/* Where the entry of the client's key is, or would be. */
static struct entry **find(struct inflight *f, const struct checkout *c)
{
	unsigned long hash = (unsigned long)c->client_id;
	struct entry **e;
	const char *p;

	for (p = c->key; *p; p++)
		hash = hash * 33 + (unsigned char)*p;
	e = &f->buckets[hash % BUCKETS];
	while (*e && ((*e)->first->client_id != c->client_id ||
			     strcmp((*e)->first->key, c->key) != 0))
		e = &(*e)->next;
	return e;
}

static bool same_request(const struct checkout *a, const struct checkout *b)
{
	return a->fingerprint.n == b->fingerprint.n &&
	       memcmp(a->fingerprint.p, b->fingerprint.p, a->fingerprint.n) == 0;
}

enum inflight_place inflight_begin(struct inflight *f, struct checkout *c)
{
	enum inflight_place place = INFLIGHT_FIRST;
	struct entry **e;

	pthread_mutex_lock(&f->lock);
	e = find(f, c);
	if (!*e) {
		/* In the first's own memory: it outlives the entry. */
		*e = op_alloc(c->op, sizeof **e);
		(*e)->first = c;
	} else if (same_request((*e)->first, c)) {
		c->next = (*e)->later;
		(*e)->later = c;
		place = INFLIGHT_LATER;
	} else {
		place = INFLIGHT_OTHER;
	}
	pthread_mutex_unlock(&f->lock);
	return place;
}

struct checkout *inflight_end(struct inflight *f, struct checkout *first)
{
	struct entry **e, *gone;

	pthread_mutex_lock(&f->lock);
	e = find(f, first);
	gone = *e;
	*e = gone->next;
	pthread_mutex_unlock(&f->lock);
	return gone->later;
}
