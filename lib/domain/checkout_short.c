/* What was found a moment ago: SKUs that are short, prices that are not all. */
#include "domain/checkout_call.h"

#include "base/clock.h"

#include <pthread.h>

enum { SLOTS = 4096, REMEMBER_US = 5000000, PLAIN_US = 1000000 };

/* Only hashes are kept; two SKUs of one hash merely share a slower road. */
static struct {
	uint64_t hash;
	int64_t until;
} slots[SLOTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic(int64_t) last_until; /* nothing at all is short after this */

/* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t hash_of(const char *s)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
	return h;
}

void checkout_short_note(const char *sku)
{
	uint64_t h = hash_of(sku);

	pthread_mutex_lock(&lock);
	slots[h % SLOTS].hash = h;
	slots[h % SLOTS].until = last_until = clock_ticks() + REMEMBER_US;
	pthread_mutex_unlock(&lock);
}

bool checkout_short(const struct checkout *c)
{
	int64_t now = clock_ticks();
	bool found = false;
	size_t i;

	if (now > last_until)
		return false;
	pthread_mutex_lock(&lock);
	for (i = 0; i < c->line_count && !found; i++) {
		uint64_t h = hash_of(c->lines[i].sku);

		found = slots[h % SLOTS].hash == h && now < slots[h % SLOTS].until;
	}
	pthread_mutex_unlock(&lock);
	return found;
}

static _Atomic(int64_t) plain_from;

void checkout_not_plain_note(void)
{
	plain_from = clock_ticks() + PLAIN_US;
}

bool checkout_not_plain(void)
{
	return clock_ticks() < plain_from;
}
