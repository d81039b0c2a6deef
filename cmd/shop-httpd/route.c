/* Which handler a request belongs to. */
#include "shop-httpd/route.h"

#include "base/config.h"
#include "shop-httpd/query.h"

#include <string.h>

void metrics_show(struct request *r);

enum { PARTS = 2 };

/* A part of a path that a star stands for. */
struct part {
	const char *s;
	size_t n;
};

static const struct route routes[] = {
#define ROUTE(method, path, max, handler)                                              \
	{ #method, path, max, handler, #method " " path },
#include "shop-httpd/routes.h"
#undef ROUTE
};

static const struct route admin_routes[] = {
	{ "GET", "/metrics", 0, metrics_show, "GET /metrics" },
};

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

/* Whether the path is one of the route's; what its stars stand for, as it came. */
static bool fits(const struct route *route, const char *path, struct part parts[PARTS])
{
	const char *p = route->path;
	size_t n = 0;

	for (; *p && *path; p++) {
		if (*p == '*') {
			parts[n++] = (struct part){ path, strcspn(path, "/") };
			path += strcspn(path, "/");
		} else if (*p != *path++) {
			return false;
		}
	}
	if (*p == '*')
		parts[n++] = (struct part){ path, 0 };
	return !*path && (!*p || (*p == '*' && !p[1]));
}

/* The path of the routes that fit: a word goes before a star, which sorts before it. */
static const char *path_of(const struct route *list, size_t n, const char *path)
{
	struct part parts[PARTS];
	const char *best = NULL;
	size_t i;

	for (i = 0; i < n; i++)
		if (fits(&list[i], path, parts) &&
			(!best || strcmp(list[i].path, best) > 0))
			best = list[i].path;
	return best;
}

/* What a star stands for, decoded; NULL when nobody can have meant it. */
static const char *decoded(struct request *r, const struct part *part)
{
	return part->s ? percent_decode(&r->op, part->s, part->n, false) : "";
}

static bool take(struct request *r, const struct route *route)
{
	struct part parts[PARTS] = { { 0 } };

	fits(route, r->head.path, parts);
	r->route = route;
	r->tail = decoded(r, &parts[0]);
	r->tail2 = decoded(r, &parts[1]);
	if (r->tail && r->tail2)
		return true;
	r->route = NULL;
	not_found(r, "");
	return false;
}

/* HEAD is GET whose body is not sent. */
static bool same_method(const char *route, const char *asked)
{
	return !strcmp(route, asked) ||
	       (!strcmp(route, "GET") && !strcmp(asked, "HEAD"));
}

bool route_find(struct request *r, bool admin)
{
	const struct route *list = admin ? admin_routes : routes;
	size_t n = admin ? sizeof admin_routes / sizeof *list
			 : sizeof routes / sizeof *list;
	const char *allow = "";
	const char *path = path_of(list, n, r->head.path);
	size_t i;

	for (i = 0; path && i < n; i++) {
		if (strcmp(list[i].path, path) != 0)
			continue;
		if (same_method(list[i].method, r->head.method))
			return take(r, &list[i]);
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
