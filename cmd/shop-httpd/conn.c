/* One connection: bytes in, a request, bytes out. */
#include "shop-httpd/conn.h"

#include "base/config.h"
#include "base/id.h"
#include "shop-httpd/door.h"
#include "shop-httpd/route.h"
#include "shop-httpd/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	SECOND = 1000000,
	FIRST_ROOM = 4096,
	BODY_S = 10,          /* until a body is complete */
	LINGER_S = 2,         /* until a refused client has stopped sending */
	LINGER_MAX = 1 << 20, /* bytes; then it is cut off */
};

struct conn *conn_new(struct loop *l, int fd, bool admin, const struct peer *peer)
{
	struct conn *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->in = malloc(FIRST_ROOM);
	c->in_room = FIRST_ROOM;
	c->loop = l;
	c->fd = fd;
	c->admin = admin;
	c->peer = *peer;
	if (!c->in) {
		free(c);
		return NULL;
	}
	atomic_fetch_add(&l->server->connections, 1);
	return c;
}

static void set_deadline(struct conn *c, int64_t seconds)
{
	c->deadline = c->loop->now + seconds * SECOND;
}

static const struct http_config *http(const struct conn *c)
{
	return &c->loop->server->door->config->http;
}

static void conn_close(struct conn *c)
{
	struct loop *l = c->loop;

	close(c->fd);
	if (c->request.op.arena)
		op_close(&c->request.op);
	peers_leave(l->server->peers, &c->peer);
	atomic_fetch_sub(&l->server->connections, 1);
	if (c->next)
		c->next->previous = c->previous;
	if (c->previous)
		c->previous->next = c->next;
	else
		l->conns = c->next;
	free(c->in);
	free(c);
}

/* Bytes, 0 at the end, -1 for none now: a read that left room emptied the socket. */
static ssize_t receive(struct conn *c, void *to, size_t room)
{
	ssize_t n = c->readable ? recv(c->fd, to, room, 0) : -1;

	if (n < 0)
		return c->readable && errno != EAGAIN && errno != EINTR ? 0 : -1;
	c->readable = n == (ssize_t)room;
	return n;
}

static bool closed(struct conn *c)
{
	c->state = CONN_CLOSED;
	return false;
}

/* The last line of X-Forwarded-For: the others may be the client's own. */
static const char *forwarded_for(const struct head *h)
{
	const char *last = NULL;
	size_t i;

	for (i = 0; i < h->n; i++)
		if (strcmp(h->fields[i].name, "x-forwarded-for") == 0)
			last = h->fields[i].value;
	return last;
}

static void open_request(struct conn *c)
{
	struct request *r = &c->request;
	const char *caller, *forwarded;

	op_open(&r->op, c->loop->server->door->config, "request");
	r->door = c->loop->server->door;
	r->started = c->loop->now;
	r->peer = c->peer;
	caller = head_get(&r->head, "traceparent");
	if (id_traceparent(&r->op, caller))
		r->op.trace = id_traceparent(&r->op, caller);
	span_begin(&r->op, &r->span, SPAN_SERVER, id_parent(&r->op, caller));
	forwarded = http(c)->trust_forwarded ? forwarded_for(&r->head) : NULL;
	if (forwarded)
		r->peer = peer_forwarded(forwarded);
}

static bool refuse(struct conn *c, int status, const char *rule, const char *text)
{
	struct request *r = &c->request;

	if (!r->op.arena)
		open_request(c);
	r->close = true;
	answer_problem(r, status, rule, "%s", text);
	conn_answer(c);
	return true;
}

static bool handle(struct conn *c)
{
	struct request *r = &c->request;

	c->state = CONN_BUSY;
	r->route->handle(r);
	if (!c->away)
		conn_answer(c);
	return !c->away;
}

/* A body that is all here is used in place; a larger one gets room of its own. */
static bool begin_body(struct conn *c)
{
	struct request *r = &c->request;
	size_t have = c->in_n - c->head_n, whole = (size_t)r->head.content_length;

	if (have >= whole) {
		c->body_in = whole;
		r->body = c->in + c->head_n;
		r->body_n = whole;
		return handle(c);
	}
	c->body_in = have;
	r->body = op_alloc(&r->op, whole + 1);
	memcpy(r->body, c->in + c->head_n, have);
	r->body_n = have;
	c->state = CONN_BODY;
	set_deadline(c, BODY_S);
	if (r->head.expects_continue)
		(void)!send(c->fd, "HTTP/1.1 100 Continue\r\n\r\n", 25, MSG_NOSIGNAL);
	return true;
}

static bool begin_request(struct conn *c)
{
	struct request *r = &c->request;

	memset(r, 0, sizeof *r);
	if (!head_read(c->in, c->head_n, &r->head))
		return refuse(c, r->head.status, r->head.rule, r->head.text);
	open_request(c);
	if (!route_find(r, c->admin)) {
		r->close = r->head.content_length > 0;
		conn_answer(c);
		return true;
	}
	r->op.verb = r->route->name;
	if (r->head.content_length > route_max_body(r))
		return refuse(c, 413, "body_is_bounded",
			op_printf(&r->op, "the body is larger than %lld bytes",
				(long long)route_max_body(r)));
	return begin_body(c);
}

static bool more_room(struct conn *c)
{
	char *bigger = realloc(c->in, c->in_room * 2);

	if (!bigger)
		return false;
	c->in = bigger;
	c->in_room *= 2;
	return true;
}

static bool broken_head(struct conn *c)
{
	memset(&c->request, 0, sizeof c->request);
	return refuse(c, 400, "request_is_unambiguous",
		"the head has a bare CR or LF, a NUL, or does not begin with a method");
}

static bool read_head(struct conn *c)
{
	ssize_t n;

	switch (head_find(c->in, c->in_n, &c->line, &c->head_n)) {
	case HEAD_WHOLE:
		return begin_request(c);
	case HEAD_BROKEN:
		return broken_head(c);
	case HEAD_MORE:
		break;
	}
	if (c->in_n == c->in_room && (c->in_room >= HEAD_BYTES || !more_room(c))) {
		memset(&c->request, 0, sizeof c->request);
		return refuse(c, 431, "head_is_bounded",
			"the head is larger than 16384 bytes");
	}
	n = receive(c, c->in + c->in_n, c->in_room - c->in_n);
	if (n == 0)
		return closed(c);
	if (n < 0)
		return false;
	if (!c->in_n)
		set_deadline(c, http(c)->header_timeout_s);
	c->in_n += (size_t)n;
	return true;
}

static bool read_body(struct conn *c)
{
	struct request *r = &c->request;
	size_t whole = (size_t)r->head.content_length;
	ssize_t n = receive(c, r->body + r->body_n, whole - r->body_n);

	if (n == 0)
		return closed(c);
	if (n < 0)
		return false;
	r->body_n += (size_t)n;
	return r->body_n < whole || handle(c);
}

/* The next request may be here already. */
static bool next_request(struct conn *c)
{
	size_t used = c->head_n + c->body_in;

	op_close(&c->request.op);
	c->in_n -= used;
	memmove(c->in, c->in + used, c->in_n);
	c->line = c->head_n = c->body_in = 0;
	c->state = CONN_HEAD;
	set_deadline(c, c->in_n ? http(c)->header_timeout_s : http(c)->idle_timeout_s);
	return true;
}

static bool write_answer(struct conn *c)
{
	struct msghdr message = { .msg_iov = c->out, .msg_iovlen = 2 };
	ssize_t n;
	size_t i;

	do
		n = sendmsg(c->fd, &message, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? false : closed(c);
	for (i = 0; i < 2; i++) {
		size_t used =
			(size_t)n < c->out[i].iov_len ? (size_t)n : c->out[i].iov_len;

		c->out[i].iov_base = (char *)c->out[i].iov_base + used;
		c->out[i].iov_len -= used;
		n -= (ssize_t)used;
	}
	if (c->out[0].iov_len || c->out[1].iov_len)
		return true;
	if (!c->request.close)
		return next_request(c);
	shutdown(c->fd, SHUT_WR);
	c->state = CONN_LINGER;
	set_deadline(c, LINGER_S);
	return true;
}

/*
 * Closing while the client still sends would reset the connection, and the
 * answer could be lost with it.  Who never stops must not keep the loop busy.
 */
static bool linger(struct conn *c)
{
	char dropped[4096];
	ssize_t n = receive(c, dropped, sizeof dropped);

	if (n == 0 || (c->dropped += n > 0 ? (size_t)n : 0) > LINGER_MAX)
		return closed(c);
	return n > 0;
}

void conn_run(struct conn *c)
{
	static bool (*const steps[])(struct conn *) = {
		[CONN_HEAD] = read_head,
		[CONN_BODY] = read_body,
		[CONN_WRITE] = write_answer,
		[CONN_LINGER] = linger,
	};

	while (c->state != CONN_BUSY && c->state != CONN_CLOSED && steps[c->state](c))
		continue;
	if (c->state == CONN_CLOSED)
		conn_close(c);
}

void conn_resume(struct conn *c)
{
	struct request *r = &c->request;
	void (*then)(struct request *) = r->resume;

	c->away = false;
	r->resume = NULL;
	if (then)
		then(r);
	if (c->away)
		return;
	conn_answer(c);
	conn_run(c);
}

static bool is_idle(const struct conn *c)
{
	return c->state == CONN_HEAD && c->in_n == 0;
}

void conn_check(struct conn *c)
{
	const struct loop *l = c->loop;
	bool late = c->state != CONN_BUSY && l->now > c->deadline;

	if (l->drained_at && is_idle(c) && l->now > l->drained_at + SECOND / 2)
		late = true;
	if (!late)
		return;
	if (!is_idle(c) && (c->state == CONN_HEAD || c->state == CONN_BODY)) {
		if (c->state == CONN_HEAD)
			memset(&c->request, 0, sizeof c->request);
		refuse(c, 408, "request_in_time",
			"the request was not complete in time");
	} else {
		c->state = CONN_CLOSED;
	}
	conn_run(c);
}
