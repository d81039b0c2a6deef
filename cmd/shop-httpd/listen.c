/* The sockets that the door listens on. */
#include "shop-httpd/listen.h"

#include "base/config.h"
#include "base/log.h"
#include "shop-httpd/door.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 4096, SYSTEMD_FIRST = 3 };

static enum err cannot(struct op *op, const char *address)
{
	fail(op, E_CONFIG, "address_can_be_served", "cannot listen on %s: %m", address);
	return fail_hint(
		op, "http.listen and http.admin_listen are HOST:PORT or unix:PATH");
}

static void add(struct server *s, int fd, bool admin, const char *path)
{
	s->listeners[s->listener_count++] = (struct listener){ fd, admin, true, path };
}

/* A socket that nobody answers at was left by a process that was killed. */
static void remove_stale(const struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	if (connect(fd, (const struct sockaddr *)at, sizeof *at) < 0 &&
		errno == ECONNREFUSED)
		unlink(at->sun_path);
	close(fd);
}

static enum err listen_unix(
	struct op *op, struct server *s, const char *path, bool admin)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	mode_t mask;
	int fd, bound;

	if (strlen(path) >= sizeof at.sun_path) {
		errno = ENAMETOOLONG;
		return cannot(op, path);
	}
	memcpy(at.sun_path, path, strlen(path));
	remove_stale(&at);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return cannot(op, path);
	mask = umask(admin ? 0177 : 0117);
	bound = bind(fd, (struct sockaddr *)&at, sizeof at);
	umask(mask);
	if (bound < 0 || listen(fd, BACKLOG) < 0) {
		cannot(op, path);
		close(fd);
		return op->fault.code;
	}
	add(s, fd, admin, path);
	return OK;
}

static int open_tcp(const struct addrinfo *a)
{
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	on = errno;
	close(fd);
	errno = on;
	return -1;
}

/* "127.0.0.1:8080" or "[::1]:8080": numbers only, no name is looked up. */
static enum err listen_tcp(
	struct op *op, struct server *s, const char *address, bool admin)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV |
						    AI_PASSIVE,
		.ai_socktype = SOCK_STREAM };
	char *host = op_strdup(op, address), *port = strrchr(host, ':');
	struct addrinfo *found;
	int fd;

	errno = EINVAL;
	if (!port || strspn(port + 1, "0123456789") != strlen(port + 1) ||
		strtol(port + 1, NULL, 10) > 65535) /* getaddrinfo() takes any number */
		return cannot(op, address);
	*port++ = 0;
	if (*host == '[' && port[-2] == ']') {
		port[-2] = 0;
		host++;
	}
	if (getaddrinfo(host, port, &hints, &found) != 0) {
		errno = EINVAL;
		return cannot(op, address);
	}
	fd = open_tcp(found);
	freeaddrinfo(found);
	if (fd < 0)
		return cannot(op, address);
	add(s, fd, admin, NULL);
	return OK;
}

static enum err listen_at(
	struct op *op, struct server *s, const char *address, bool admin)
{
	enum err e;

	if (!*address)
		return OK;
	e = strncmp(address, "unix:", 5) == 0 ? listen_unix(op, s, address + 5, admin)
					      : listen_tcp(op, s, address, admin);
	if (e == OK)
		log_event(op, LOG_INFO, "listening", "%s%s", address,
			admin ? " (admin)" : "");
	return e;
}

static bool is_admin(const char *names, int i)
{
	while (names && i-- > 0) {
		names = strchr(names, ':');
		names += names != NULL;
	}
	return names && !strncmp(names, "admin", 5) && (!names[5] || names[5] == ':');
}

/* Whether systemd passed sockets; the variables are not for our children. */
static bool take_sockets(struct server *s)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	const char *names = getenv("LISTEN_FDNAMES");
	int i, n = fds ? (int)strtol(fds, NULL, 10) : 0;

	if (!pid || strtol(pid, NULL, 10) != getpid())
		return false;
	for (i = 0; i < n && s->listener_count < 4; i++) {
		fcntl(SYSTEMD_FIRST + i, F_SETFD, FD_CLOEXEC);
		fcntl(SYSTEMD_FIRST + i, F_SETFL,
			fcntl(SYSTEMD_FIRST + i, F_GETFL) | O_NONBLOCK);
		add(s, SYSTEMD_FIRST + i, is_admin(names, i), NULL);
		s->listeners[s->listener_count - 1].ours = false;
	}
	return n > 0;
}

enum err listen_all(struct op *op, struct server *s)
{
	const struct http_config *c = &op->config->http;

	if (take_sockets(s))
		return OK;
	TRY(listen_at(op, s, c->listen, false));
	return listen_at(op, s, c->admin_listen, true);
}

void listen_end(struct server *s)
{
	size_t i;

	for (i = 0; i < s->listener_count; i++) {
		close(s->listeners[i].fd);
		if (s->listeners[i].path)
			unlink(s->listeners[i].path);
	}
	s->listener_count = 0;
}
