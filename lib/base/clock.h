/* Time, as one place reads it, so that tests can hold it. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/op.h"

#include <stdint.h>

/* Microseconds since 1970-01-01T00:00:00Z; 0 is "no time". */
struct stamp {
	int64_t us;
};

/* Now.  SHOP_CLOCK_OFFSET (seconds, tests only) shifts it. */
struct stamp clock_now(void);

/* Microseconds of a clock that never jumps; for durations only. */
int64_t clock_ticks(void);

/* Sleep, at most; returns early when a signal arrives. */
void clock_sleep_us(int64_t us);

/*
 * Read RFC 3339 ("2026-11-20T10:00:00Z"), the same with a space or an offset
 * as PostgreSQL prints it, a bare date (midnight UTC), or a span back from
 * now: "30s", "15m", "6h", "30d".  E_USAGE when it is none of them.
 */
enum err stamp_parse(struct op *op, const char *text, struct stamp *out);

/* RFC 3339 in UTC with microseconds only when there are some; "" for no time. */
const char *stamp_text(struct op *op, struct stamp s);

#endif
