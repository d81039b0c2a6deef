/* Which handler a request belongs to. */
#include "shop-httpd/route.h"

#include "base/config.h"

#include <string.h>

void metrics_show(struct request *r);

static const struct route routes[] = {
#define ROUTE(method, path, max, handler)                                              \
	{ #method, path, max, handler, #method " " path },
#include "shop-httpd/routes.h"
#undef ROUTE
};

static const struct route admin_routes[] = {
	{ "GET", "/metrics", 0, metrics_show, "GET /metrics" },
};

static const char *tail_of(const struct route *route, const char *path)
{
	size_t n = strlen(route->path);

	if (route->path[n - 1] == '*' && !strncmp(route->path, path, n - 1))
		return path + n - 1;
	return strcmp(route->path, path) == 0 ? path + n : NULL;
}

/* HEAD is GET whose body is not sent. */
static bool same_method(const char *route, const char *asked)
{
	return !strcmp(route, asked) ||
	       (!strcmp(route, "GET") && !strcmp(asked, "HEAD"));
}

static void not_found(struct request *r, const char *allow)
{
	if (!*allow) {
		answer_problem(
			r, 404, "route_exists", "there is nothing at %s", r->head.path);
		return;
	}
	answer_header(r, "Allow", "%s", allow);
	answer_problem(r, 405, "method_is_allowed", "%s does not take %s", r->head.path,
		r->head.method);
}

bool route_find(struct request *r, bool admin)
{
	const struct route *list = admin ? admin_routes : routes;
	size_t n = admin ? sizeof admin_routes / sizeof *list
			 : sizeof routes / sizeof *list;
	const char *allow = "";
	size_t i;

	for (i = 0; i < n; i++) {
		const char *tail = tail_of(&list[i], r->head.path);

		if (!tail)
			continue;
		if (same_method(list[i].method, r->head.method)) {
			r->route = &list[i];
			r->tail = tail;
			return true;
		}
		allow = op_printf(&r->op, "%s%s%s", allow, *allow ? ", " : "",
			strcmp(list[i].method, "GET") ? list[i].method : "GET, HEAD");
	}
	not_found(r, allow);
	return false;
}

int64_t route_max_body(const struct request *r)
{
	if (r->route && r->route->max_body)
		return r->route->max_body;
	return r->op.config->http.max_body;
}
