/* A bucket of permits that fills at a rate. */
#include "base/bucket.h"

enum { SECOND = 1000000 };

int64_t bucket_take(struct bucket *b, double per_second, int64_t now_us, int64_t n)
{
	double most = per_second / 2 > 1 ? per_second / 2 : 1;
	int64_t whole;

	if (!b->filled_at)
		b->permits = 1;
	else
		b->permits += (double)(now_us - b->filled_at) * per_second / SECOND;
	b->filled_at = now_us;
	if (b->permits > most)
		b->permits = most;
	whole = (int64_t)b->permits;
	if (n > whole)
		n = whole;
	b->permits -= (double)n;
	return n;
}

void bucket_return(struct bucket *b, int64_t n)
{
	b->permits += (double)n;
}

int64_t bucket_wait_us(const struct bucket *b, double per_second)
{
	double missing = 1 - b->permits;

	return missing <= 0 || per_second <= 0
		       ? 0
		       : (int64_t)(missing / per_second * SECOND) + 1;
}
