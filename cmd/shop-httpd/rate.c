/* Rate limits; a table of fixed size, the fullest buckets make room. */
#include "shop-httpd/rate.h"

#include "base/arena.h"
#include "shop-httpd/door.h"

#include <pthread.h>
#include <stdlib.h>

enum { SETS = 16384, WAYS = 4, SECOND = 1000000 };

struct slot {
	uint64_t key;
	int64_t full_at;
};

struct rates {
	pthread_mutex_t lock;
	int64_t every, burst; /* microseconds a request; requests */
	int64_t per_second;
	struct slot slots[SETS][WAYS];
};

struct rates *rates_new(int64_t per_second, int64_t burst)
{
	struct rates *r = must(calloc(1, sizeof *r));

	pthread_mutex_init(&r->lock, NULL);
	r->per_second = per_second;
	r->every = per_second > 0 ? SECOND / per_second : 0;
	if (per_second > 0 && r->every == 0)
		r->every = 1;
	r->burst = burst > 0 ? burst : 1;
	return r;
}

void rates_free(struct rates *r)
{
	pthread_mutex_destroy(&r->lock);
	free(r);
}

/* FNV-1a; two keys that meet share a limit, which 64 bits make unlikely. */
static uint64_t hash(const char *key)
{
	uint64_t h = 0xcbf29ce484222325;

	for (; *key; key++)
		h = (h ^ (unsigned char)*key) * 0x100000001b3;
	return h ? h : 1;
}

/* The key's own slot, or the one whose bucket has been full for longest. */
static struct slot *slot_of(struct rates *r, uint64_t key)
{
	struct slot *set = r->slots[(key >> 32) % SETS], *oldest = set;
	int i;

	for (i = 0; i < WAYS; i++) {
		if (set[i].key == key)
			return &set[i];
		if (set[i].full_at < oldest->full_at)
			oldest = &set[i];
	}
	*oldest = (struct slot){ .key = key };
	return oldest;
}

int64_t rate_take(struct rates *r, const char *key, int64_t now, int64_t *wait_us)
{
	int64_t room = r->every * r->burst, full_at, left = -1;
	struct slot *s;

	pthread_mutex_lock(&r->lock);
	s = slot_of(r, hash(key));
	full_at = (s->full_at > now ? s->full_at : now) + r->every;
	if (full_at - now <= room) {
		s->full_at = full_at;
		left = (room - (full_at - now)) / r->every;
		*wait_us = full_at - now;
	} else {
		*wait_us = full_at - now - room;
	}
	pthread_mutex_unlock(&r->lock);
	return left;
}

static int64_t seconds(int64_t us)
{
	return (us + SECOND - 1) / SECOND;
}

bool rate_admits(struct request *r, const char *kind, const char *who)
{
	struct rates *rates = r->door->rates;
	int64_t left, wait;

	if (!rates->per_second || !*who)
		return true;
	left = rate_take(
		rates, op_printf(&r->op, "%s:%s", kind, who), clock_ticks(), &wait);
	answer_header(r, "RateLimit-Policy", "\"%s\";q=%lld;w=%lld", kind,
		(long long)rates->burst,
		(long long)seconds(rates->every * rates->burst));
	answer_header(r, "RateLimit", "\"%s\";r=%lld;t=%lld", kind,
		(long long)(left < 0 ? 0 : left), (long long)seconds(wait));
	if (left >= 0)
		return true;
	answer_header(r, "Retry-After", "%lld", (long long)seconds(wait));
	answer_problem(r, 429, "rate_is_kept", "more than %lld requests a second",
		(long long)rates->per_second);
	return false;
}
