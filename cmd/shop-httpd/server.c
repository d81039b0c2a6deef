/* The loops: who is ready, who is late, who comes back from another thread. */
#include "shop-httpd/server.h"

#include "base/config.h"
#include "base/log.h"
#include "shop-httpd/conn.h"
#include "shop-httpd/door.h"
#include "shop-httpd/listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	EVENTS = 256,
	TICK_MS = 100,
	ACCEPTS = 64,
	SPARE_FILES = 64,
	STUCK_US = 5000000
};

static struct conn *conn_of(struct request *r)
{
	return (struct conn *)(void *)((char *)r - offsetof(struct conn, request));
}

static void wake(struct loop *l)
{
	const uint64_t one = 1;

	(void)!write(l->wake, &one, sizeof one);
}

void request_away(struct request *r, void (*then)(struct request *r))
{
	r->resume = then;
	conn_of(r)->away = true;
}

void request_continue(struct request *r)
{
	struct loop *l = conn_of(r)->loop;
	struct request *first = atomic_load(&l->done);

	do
		r->next = first;
	while (!atomic_compare_exchange_weak(&l->done, &first, r));
	if (!first)
		wake(l);
}

void request_sleep(struct request *r, int64_t us, void (*then)(struct request *r))
{
	struct loop *l = conn_of(r)->loop;

	request_away(r, then);
	r->wake_at = l->now + us;
	r->next = l->sleepers;
	l->sleepers = r;
}

static void adopt(struct loop *l, struct conn *c)
{
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = c
	};

	c->loop = l;
	c->readable = true;
	c->previous = NULL;
	c->next = l->conns;
	if (l->conns)
		l->conns->previous = c;
	l->conns = c;
	c->deadline = l->now +
		      l->server->door->config->http.header_timeout_s * INT64_C(1000000);
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &event) < 0)
		c->state = CONN_CLOSED;
	conn_run(c);
}

/* Connections go round the loops, whichever of them accepted. */
static void place(struct loop *l, struct conn *c)
{
	struct server *s = l->server;
	struct loop *to = &s->loops[s->turn++ % s->loop_count];
	struct conn *first;

	if (to == l) {
		adopt(l, c);
		return;
	}
	first = atomic_load(&to->arrivals);
	do
		c->next = first;
	while (!atomic_compare_exchange_weak(&to->arrivals, &first, c));
	if (!first)
		wake(to);
}

static void welcome(struct loop *l, int fd, bool admin, const struct peer *peer)
{
	struct server *s = l->server;
	struct conn *c;
	int on = 1;

	if (atomic_load(&s->connections) >= s->most_connections ||
		!peers_enter(s->peers, peer)) {
		close(fd);
		return;
	}
	c = conn_new(l, fd, admin, peer);
	if (!c) {
		peers_leave(s->peers, peer);
		close(fd);
		return;
	}
	if (*peer->name)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	place(l, c);
}

/* Returns true while there may be more. */
static bool accept_one(struct loop *l, const struct listener *from)
{
	struct sockaddr_storage address = { 0 };
	socklen_t n = sizeof address;
	int fd = accept4(from->fd, (struct sockaddr *)&address, &n,
		SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct peer peer;

	if (fd < 0)
		return errno == EINTR || errno == ECONNABORTED;
	peer = peer_of(&address);
	welcome(l, fd, from->admin, &peer);
	return true;
}

static void accept_some(struct loop *l, const struct listener *from)
{
	int i;

	for (i = 0; i < ACCEPTS && accept_one(l, from); i++)
		continue;
}

static void take_arrivals(struct loop *l)
{
	struct conn *c = atomic_exchange(&l->arrivals, NULL), *next;

	for (; c; c = next) {
		next = c->next;
		adopt(l, c);
	}
}

static void take_done(struct loop *l)
{
	struct request *r = atomic_exchange(&l->done, NULL), *next;

	for (; r; r = next) {
		next = r->next;
		conn_resume(conn_of(r));
	}
}

static void wake_sleepers(struct loop *l)
{
	struct request *r = l->sleepers, *next;
	bool all = atomic_load(&l->server->draining);

	l->sleepers = NULL;
	for (; r; r = next) {
		next = r->next;
		if (all || l->now >= r->wake_at) {
			conn_resume(conn_of(r));
		} else {
			r->next = l->sleepers;
			l->sleepers = r;
		}
	}
}

/* The Date field is the same for everybody within a second. */
static void read_clock(struct loop *l)
{
	int64_t second = clock_now().us / 1000000;
	time_t t = (time_t)second;
	struct tm tm;

	l->now = clock_ticks();
	if (second == l->date_s)
		return;
	l->date_s = second;
	gmtime_r(&t, &tm);
	strftime(l->date, sizeof l->date, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

/*
 * Listeners belong to the first loop.  What waits in them is still taken; what
 * comes later is refused, or left for our successor when systemd holds the socket.
 */
static void stop_accepting(struct loop *l)
{
	struct server *s = l->server;
	size_t i;

	l->drained_at = l->now;
	if (l != s->loops)
		return;
	for (i = 0; i < s->listener_count; i++) {
		if (s->listeners[i].admin)
			continue;
		while (accept_one(l, &s->listeners[i]))
			continue;
		epoll_ctl(l->epoll, EPOLL_CTL_DEL, s->listeners[i].fd, NULL);
		if (s->listeners[i].ours)
			shutdown(s->listeners[i].fd, SHUT_RD);
	}
}

static void tick(struct loop *l)
{
	struct conn *c, *next;

	if (!l->drained_at && atomic_load(&l->server->draining))
		stop_accepting(l);
	wake_sleepers(l);
	for (c = l->conns; c; c = next) {
		next = c->next;
		conn_check(c);
	}
}

static void serve_event(struct loop *l, const struct epoll_event *event)
{
	struct server *s = l->server;
	struct conn *c = event->data.ptr;
	uint64_t count;
	size_t i;

	if (event->data.ptr == l) {
		(void)!read(l->wake, &count, sizeof count);
		return;
	}
	for (i = 0; i < s->listener_count; i++) {
		if (event->data.ptr == &s->listeners[i]) {
			accept_some(l, &s->listeners[i]);
			return;
		}
	}
	c->readable |= (event->events & ~(uint32_t)EPOLLOUT) != 0;
	conn_run(c);
}

static void *loop_run(void *ctx)
{
	struct loop *l = ctx;
	struct epoll_event events[EVENTS];
	int64_t ticked = 0;

	while (!atomic_load(&l->stop)) {
		int n = epoll_wait(l->epoll, events, EVENTS, TICK_MS), i;

		read_clock(l);
		atomic_store_explicit(&l->beat, l->now, memory_order_relaxed);
		for (i = 0; i < n; i++)
			serve_event(l, &events[i]);
		take_arrivals(l);
		take_done(l);
		if (l->now - ticked >= TICK_MS * 1000) {
			ticked = l->now;
			tick(l);
		}
	}
	return NULL;
}

static enum err loop_open(struct op *op, struct server *s, struct loop *l)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = l };
	size_t i;

	l->server = s;
	read_clock(l);
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->epoll < 0 || l->wake < 0 ||
		epoll_ctl(l->epoll, EPOLL_CTL_ADD, l->wake, &event) < 0)
		return fail(op, E_BROKEN, "files_are_enough", "epoll: %m");
	for (i = 0; l == s->loops && i < s->listener_count; i++) {
		event.data.ptr = &s->listeners[i];
		if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, s->listeners[i].fd, &event) < 0)
			return fail(op, E_BROKEN, "files_are_enough", "epoll: %m");
	}
	return OK;
}

/* Files left for the database and the logs when every connection is taken. */
static long most_connections(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return 960;
	files.rlim_cur = files.rlim_max < 65536 ? files.rlim_max : 65536;
	setrlimit(RLIMIT_NOFILE, &files);
	return files.rlim_cur > 2 * SPARE_FILES ? (long)files.rlim_cur - SPARE_FILES
						: (long)files.rlim_cur / 2;
}

enum err server_open(struct op *op, struct door *door, struct server **out)
{
	struct server *s = op_alloc(op, sizeof *s);
	const struct http_config *c = &op->config->http;
	size_t i;

	s->door = door;
	s->most_connections = most_connections();
	s->peers = peers_new(c->connections_per_address);
	s->loop_count = (size_t)c->threads;
	s->loops = op_alloc(op, s->loop_count * sizeof *s->loops);
	*out = s;
	TRY(listen_all(op, s));
	for (i = 0; i < s->loop_count; i++)
		TRY(loop_open(op, s, &s->loops[i]));
	return OK;
}

enum err server_start(struct op *op, struct server *s)
{
	size_t i;

	for (i = 0; i < s->loop_count; i++)
		if (pthread_create(&s->loops[i].thread, NULL, loop_run, &s->loops[i]) !=
			0)
			return fail(
				op, E_BROKEN, "threads_are_enough", "no thread: %m");
	return OK;
}

bool server_turns(const struct server *s)
{
	int64_t now = clock_ticks();
	size_t i;

	for (i = 0; i < s->loop_count; i++)
		if (now - atomic_load(&s->loops[i].beat) > STUCK_US)
			return false;
	return true;
}

int64_t server_connections(const struct server *s)
{
	return atomic_load(&s->connections);
}

void server_drain(struct server *s, int timeout_s)
{
	int64_t until = clock_ticks() + timeout_s * INT64_C(1000000);

	atomic_store(&s->draining, true);
	clock_sleep_us(2 * TICK_MS * 1000);
	while (server_connections(s) > 0 && clock_ticks() < until)
		clock_sleep_us(10000);
}

void server_close(struct server *s)
{
	size_t i;

	for (i = 0; i < s->loop_count; i++) {
		atomic_store(&s->loops[i].stop, true);
		wake(&s->loops[i]);
		pthread_join(s->loops[i].thread, NULL);
		close(s->loops[i].epoll);
		close(s->loops[i].wake);
	}
	listen_end(s);
	peers_free(s->peers);
}
