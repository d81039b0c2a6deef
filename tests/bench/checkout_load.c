/*
 * Load for the checkout: N connections kept alive, each order with a key of its
 * own.  Prints "placed other errors seconds p50 p95 p99 max" (microseconds).
 *
 *	checkout_load 127.0.0.1:PORT|unix:PATH API_KEY CLIENTS SECONDS RATE SKUS [LINES]
 *
 * RATE 0: each client asks again at once.  Otherwise so many orders a second are
 * due, and a latency counts from when the order was due, not from when a
 * connection was free for it.  Orders have LINES (3) of SKU-00001 .. SKU-n at 10.00
 *EUR.
 */
#include "base/clock.h"
#include "base/id.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BUFFER = 8192, EVENTS = 256, SAMPLES_MAX = 20000000 };

struct client {
	int fd;
	bool busy, gone;
	int64_t due; /* when the order in hand should have begun */
	size_t got;
	char in[BUFFER];
};

static struct {
	const char *host, *key, *run;
	size_t clients, open, busy;
	int64_t end, rate, skus, lines;
	int64_t asked, placed, other, errors;
	int64_t next_due;
	uint32_t *samples;
	size_t count;
	uint64_t random;
	int epoll;
} load;

static uint64_t next_random(void)
{
	load.random ^= load.random << 13;
	load.random ^= load.random >> 7;
	load.random ^= load.random << 17;
	return load.random;
}

static int body(char *to, size_t size)
{
	int n, i;
	int64_t total = 0;
	char lines[2048];
	size_t at = 0;

	for (i = 0; i < load.lines; i++) {
		int qty = 1 + (int)(next_random() % 2);
		int64_t sku = 1 + (int64_t)(next_random() % (uint64_t)load.skus);

		total += qty * 1000;
		at += (size_t)snprintf(lines + at, sizeof lines - at,
			"%s{\"sku\":\"SKU-%05lld\",\"qty\":%d}", i ? "," : "",
			(long long)sku, qty);
	}
	n = snprintf(to, size,
		"{\"currency\":\"EUR\",\"expected_total\":{\"amount\":%lld,"
		"\"currency\":\"EUR\"},\"customer\":{\"email\":\"ada%lld@example.com\","
		"\"name\":\"Ada Lovelace\"},\"lines\":[%s],\"shipping_address\":{"
		"\"line1\":\"12 St James's Square\",\"postal_code\":\"SW1Y 4JH\","
		"\"city\":\"London\",\"country\":\"GB\"}}",
		(long long)total, (long long)load.asked, lines);
	return n;
}

static void ask(struct client *c, int64_t due)
{
	char text[4096], whole[6144];
	int n = body(text, sizeof text);
	int size = snprintf(whole, sizeof whole,
		"POST /v1/checkouts HTTP/1.1\r\nHost: localhost\r\n"
		"Authorization: Bearer %s\r\nContent-Type: application/json\r\n"
		"Idempotency-Key: %s-%lld\r\nContent-Length: %d\r\n\r\n%s",
		load.key, load.run, (long long)load.asked++, n, text);

	c->due = due;
	c->busy = true;
	load.busy++;
	c->got = 0;
	if (send(c->fd, whole, (size_t)size, MSG_NOSIGNAL) != size) {
		fprintf(stderr, "checkout_load: send: %s\n", strerror(errno));
	}
}

static void sample(struct client *c)
{
	int status = (int)strtol(c->in + 9, NULL, 10);

	c->busy = false;
	load.busy--;
	load.placed += status == 201;
	load.other += status == 409;
	if (status != 201 && status != 409 && !load.errors++)
		fprintf(stderr, "%.400s\n", c->in);
	if (load.count < SAMPLES_MAX)
		load.samples[load.count++] = (uint32_t)(clock_ticks() - c->due);
}

/* True when the answer is whole. */
static bool take(struct client *c)
{
	ssize_t n = read(c->fd, c->in + c->got, BUFFER - 1 - c->got);
	const char *end, *length;

	if (n <= 0) {
		if (n < 0 && errno == EAGAIN)
			return false;
		if (c->busy) /* an idle one may be closed at any time */
			fprintf(stderr, "checkout_load: the server hung up\n");
		load.errors += c->busy;
		close(c->fd);
		c->gone = true;
		load.busy -= c->busy;
		load.open--;
		return false;
	}
	c->got += (size_t)n;
	c->in[c->got] = 0;
	end = strstr(c->in, "\r\n\r\n");
	length = end ? strcasestr(c->in, "\r\nContent-Length:") : NULL;
	return length &&
	       c->got >= (size_t)(end + 4 - c->in) + strtoul(length + 17, NULL, 10);
}

static void must_connect(int fd, const void *to, socklen_t n)
{
	if (connect(fd, to, n) == 0)
		return;
	fprintf(stderr, "checkout_load: %s: %s\n", load.host, strerror(errno));
	exit(69);
}

static int connected(void)
{
	struct sockaddr_in tcp = { .sin_family = AF_INET };
	struct sockaddr_un local = { .sun_family = AF_UNIX };
	const char *colon = strchr(load.host, ':');
	int on = 1, fd;

	if (strncmp(load.host, "unix:", 5) == 0) {
		fd = socket(AF_UNIX, SOCK_STREAM, 0);
		snprintf(local.sun_path, sizeof local.sun_path, "%s", colon + 1);
		must_connect(fd, &local, sizeof local);
		return fd;
	}
	fd = socket(AF_INET, SOCK_STREAM, 0);
	tcp.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
	tcp.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	must_connect(fd, &tcp, sizeof tcp);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return fd;
}

/* Orders that are due go to clients that are free. */
static void offer(struct client *all)
{
	int64_t now = clock_ticks();
	size_t i;

	for (i = 0; i < load.clients && load.next_due <= now; i++) {
		if (all[i].busy || all[i].gone)
			continue;
		ask(&all[i], load.next_due);
		load.next_due += 1000000 / load.rate;
	}
}

/* Until the next order is due; a wait in whole milliseconds would spin or be late. */
static struct timespec wait_time(void)
{
	int64_t now = clock_ticks();
	int64_t left = load.rate && now < load.end ? load.next_due - now : 100000;

	if (left < 0)
		left = 0;
	return (struct timespec){ left / 1000000, left % 1000000 * 1000 };
}

static void run(struct client *all)
{
	struct epoll_event events[EVENTS];
	struct timespec wait;
	bool open = true;
	int n, i;

	/* What was asked for before the end is waited for. */
	while (load.open && (open || load.busy)) {
		open = clock_ticks() < load.end;
		if (load.rate && open)
			offer(all);
		wait = wait_time();
		n = epoll_pwait2(load.epoll, events, EVENTS, &wait, NULL);
		for (i = 0; i < n; i++) {
			struct client *c = events[i].data.ptr;

			if (!take(c))
				continue;
			sample(c);
			if (!load.rate && open)
				ask(c, clock_ticks());
		}
	}
}

static int smaller(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static unsigned percentile(double p)
{
	return load.count ? load.samples[(size_t)((double)(load.count - 1) * p)] : 0;
}

int main(int argc, char **argv)
{
	struct op op;
	struct client *all;
	int64_t begun;
	size_t i;

	if (argc < 7)
		return 64;
	op_open(&op, NULL, "load");
	load.host = argv[1];
	load.key = argv[2];
	load.clients = strtoul(argv[3], NULL, 10);
	load.rate = strtol(argv[5], NULL, 10);
	load.skus = strtol(argv[6], NULL, 10);
	load.lines = argc > 7 ? strtol(argv[7], NULL, 10) : 3;
	load.run = id_token(&op, 8);
	id_random(&load.random, sizeof load.random);
	load.samples = malloc(SAMPLES_MAX * sizeof *load.samples);
	load.epoll = epoll_create1(0);
	all = calloc(load.clients, sizeof *all);
	for (i = 0; i < load.clients; i++) {
		struct epoll_event e = { .events = EPOLLIN, .data.ptr = &all[i] };

		all[i].fd = connected();
		epoll_ctl(load.epoll, EPOLL_CTL_ADD, all[i].fd, &e);
	}
	load.open = load.clients;
	begun = load.next_due = clock_ticks();
	load.end = begun + strtol(argv[4], NULL, 10) * 1000000;
	for (i = 0; i < load.clients && !load.rate; i++)
		ask(&all[i], begun);
	run(all);
	qsort(load.samples, load.count, sizeof *load.samples, smaller);
	printf("%lld %lld %lld %.3f %u %u %u %u\n", (long long)load.placed,
		(long long)load.other, (long long)load.errors,
		(double)(clock_ticks() - begun) / 1e6, percentile(.5), percentile(.95),
		percentile(.99), percentile(1));
	free(all);
	free(load.samples);
	op_close(&op);
	return load.errors ? 1 : 0;
}
