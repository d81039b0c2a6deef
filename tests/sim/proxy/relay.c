/* Bytes between a client and a server, and what the rules do to them. */
#include "relay.h"

#include "frame.h"
#include "rule.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 65536, SYNC_BYTES = 5 };

struct relay {
	int client, server;
	bool postgres;
	struct frame up, down;
	char *held; /* of the client's request, until it is complete */
	size_t held_n, held_room;
	struct fault fault; /* of the request under way */
	bool spoke;         /* the server, since the client did */
	bool executes;      /* the request held: Parse alone commits nothing */
	bool error;         /* in the answer to this request */
	long answered;      /* bytes of it */
};

static void nap_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

/* False when the other end is gone. */
static bool put(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		p += sent;
		n -= (size_t)sent;
	}
	return true;
}

/* Twenty pieces a second. */
static bool put_slowly(int fd, const char *p, size_t n, long a_second)
{
	size_t piece = a_second > 20 ? (size_t)a_second / 20 : 1;

	while (n) {
		size_t now = n < piece ? n : piece;

		if (!put(fd, p, now))
			return false;
		nap_ms(50);
		p += now;
		n -= now;
	}
	return true;
}

/* The client hears of it at once, and not as a regular end. */
static bool hang_up(struct relay *r)
{
	struct linger now = { 1, 0 };

	setsockopt(r->client, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	return false;
}

/* Give the request, or as much of it as the fault lets through, to the server. */
static bool deliver(struct relay *r)
{
	size_t n = r->held_n;
	bool heard = true;

	r->held_n = 0;
	switch (r->fault.action) {
	case BLACKHOLE:
		return true;
	case CUT_BEFORE:
		rule_done(CUT_BEFORE, false);
		return hang_up(r);
	case CUT_BETWEEN:
		n = !r->postgres ? n / 2 : r->up.type == 'S' ? n - SYNC_BYTES : 0;
		put(r->server, r->held, n);
		rule_done(CUT_BETWEEN, false);
		return hang_up(r);
	case CUT_DURING:
		put(r->server, r->held, n);
		rule_done(CUT_DURING, false);
		return hang_up(r);
	case THROTTLE:
		return put_slowly(r->server, r->held, n, r->fault.n);
	default:
		heard = put(r->server, r->held, n);
		return heard;
	}
}

static bool request(struct relay *r)
{
	if (r->fault.action != BLACKHOLE && r->fault.action != HOLE) {
		r->fault = (struct fault){ PASS, 0 };
		if (!r->postgres || r->executes)
			r->fault = rule_choose(r->held, r->held_n);
		if (r->fault.action == BLACKHOLE || r->fault.action == HOLE ||
			r->fault.action == THROTTLE || r->fault.action == DELAY)
			rule_done(r->fault.action, false);
	}
	r->answered = 0;
	r->error = r->spoke = r->executes = false;
	return deliver(r);
}

static void hold(struct relay *r, const char *p, size_t n)
{
	if (r->held_n + n > r->held_room) {
		r->held_room = (r->held_n + n) * 2;
		r->held = realloc(r->held, r->held_room);
		if (!r->held)
			abort();
	}
	memcpy(r->held + r->held_n, p, n);
	r->held_n += n;
}

/* Messages go on as they end; those that ask for an answer meet the rules first. */
static bool up_postgres(struct relay *r, const char *p, size_t n)
{
	bool ended, good = true;

	while (n && good) {
		size_t took = frame_take(&r->up, p, n, &ended);

		hold(r, p, took);
		p += took;
		n -= took;
		if (!ended)
			continue;
		r->executes = r->executes || r->up.type == 'Q' || r->up.type == 'E';
		if (r->up.untyped) {
			bool encrypt = r->up.code == CODE_SSL || r->up.code == CODE_GSS;

			r->up.untyped = encrypt;
			r->down.lone_byte = encrypt;
			good = deliver(r);
		} else if (r->up.type == 'Q' || r->up.type == 'S') {
			good = request(r);
		} else if (strchr("HXpdcfF", r->up.type)) {
			good = deliver(r);
		}
	}
	return good;
}

static bool up(struct relay *r, const char *p, size_t n)
{
	if (r->postgres)
		return up_postgres(r, p, n);
	hold(r, p, n);
	return r->spoke ? request(r) : deliver(r);
}

/* True when the answer to the request is complete. */
static bool complete(struct relay *r, const char *p, size_t n)
{
	bool ended, ready = !r->postgres;

	while (r->postgres && n) {
		size_t took = frame_take(&r->down, p, n, &ended);

		p += took;
		n -= took;
		r->error = r->error || (ended && r->down.type == 'E');
		ready = ready || (ended && r->down.type == 'Z');
	}
	return ready;
}

/* The answer goes on up to its Nth byte, which this piece has. */
static bool break_off(struct relay *r, const char *p, size_t n)
{
	long upto = r->fault.n - r->answered;

	rule_done(r->fault.action, false);
	if (upto > 0)
		put(r->client, p, (size_t)upto < n ? (size_t)upto : n);
	return r->fault.action == RESET && hang_up(r);
}

static bool garbled(struct relay *r, char *p, size_t n)
{
	long at = r->fault.n - r->answered;

	if (at >= 0 && (size_t)at < n) {
		p[at] ^= 0x55;
		rule_done(GARBLE, false);
	}
	return put(r->client, p, n);
}

static bool down(struct relay *r, char *p, size_t n)
{
	bool ready = complete(r, p, n), good = true;

	r->spoke = true;
	switch (r->fault.action) {
	case BLACKHOLE:
	case HOLE:
		return true;
	case CUT_AFTER:
		if (!ready)
			return true;
		rule_done(CUT_AFTER, !r->error);
		return hang_up(r);
	case RESET:
	case TRUNCATE:
		good = r->answered + (long)n < r->fault.n ? put(r->client, p, n)
							  : break_off(r, p, n);
		break;
	case GARBLE:
		good = garbled(r, p, n);
		break;
	case THROTTLE:
		good = put_slowly(r->client, p, n, r->fault.n);
		break;
	case DELAY:
		if (r->answered == 0)
			nap_ms(r->fault.n);
		good = put(r->client, p, n);
		break;
	default:
		good = put(r->client, p, n);
	}
	r->answered += (long)n;
	return good;
}

/* What is there to read; false at the end. */
static bool carry(struct relay *r, bool from_client, char *chunk)
{
	ssize_t n = recv(from_client ? r->client : r->server, chunk, CHUNK, 0);

	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0)
		return false;
	return from_client ? up(r, chunk, (size_t)n) : down(r, chunk, (size_t)n);
}

static void *run(void *arg)
{
	struct relay *r = arg;
	char *chunk = malloc(CHUNK);
	bool good = chunk != NULL;

	while (good) {
		struct pollfd p[] = { { r->client, POLLIN, 0 },
			{ r->server, POLLIN, 0 } };

		if (poll(p, 2, -1) < 0 && errno != EINTR)
			break;
		if (p[1].revents)
			good = carry(r, false, chunk);
		if (good && p[0].revents)
			good = carry(r, true, chunk);
	}
	close(r->client);
	close(r->server);
	free(chunk);
	free(r->held);
	free(r);
	return NULL;
}

void relay_start(int client, int server, bool postgres)
{
	struct relay *r = calloc(1, sizeof *r);
	pthread_t thread;

	if (!r)
		abort();
	*r = (struct relay){ .client = client,
		.server = server,
		.postgres = postgres,
		.up = { .untyped = true },
		.spoke = true };
	if (pthread_create(&thread, NULL, run, r) != 0)
		abort();
	pthread_detach(thread);
}
