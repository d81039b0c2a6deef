/*
 * The HTTP client never mistakes "it may have happened" for "it did not": a
 * server of the test's own answers, hangs, cuts and disappears.
 */
#include "test.h"

#include "base/http.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum then { KEEP, CLOSE, RESET, HANG, DIE }; /* DIE: nobody listens any more */

/* What one request gets: some bytes, then a fate of the connection. */
struct reply {
	const char *text;
	size_t n;
	enum then then;
};

struct server {
	int listening, port, connections;
	const struct reply *replies;
	size_t count, served;
	char seen[4096]; /* the last request */
	volatile bool stop;
	pthread_t thread;
};

static bool request_read(struct server *s, int fd)
{
	size_t n = 0;
	ssize_t got;

	memset(s->seen, 0, sizeof s->seen);
	while ((got = recv(fd, s->seen + n, sizeof s->seen - 1 - n, 0)) > 0) {
		const char *end = strstr(s->seen, "\r\n\r\n");
		const char *length = strstr(s->seen, "Content-Length: ");
		size_t body = length ? (size_t)strtol(length + 16, NULL, 10) : 0;

		n += (size_t)got;
		if (end && n >= (size_t)(end + 4 - s->seen) + body)
			return true;
	}
	return false;
}

/* True when the connection may serve another request. */
static bool reply_send(struct server *s, int fd, const struct reply *r)
{
	struct linger at_once = { 1, 0 };
	size_t at = 0;
	ssize_t sent;

	while (at < r->n &&
		(sent = send(fd, r->text + at, r->n - at, MSG_NOSIGNAL)) > 0)
		at += (size_t)sent;
	if (r->then == DIE)
		close(s->listening);
	if (r->then == RESET)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	while (r->then == HANG && !s->stop)
		usleep(10000);
	return r->then == KEEP;
}

static void *serve(void *server)
{
	struct server *s = server;

	while (s->served < s->count) {
		int fd = accept(s->listening, NULL, NULL);
		bool more = fd >= 0;

		s->connections += more;
		while (more && s->served < s->count && request_read(s, fd))
			more = reply_send(s, fd, &s->replies[s->served++]);
		if (fd < 0)
			break;
		close(fd);
	}
	return NULL;
}

static void server_start(struct server *s, const struct reply *replies, size_t count)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof a;

	memset(s, 0, sizeof *s);
	s->replies = replies;
	s->count = count;
	s->listening = socket(AF_INET, SOCK_STREAM, 0);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	bind(s->listening, (struct sockaddr *)&a, sizeof a);
	listen(s->listening, 8);
	getsockname(s->listening, (struct sockaddr *)&a, &n);
	s->port = ntohs(a.sin_port);
	pthread_create(&s->thread, NULL, serve, s);
}

static void server_stop(struct server *s)
{
	s->stop = true;
	shutdown(s->listening, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->listening);
}

static struct http_answer ask(
	struct op *op, struct http_client *c, struct server *s, const char *method)
{
	static const char *const headers[] = { "Idempotency-Key: k1", NULL };
	bool post = !strcmp(method, "POST");
	struct http_request r = {
		.method = method,
		.url = op_printf(op, "http://127.0.0.1:%d/x", s->port),
		.headers = headers,
		.body = post ? "a=1" : NULL,
		.n = post ? 3 : 0,
		.timeout_ms = 2000,
	};
	struct http_answer a;

	CHECK(http_send(op, c, &r, &a) == OK);
	return a;
}

/* The answer to one POST that meets this reply. */
static struct http_answer met(struct op *op, const char *text, size_t n, enum then then)
{
	const struct reply reply = { text, n, then };
	struct http_client *c = http_client_open();
	struct http_answer a;
	struct server s;

	server_start(&s, &reply, 1);
	a = ask(op, c, &s, "POST");
	http_client_close(c);
	server_stop(&s);
	return a;
}

#define MET(text, then) met(op, text, sizeof(text) - 1, then)

TEST_NO_DB(a_whole_answer_is_an_answer_whatever_its_status)
{
	struct http_answer a = MET("HTTP/1.1 100 Continue\r\nX-A: early\r\n\r\n"
				   "HTTP/1.1 503 Later\r\nX-a:  late \r\n"
				   "Content-Length: 3\r\n\r\na\0b",
		CLOSE);

	SAME(HTTP_ANSWERED, a.outcome);
	SAME(503, a.status);
	SAME(3, (int64_t)a.n);
	CHECK(!memcmp(a.body, "a\0b", 4));
	SAME("late", http_header(&a, "x-A"));
	SAME(1, http_header(&a, "X-B") == NULL);
}

TEST_NO_DB(a_redirect_is_not_followed)
{
	SAME(302, MET("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
		      "Content-Length: 0\r\n\r\n",
			  CLOSE)
			  .status);
}

TEST_NO_DB(a_lost_answer_is_unknown)
{
	SAME(HTTP_UNKNOWN, MET("", RESET).outcome);
	SAME(HTTP_UNKNOWN, MET("", CLOSE).outcome);
	SAME(HTTP_UNKNOWN,
		MET("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", CLOSE).outcome);
	SAME(HTTP_UNKNOWN,
		MET("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
			CLOSE)
			.outcome);
	SAME(HTTP_UNKNOWN, MET("no HTTP at all\r\n\r\n", CLOSE).outcome);
}

TEST_NO_DB(an_answer_that_takes_too_long_is_unknown)
{
	struct http_answer a = MET("HTTP/1.1 200 OK\r\n", HANG);

	SAME(HTTP_UNKNOWN, a.outcome);
	SAME(0, a.status);
	CHECK(a.reason);
	CHECK(a.took_us >= 1990000 && a.took_us < 20000000);
}

TEST_NO_DB(a_body_over_a_mebibyte_is_unknown)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
	size_t most = 1 << 20, n = sizeof head - 1;
	char *text = op_alloc(op, n + most + 1);
	struct http_answer a;

	memset(text, 'x', n + most + 1);
	memcpy(text, head, n);
	a = met(op, text, n + most, CLOSE);
	SAME(HTTP_ANSWERED, a.outcome);
	SAME((int64_t)most, (int64_t)a.n);
	a = met(op, text, n + most + 1, CLOSE);
	SAME(HTTP_UNKNOWN, a.outcome);
	SAME("the answer is larger than 1024 KiB", a.reason);
}

TEST_NO_DB(what_cannot_connect_was_not_sent)
{
	struct http_client *c = http_client_open();
	struct server s;
	struct http_answer a;
	struct http_request tls = { .method = "POST", .body = "a", .n = 1 };
	struct http_request file = { .method = "GET", .url = "file:///etc/passwd" };

	server_start(&s, NULL, 0);
	tls.url = op_printf(op, "https://127.0.0.1:%d/", s.port);
	server_stop(&s);
	SAME(HTTP_NOT_SENT, ask(op, c, &s, "POST").outcome);
	CHECK(http_send(op, c, &tls, &a) == OK);
	SAME(HTTP_NOT_SENT, a.outcome);
	CHECK(http_send(op, c, &file, &a) == OK);
	SAME(HTTP_NOT_SENT, a.outcome);
	http_client_close(c);
}

TEST_NO_DB(a_server_that_does_not_speak_tls_was_sent_nothing)
{
	const struct reply reply = { "HTTP/1.1 400 No\r\n\r\n", 19, CLOSE };
	struct http_client *c = http_client_open();
	struct http_request tls = {
		.method = "POST", .body = "a", .n = 1, .timeout_ms = 2000
	};
	struct server s;
	struct http_answer a;

	server_start(&s, &reply, 1);
	tls.url = op_printf(op, "https://127.0.0.1:%d/", s.port);
	CHECK(http_send(op, c, &tls, &a) == OK);
	SAME(HTTP_NOT_SENT, a.outcome);
	http_client_close(c);
	server_stop(&s);
}

#define FINE "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

TEST_NO_DB(connections_are_kept)
{
	const struct reply replies[] = { { FINE, sizeof FINE - 1, KEEP },
		{ FINE, sizeof FINE - 1, CLOSE } };
	struct http_client *c = http_client_open();
	struct server s;

	server_start(&s, replies, 2);
	SAME("ok", ask(op, c, &s, "GET").body);
	SAME("ok", ask(op, c, &s, "POST").body);
	http_client_close(c);
	server_stop(&s);
	SAME(1, s.connections);
}

/*
 * The trap: the second request dies with the kept connection, libcurl tries
 * again on a new one, and that fails to connect.  It was sent all the same.
 */
TEST_NO_DB(a_failed_second_try_does_not_hide_the_first)
{
	const struct reply replies[] = { { FINE, sizeof FINE - 1, KEEP },
		{ "", 0, DIE } };
	struct http_client *c = http_client_open();
	struct server s;

	server_start(&s, replies, 2);
	SAME(HTTP_ANSWERED, ask(op, c, &s, "GET").outcome);
	SAME(HTTP_UNKNOWN, ask(op, c, &s, "POST").outcome);
	http_client_close(c);
	server_stop(&s);
}

TEST_NO_DB(a_request_says_what_it_was_told_to)
{
	const struct reply reply = { FINE, sizeof FINE - 1, CLOSE };
	struct http_client *c = http_client_open();
	struct server s;

	server_start(&s, &reply, 1);
	ask(op, c, &s, "POST");
	http_client_close(c);
	server_stop(&s);
	CHECK(!strncmp(s.seen, "POST /x HTTP/1.1\r\n", 18));
	CHECK(strstr(s.seen, "\r\nIdempotency-Key: k1\r\n"));
	CHECK(strstr(s.seen, "\r\n\r\na=1"));
	CHECK(!strstr(s.seen, "Expect:"));
}

TEST_NO_DB(a_header_cannot_carry_another_one)
{
	const char *const headers[] = { "A: b\r\nC: d", NULL };
	struct http_client *c = http_client_open();
	struct http_request r = {
		.method = "GET", .url = "http://127.0.0.1:1/", .headers = headers
	};
	struct http_answer a;

	REFUSED("http_header_invalid", http_send(op, c, &r, &a));
	http_client_close(c);
}
