/* Who calls the door: API keys, looked up once in a while and kept in memory. */
#ifndef SHOP_HTTPD_CLIENT_H
#define SHOP_HTTPD_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

struct request;

/* A client that was let in; id 0 is nobody. */
struct client {
	int64_t id;
};

struct client_cache;
struct client_cache *client_cache_new(void);
void client_cache_free(struct client_cache *cache);

/*
 * Let the request in, or answer 401, 403 or 429.  then(r) goes on, at once when
 * the key is known, or later on the loop when the database had to be asked.
 */
void client_admit(
	struct request *r, const char *scope, void (*then)(struct request *r));

#endif
