/* A bucket of permits that fills at a rate: so many may begin now, the rest waits. */
#ifndef BASE_BUCKET_H
#define BASE_BUCKET_H

#include <stdint.h>

struct bucket {
	int64_t filled_at; /* clock_ticks(); 0: never */
	double permits;
};

/*
 * Take up to n permits; a bucket holds those of half a second, or one.  Whoever
 * does not need all gives the rest back.
 */
int64_t bucket_take(struct bucket *b, double per_second, int64_t now_us, int64_t n);
void bucket_return(struct bucket *b, int64_t n);

/* Until there is one. */
int64_t bucket_wait_us(const struct bucket *b, double per_second);

#endif
