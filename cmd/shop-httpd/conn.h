/* One connection: bytes in, a request, bytes out; all on the thread of its loop. */
#ifndef SHOP_HTTPD_CONN_H
#define SHOP_HTTPD_CONN_H

#include "shop-httpd/peers.h"
#include "shop-httpd/request.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/uio.h>

enum conn_state {
	CONN_HEAD,
	CONN_BODY,
	CONN_BUSY,
	CONN_WRITE,
	CONN_LINGER,
	CONN_CLOSED
};

struct loop;

struct conn {
	struct conn *next, *previous; /* of the loop's */
	struct loop *loop;
	int fd;
	enum conn_state state;
	bool admin;
	int64_t deadline; /* clock_ticks() */
	char *in;         /* what was received and not yet used up */
	size_t in_n, in_room, line, head_n, body_in;
	size_t dropped; /* of what came after the last answer */
	struct iovec out[2];
	struct peer peer;
	struct request request;
	bool away;     /* the request is another thread's */
	bool readable; /* epoll said so, and it was not all read since */
};

/* What the threads of one server share. */
struct server {
	struct door *door;
	struct loop *loops;
	size_t loop_count, turn;
	struct peers *peers;
	struct listener {
		int fd;
		bool admin, ours; /* ours: not systemd's */
		const char *path; /* of a Unix socket of ours, to be removed */
	} listeners[4];
	size_t listener_count;
	atomic_long connections;
	long most_connections;
	atomic_bool draining;
};

struct loop {
	struct server *server;
	int epoll, wake;
	struct conn *conns;
	struct request *sleepers;
	_Atomic(struct request *) done;  /* from other threads */
	_Atomic(struct conn *) arrivals; /* accepted by the first loop */
	int64_t now, drained_at;
	char date[40];
	int64_t date_s;
	atomic_bool stop;
	_Atomic(int64_t) beat; /* clock_ticks() of the last turn */
	pthread_t thread;
};

struct conn *conn_new(struct loop *l, int fd, bool admin, const struct peer *peer);

/* Do what can be done without waiting; the connection may be gone afterwards. */
void conn_run(struct conn *c);

/* Write the request's answer next; one that has none is our own fault. */
void conn_answer(struct conn *c);

/* The request is the loop's again. */
void conn_resume(struct conn *c);

/* Whether the deadline has passed; if so it is answered or closed. */
void conn_check(struct conn *c);

#endif
