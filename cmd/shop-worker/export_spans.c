/* shop-worker export-spans: carry what all programs of a machine measured to a
 * collector. */
#include "shop-worker/export_spans.h"

#include "adapters/otlp.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/notify.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { SPAN_MAX = 4096, TRIES = 5, LONGEST_PAUSE_S = 60, MS = 1000, SECOND = 1000000 };

METRIC_COUNTER(exported, "shop_spans_exported_total",
	"Spans that came to the exporter, by what became of them.")

struct slot {
	size_t n;
	char span[SPAN_MAX];
};

/* A ring: the reader adds, the sender takes, and what does not fit is lost. */
struct exporter {
	struct otlp otlp;
	const struct config *config;
	struct slot *ring;
	size_t size, first, n; /* first and n under the lock */
	bool stop;
	pthread_mutex_t lock;
	pthread_cond_t wake;
};

static void count(const char *result, int64_t n)
{
	char label[64];

	snprintf(label, sizeof label, "result=\"%s\"", result);
	series_add(metric_at(&exported, label), n);
}

static void add(struct exporter *x, const char *span, size_t n)
{
	struct slot *slot;

	pthread_mutex_lock(&x->lock);
	if (x->n == x->size) {
		count("queue_full", 1);
	} else {
		slot = &x->ring[(x->first + x->n++) % x->size];
		slot->n = n;
		memcpy(slot->span, span, n);
	}
	if (x->n >= (size_t)x->otlp.batch_max)
		pthread_cond_signal(&x->wake);
	pthread_mutex_unlock(&x->lock);
}

/* Sleep on the condition, until told to stop at the latest. */
static void pause_for(struct exporter *x, int64_t us)
{
	struct timespec until;
	int64_t at;

	clock_gettime(CLOCK_MONOTONIC, &until);
	at = until.tv_nsec / 1000 + us;
	until.tv_sec += at / SECOND;
	until.tv_nsec = at % SECOND * 1000;
	pthread_cond_timedwait(&x->wake, &x->lock, &until);
}

/* What there is, as soon as it fills a request or has waited long enough. */
static size_t take(struct exporter *x, struct op *op, struct otlp_span *spans)
{
	size_t i, n, good = 0;

	pthread_mutex_lock(&x->lock);
	if (x->n < (size_t)x->otlp.batch_max && !x->stop)
		pause_for(x, x->otlp.delay_ms * MS);
	n = x->n < (size_t)x->otlp.batch_max ? x->n : (size_t)x->otlp.batch_max;
	for (i = 0; i < n; i++) {
		struct slot *slot = &x->ring[(x->first + i) % x->size];

		good += otlp_span_of(op, slot->span, slot->n, &spans[good]);
	}
	x->first = (x->first + n) % x->size;
	x->n -= n;
	pthread_mutex_unlock(&x->lock);
	if (good < n)
		count("not_a_span", (int64_t)(n - good));
	return good;
}

/* Between tries; the ring fills meanwhile.  False once told to stop. */
static bool wait_to_repeat(struct exporter *x, int64_t s)
{
	int64_t until =
		clock_ticks() + (s < LONGEST_PAUSE_S ? s : LONGEST_PAUSE_S) * SECOND;
	bool stop;

	pthread_mutex_lock(&x->lock);
	while (!x->stop && clock_ticks() < until)
		pause_for(x, until - clock_ticks());
	stop = x->stop;
	pthread_mutex_unlock(&x->lock);
	return !stop;
}

static void conclude(struct op *op, const struct otlp_answer *got, size_t n)
{
	int64_t lost = got->verdict == OTLP_TAKEN ? got->rejected : (int64_t)n;

	count("taken", (int64_t)n - lost);
	if (!lost)
		return;
	count("not_taken", lost);
	log_event(op, LOG_WARNING, "spans_lost",
		"the collector did not take %lld of %zu: %s", (long long)lost, n,
		got->reason ? got->reason : "it does not say why");
}

static void post(struct exporter *x, struct op *op, struct http_client *client,
	const struct otlp_span *spans, size_t n)
{
	const char *request = otlp_request(op, &x->otlp, spans, n);
	struct otlp_answer got = { OTLP_REFUSED };

	for (int64_t try = 0; try < TRIES; try++) {
		if (otlp_post(op, &x->otlp, client, request, &got) != OK) {
			got.reason = op->fault.text;
			break;
		}
		if (got.verdict != OTLP_AGAIN ||
			!wait_to_repeat(x, got.again_s ? got.again_s : 1LL << try))
			break;
	}
	conclude(op, &got, n);
}

static void *send_all(void *arg)
{
	struct exporter *x = arg;
	struct http_client *client = http_client_open();
	bool over = false;

	while (!over) {
		struct op op;
		struct otlp_span *spans;
		size_t n;

		op_open(&op, x->config, "shop-worker export-spans");
		spans = op_alloc(&op, (size_t)x->otlp.batch_max * sizeof *spans);
		n = take(x, &op, spans);
		if (n)
			post(x, &op, client, spans, n);
		op_close(&op);
		pthread_mutex_lock(&x->lock);
		over = x->stop && x->n == 0;
		pthread_mutex_unlock(&x->lock);
	}
	http_client_close(client);
	return NULL;
}

/* A socket that another process left behind is replaced; one that is used is not. */
static enum err listen_at(struct op *op, const char *path, int *out)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	must(fd >= 0 ? &fd : NULL);
	if (strlen(path) >= sizeof at.sun_path) {
		close(fd);
		return fail(op, E_CONFIG, "trace_socket_is_a_path",
			"trace.socket is longer than a socket's path may be");
	}
	memcpy(at.sun_path, path, strlen(path));
	if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0) {
		close(fd);
		return fail(op, E_REFUSED, "one_exporter_a_machine",
			"another process exports the spans of %s", path);
	}
	unlink(path);
	if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 ||
		chmod(path, 0660) != 0) {
		close(fd);
		return fail(op, E_CREATE, "trace_socket_is_a_path", "%s: %m", path);
	}
	*out = fd;
	return OK;
}

static void read_all(struct exporter *x, int fd)
{
	char span[SPAN_MAX];
	ssize_t n;

	while ((n = recv(fd, span, sizeof span, MSG_TRUNC)) >= 0) {
		if (n > SPAN_MAX)
			count("too_long", 1);
		else
			add(x, span, (size_t)n);
	}
}

static void until_told(struct op *op, struct exporter *x, int fd, const char *metrics)
{
	sigset_t set;
	struct pollfd waits[2] = { { fd, POLLIN, 0 }, { -1, POLLIN, 0 } };

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	waits[1].fd = signalfd(-1, &set, SFD_CLOEXEC);
	notify_systemd("READY=1");
	while (poll(waits, 2, (int)x->otlp.delay_ms) >= 0 || errno == EINTR) {
		read_all(x, fd);
		notify_systemd("WATCHDOG=1");
		if (metrics && metric_write(op, metrics) != OK) {
			log_fault(op, "metrics_not_written");
			fault_clear(op);
		}
		if (waits[1].revents)
			break;
	}
	notify_systemd("STOPPING=1");
	close(waits[1].fd);
}

static enum err prepare(struct op *op, struct exporter *x)
{
	pthread_condattr_t monotonic;

	*x = (struct exporter){ .config = op->config };
	TRY(otlp_read(op, &x->otlp));
	if (!*op->config->trace.socket || x->otlp.disabled) {
		fail(op, E_CONFIG, "trace_socket_is_a_path", "no spans are made: %s",
			x->otlp.disabled ? "OTEL_SDK_DISABLED is true"
					 : "trace.socket is empty");
		return fail_hint(op,
			"set trace.socket for all programs of the shop, and "
			"start this again");
	}
	x->size = (size_t)x->otlp.queue_max;
	x->ring = op_alloc(op, x->size * sizeof *x->ring);
	pthread_mutex_init(&x->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&x->wake, &monotonic);
	return OK;
}

enum err export_spans(struct op *op, const char *metrics_file)
{
	struct exporter x;
	pthread_t sender;
	sigset_t set;
	int fd = -1;

	TRY(prepare(op, &x));
	TRY(listen_at(op, op->config->trace.socket, &fd));
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	if (pthread_create(&sender, NULL, send_all, &x) != 0)
		return fail(op, E_BUSY, "threads_start", "no thread for the sender");
	log_event(op, LOG_INFO, "exporting", "spans of %s to %s",
		op->config->trace.socket, x.otlp.url);
	until_told(op, &x, fd, metrics_file);
	pthread_mutex_lock(&x.lock);
	x.stop = true;
	pthread_cond_signal(&x.wake);
	pthread_mutex_unlock(&x.lock);
	pthread_join(sender, NULL);
	unlink(op->config->trace.socket);
	close(fd);
	return OK;
}
