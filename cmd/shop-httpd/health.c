/* GET /livez, /readyz and, on the admin listener, /metrics. */
#include "base/metric.h"
#include "db/db.h"
#include "shop-httpd/door.h"
#include "shop-httpd/route.h"

METRIC_COUNTER(
	requests_total, "shop_http_requests_total", "Answers, by route and status.")
METRIC_HISTOGRAM(request_seconds, "shop_http_request_seconds",
	"From the whole head of a request to its answer, by route.")
METRIC_GAUGE(connections_gauge, "shop_http_connections", "Connections that are open.")
METRIC_GAUGE(
	batch_largest, "shop_checkout_batch_largest", "Orders of the largest batch.")
METRIC_GAUGE(batches, "shop_checkout_batches", "Batches since the start.")

void door_count(const struct request *r)
{
	const char *route = r->route ? r->route->name : "none";
	char labels[128];

	snprintf(labels, sizeof labels, "route=\"%s\",status=\"%d\"", route, r->status);
	series_add(metric_at(&requests_total, labels), 1);
	snprintf(labels, sizeof labels, "route=\"%s\"", route);
	series_observe(metric_at(&request_seconds, labels), clock_ticks() - r->started);
}

void metrics_show(struct request *r)
{
	struct batcher_stats stats = batcher_stats(r->door->batcher);

	series_set(
		metric_at(&connections_gauge, ""), server_connections(r->door->server));
	series_set(metric_at(&batch_largest, ""), stats.largest);
	series_set(metric_at(&batches, ""), stats.batches);
	answer_text(r, 200, "text/plain; version=0.0.4; charset=utf-8",
		metric_text(&r->op));
}

/* The process serves; whether the database does is asked of /readyz. */
void health_live(struct request *r)
{
	answer_json(r, 200, "{\"status\":\"ok\"}");
}

struct version {
	int64_t version;
};
static const struct shape version_shape = SHAPE(version, FIELD(version, version));

static void ask(struct request *r)
{
	struct version v = { 0 };

	if (db_one_values(&r->op, "version", &version_shape, &v, NULL, 0) == OK &&
		v.version != SHOP_SCHEMA)
		fail(&r->op, E_AWAY, "schema_is_current",
			"the database has schema %d, this program needs %d",
			(int)v.version, SHOP_SCHEMA);
}

static void asked(struct request *r)
{
	if (r->op.fault.code == OK)
		answer_json(r, 200, "{\"status\":\"ready\"}");
	else
		answer_problem(r, 503, r->op.fault.rule, "%s", r->op.fault.text);
}

void health_ready(struct request *r)
{
	if (atomic_load(&r->door->draining))
		answer_problem(r, 503, "door_is_open", "this process is about to end");
	else
		pool_run(r->door->pool, r, ask, asked);
}
