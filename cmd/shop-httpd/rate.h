/*
 * Rate limits by the generic cell rate algorithm: of each key one number, the
 * time at which its bucket is full again.
 * https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
 */
#ifndef SHOP_HTTPD_RATE_H
#define SHOP_HTTPD_RATE_H

#include "shop-httpd/request.h"

struct rates;

/* per_second 0: no limit.  burst requests may come at once. */
struct rates *rates_new(int64_t per_second, int64_t burst);
void rates_free(struct rates *r);

/*
 * Take one from what the key may have at `now` (microseconds).  Answers how
 * many are left, or -1 when there was none to take; *wait_us is the time until
 * there is one (refused) or all are (granted).
 */
int64_t rate_take(struct rates *r, const char *key, int64_t now, int64_t *wait_us);

/*
 * The same for a request: false when 429 was answered.  Says what is left in
 * RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10).
 */
bool rate_admits(struct request *r, const char *kind, const char *who);

#endif
