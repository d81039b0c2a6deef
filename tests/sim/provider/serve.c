/* The wire: requests in, answers out, and the ways in which an answer is lost. */
#include "provider/serve.h"

#include "provider/api.h"
#include "provider/control.h"
#include "provider/flavour.h"

#include "base/clock.h"

#include <microhttpd.h>
#include <poll.h>
#include <sys/socket.h>

enum { BODY_MAX = 1 << 20, HUGE_BYTES = 2 << 20, CONNECTIONS = 512 };

struct request {
	struct op op;
	struct call call;
	const char *uri; /* with its query, as it came */
	char *body;
	size_t n, room;
	bool started, too_big;
};

static void *begin(void *sim, const char *uri, struct MHD_Connection *connection)
{
	struct request *r = keep(calloc(1, sizeof *r));

	(void)connection;
	op_open(&r->op, NULL, "sim");
	r->uri = op_strdup(&r->op, uri);
	r->call = (struct call){ .op = &r->op, .sim = sim };
	return r;
}

static void end(void *sim, struct MHD_Connection *connection, void **state,
	enum MHD_RequestTerminationCode how)
{
	struct request *r = *state;

	(void)sim, (void)connection, (void)how;
	if (!r)
		return;
	free(r->body);
	op_close(&r->op);
	free(r);
}

static void take(struct request *r, const char *data, size_t n)
{
	if (n > BODY_MAX - r->n) {
		r->too_big = true;
		return;
	}
	if (r->n + n + 1 > r->room) {
		r->room = (r->n + n + 1) * 2;
		r->body = keep(realloc(r->body, r->room));
	}
	memcpy(r->body + r->n, data, n);
	r->n += n;
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static void fill(struct request *r, struct MHD_Connection *connection,
	const char *method, const char *path)
{
	struct call *c = &r->call;

	c->method = op_strdup(&r->op, method);
	c->path = op_strdup(&r->op, path);
	c->authorization = header(connection, "Authorization");
	c->key = header(connection, flavour.key_header);
	c->version = header(connection, "Stripe-Version");
	c->content_type = header(connection, "Content-Type");
	c->raw = r->n ? r->body : "";
	c->raw_n = r->n;
}

/* Until the time is over or the connection ends, as it also does at the stop. */
static void hold(struct call *c, int fd)
{
	int64_t until = clock_ticks() + (int64_t)(c->hold_s * SECOND);
	struct pollfd p = { .fd = fd, .events = POLLRDHUP };

	while (clock_ticks() < until)
		if (poll(&p, 1, 50) != 0)
			return;
}

static int socket_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	return info ? info->connect_fd : -1;
}

/* Linux resets a connection that is dissolved (connect(2), AF_UNSPEC). */
static enum MHD_Result cut(struct MHD_Connection *connection)
{
	struct sockaddr nowhere = { .sa_family = AF_UNSPEC };

	connect(socket_of(connection), &nowhere, sizeof nowhere);
	return MHD_NO;
}

/* Half of what was announced, then the connection closes. */
static ssize_t half(void *body, uint64_t at, char *to, size_t room)
{
	const char *text = body;
	size_t n = strlen(text) / 2;

	if (at >= n)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	n -= at;
	if (n > room)
		n = room;
	memcpy(to, text + at, n);
	return (ssize_t)n;
}

static struct MHD_Response *response(struct call *c)
{
	size_t n;

	switch (c->effect) {
	case TRUNCATE:
		c->body = keep(strdup(c->body)); /* the reader outlives the op */
		return MHD_create_response_from_callback(
			strlen(c->body), 4096, half, (void *)c->body, free);
	case GARBAGE:
		c->body = "{\"id\": \"pi_3";
		break;
	case HUGE_BODY:
		n = HUGE_BYTES;
		c->body = memset(op_alloc(c->op, n + 1), ' ', n);
		break;
	default:
		break;
	}
	return MHD_create_response_from_buffer(
		strlen(c->body), (void *)c->body, MHD_RESPMEM_MUST_COPY);
}

static enum MHD_Result reply(struct call *c, struct MHD_Connection *connection)
{
	struct MHD_Response *r;
	enum MHD_Result result;

	if (c->effect == HOLD)
		hold(c, socket_of(connection));
	if (c->effect == HOLD || c->effect == RESET)
		return cut(connection);
	r = response(c);
	MHD_add_response_header(r, "Content-Type", "application/json");
	for (size_t i = 0; i + 1 < c->n_headers; i += 2)
		MHD_add_response_header(r, c->headers[i], c->headers[i + 1]);
	result = MHD_queue_response(connection, (unsigned)c->status, r);
	MHD_destroy_response(r);
	return result;
}

static enum MHD_Result handle(void *sim, struct MHD_Connection *connection,
	const char *path, const char *method, const char *version, const char *data,
	size_t *n, void **state)
{
	struct request *r = *state;
	struct call *c = &r->call;

	(void)sim, (void)version;
	if (!r->started) {
		r->started = true;
		return MHD_YES;
	}
	if (*n) {
		take(r, data, *n);
		*n = 0;
		return MHD_YES;
	}
	fill(r, connection, method, path);
	if (r->too_big) {
		c->status = 413;
		c->body = "{\"error\":\"The request is too large.\"}";
	} else if (flavour.read(c, strchr(r->uri, '?'))) {
		is_control(c) ? control_answer(c) : api_answer(c);
	}
	return reply(c, connection);
}

struct MHD_Daemon *serve_start(struct sim *s, int listening)
{
	return MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD |
					MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL,
		0, NULL, NULL, handle, s, MHD_OPTION_LISTEN_SOCKET, listening,
		MHD_OPTION_URI_LOG_CALLBACK, begin, s, MHD_OPTION_NOTIFY_COMPLETED, end,
		s, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
		MHD_OPTION_CONNECTION_TIMEOUT, 120u, MHD_OPTION_END);
}
