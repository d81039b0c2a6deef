/*
 * The HTTP server: a few threads, each an epoll loop over its own connections.
 *
 * It is our own because strictness cannot be added to a library from outside:
 * libmicrohttpd 0.9.75 takes bare CR and LF, glues folded lines and mangled
 * names together, and shows a handler only what came out of that, so on a kept
 * connection a second request could hide in the first.  Here a request is
 * either exactly what its grammar says, with Content-Length, or refused.
 */
#ifndef SHOP_HTTPD_SERVER_H
#define SHOP_HTTPD_SERVER_H

#include "shop-httpd/request.h"

struct server;

/* Bind the addresses of the configuration, or take systemd's sockets. */
enum err server_open(struct op *op, struct door *door, struct server **out);

/* Serve, on threads of its own. */
enum err server_start(struct op *op, struct server *s);

/*
 * Take no new connection, answer what is in hand and what idle connections
 * still send within half a second, and return when all is sent, or after
 * timeout_s.
 */
void server_drain(struct server *s, int timeout_s);
void server_close(struct server *s);

/* Whether every loop has turned in the last seconds; for the watchdog. */
bool server_turns(const struct server *s);

/* How many connections are open. */
int64_t server_connections(const struct server *s);

/* Go on with r->resume, or send the answer, on the request's loop; any thread. */
void request_continue(struct request *r);

/* On the loop: the request is another thread's until request_continue(). */
void request_away(struct request *r, void (*then)(struct request *r));

/* On the loop: go on with then(r) after this many microseconds. */
void request_sleep(struct request *r, int64_t us, void (*then)(struct request *r));

#endif
