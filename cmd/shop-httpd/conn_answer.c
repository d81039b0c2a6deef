/* An answer as it goes over the wire; logged and counted. */
#include "shop-httpd/conn.h"

#include "base/log.h"
#include "shop-httpd/door.h"
#include "shop-httpd/route.h"

#include <string.h>

enum {
	WRITE_US = 10000000, /* until an answer is taken */
	SLOW_US = 1000000,
};

/* 5xx are for the operator's eye, and so are answers that took long. */
static void log_answer(struct request *r)
{
	int64_t took = clock_ticks() - r->started;
	enum log_level level = r->status >= 500  ? LOG_WARNING
			       : took >= SLOW_US ? LOG_INFO
						 : LOG_DEBUG;

	log_event(&r->op, level, "http_request", "%s %s: %d in %lld us",
		r->head.method ? r->head.method : "?",
		r->head.path ? r->head.path : "?", r->status, (long long)took);
	if (r->status >= 500 && r->op.fault.code != OK)
		log_fault(&r->op, "http_fault");
	span_end(&r->op, &r->span, r->route ? r->route->name : "unknown route",
		r->status >= 500 ? status_words(r->status) : NULL,
		SPAN_TAGS({ "http.request.method",
				  r->head.method ? r->head.method : "_OTHER" },
			{ "http.response.status_code", NULL, r->status }));
}

static bool keeps(struct conn *c)
{
	struct request *r = &c->request;

	return r->head.keep_alive && !r->close &&
	       !atomic_load_explicit(&c->loop->server->draining, memory_order_relaxed);
}

/* The answer as it goes over the wire; HEAD and 304 have no body. */
void conn_answer(struct conn *c)
{
	struct request *r = &c->request;
	bool bodiless =
		r->status == 304 || (r->head.method && !strcmp(r->head.method, "HEAD"));
	const char *head;

	if (!r->answered)
		answer_problem(
			r, 500, "request_is_served", "nobody answered this request");
	r->close = !keeps(c);
	head = op_printf(&r->op,
		"HTTP/1.1 %d %s\r\nDate: %s\r\n%s%s%sContent-Length: %zu\r\n"
		"Cache-Control: %s\r\nX-Content-Type-Options: "
		"nosniff\r\n%s%s\r\n",
		r->status, status_words(r->status), c->loop->date,
		r->status == 304 ? "" : "Content-Type: ",
		r->status == 304 ? "" : r->type, r->status == 304 ? "" : "\r\n",
		r->answer_n, r->cache ? r->cache : "no-store",
		r->headers ? r->headers : "", r->close ? "Connection: close\r\n" : "");
	c->out[0] = (struct iovec){ (void *)(uintptr_t)head, strlen(head) };
	c->out[1] = (struct iovec){ (void *)(uintptr_t)r->answer,
		bodiless ? 0 : r->answer_n };
	c->state = CONN_WRITE;
	c->deadline = c->loop->now + WRITE_US;
	door_count(r);
	log_answer(r);
}
