/* A listener for scrapes and probes: one request, one answer, on a Unix socket. */
#include "base/clock.h"
#include "base/metric.h"
#include "shop-worker/worker.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct {
	int fd;
	char path[108];
	struct worker *worker;
} admin = { -1 };

static const char *answer(
	struct op *op, const char *status, const char *type, const char *body)
{
	return op_printf(op,
		"HTTP/1.0 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
		"Connection: close\r\n\r\n%s",
		status, type, strlen(body), body);
}

/* Ready is: not told to stop, not told to be quiet. */
static const char *respond(struct op *op, const char *request)
{
	const struct worker *w = admin.worker;

	if (!strncmp(request, "GET /metrics ", 13))
		return answer(
			op, "200 OK", "text/plain; version=0.0.4", metric_text(op));
	if (!strncmp(request, "GET /livez ", 11))
		return answer(op, "200 OK", "text/plain", "ok\n");
	if (strncmp(request, "GET /readyz ", 12) != 0)
		return answer(op, "404 Not Found", "text/plain", "not found\n");
	if (w->stop != STOP_NOT || w->quiet)
		return answer(
			op, "503 Service Unavailable", "text/plain", "stopping\n");
	return answer(op, "200 OK", "text/plain", "ok\n");
}

static void serve(int fd)
{
	struct timeval patience = { 1, 0 };
	struct op op;
	char request[1024];
	const char *text;
	ssize_t n;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	n = recv(fd, request, sizeof request - 1, 0);
	if (n <= 0)
		return;
	request[n] = 0;
	op_open(&op, NULL, "shop-worker admin");
	text = respond(&op, request);
	while (*text && (n = send(fd, text, strlen(text), MSG_NOSIGNAL)) > 0)
		text += n;
	op_close(&op);
}

static void *accept_all(void *unused)
{
	int fd;

	(void)unused;
	for (;;) {
		fd = accept4(admin.fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0) {
			if (errno == EINTR || errno == ECONNABORTED)
				continue;
			return NULL;
		}
		serve(fd);
		close(fd);
	}
}

enum err admin_start(struct op *op, struct worker *w, const char *address)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	pthread_t thread;
	const char *path;

	if (!address || !*address)
		return OK;
	path = strncmp(address, "unix:", 5) ? "" : address + 5;
	if (!*path || strlen(path) >= sizeof to.sun_path) {
		fail(op, E_CONFIG, "admin_address_is_a_socket",
			"\"%s\" is not unix:PATH", address);
		return fail_hint(op, "set worker.admin_listen");
	}
	memcpy(to.sun_path, path, strlen(path));
	memcpy(admin.path, path, strlen(path) + 1);
	admin.worker = w;
	unlink(path);
	admin.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (admin.fd < 0 || bind(admin.fd, (struct sockaddr *)&to, sizeof to) ||
		listen(admin.fd, 16) || pthread_create(&thread, NULL, accept_all, NULL))
		return fail(op, E_CONFIG, "admin_address_is_a_socket",
			"cannot listen on %s: %s", address, strerror(errno));
	pthread_detach(thread);
	return OK;
}

void admin_stop(void)
{
	if (admin.fd < 0)
		return;
	unlink(admin.path);
	shutdown(admin.fd, SHUT_RDWR);
}
