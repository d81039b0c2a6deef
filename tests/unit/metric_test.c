/* Metrics: what a scrape reads. */
#include "base/metric.h"
#include "test.h"

#include <string.h>

METRIC_COUNTER(apples, "test_apples_total", "Apples.")
METRIC_GAUGE(pears, "test_pears", "Pears.")
METRIC_HISTOGRAM(waits, "test_wait_seconds", "Waits.")

static bool has(const char *text, const char *line)
{
	const char *at = strstr(text, line);

	return at && (at == text || at[-1] == '\n') && at[strlen(line)] == '\n';
}

TEST_NO_DB(a_counter_adds_up_by_its_labels)
{
	const char *text;

	series_add(metric_at(&apples, "kind=\"red\""), 2);
	series_add(metric_at(&apples, "kind=\"red\""), 1);
	series_add(metric_at(&apples, "kind=\"green\""), 1);
	text = metric_text(op);
	CHECK(has(text, "# HELP test_apples_total Apples."));
	CHECK(has(text, "# TYPE test_apples_total counter"));
	CHECK(has(text, "test_apples_total{kind=\"red\"} 3"));
	CHECK(has(text, "test_apples_total{kind=\"green\"} 1"));
}

TEST_NO_DB(a_gauge_holds_what_was_set_last)
{
	series_set(metric_at(&pears, ""), 5);
	series_set(metric_at(&pears, ""), 4);
	CHECK(has(metric_text(op), "test_pears 4"));
}

TEST_NO_DB(the_buckets_of_a_histogram_are_cumulative)
{
	struct series *s = metric_at(&waits, "route=\"a\"");
	const char *text;

	series_observe(s, 1000);
	series_observe(s, 1001);
	series_observe(s, 60000000);
	text = metric_text(op);
	CHECK(has(text, "test_wait_seconds_bucket{route=\"a\",le=\"0.0005\"} 0"));
	CHECK(has(text, "test_wait_seconds_bucket{route=\"a\",le=\"0.001\"} 1"));
	CHECK(has(text, "test_wait_seconds_bucket{route=\"a\",le=\"0.0025\"} 2"));
	CHECK(has(text, "test_wait_seconds_bucket{route=\"a\",le=\"30\"} 2"));
	CHECK(has(text, "test_wait_seconds_bucket{route=\"a\",le=\"+Inf\"} 3"));
	CHECK(has(text, "test_wait_seconds_sum{route=\"a\"} 60.002001"));
	CHECK(has(text, "test_wait_seconds_count{route=\"a\"} 3"));
}

TEST_NO_DB(a_metrics_file_is_replaced_whole_or_not_at_all)
{
	CHECK(metric_write(op, "/dev/null/metrics") == E_CREATE);
	SAME("metrics_file_is_writable", op->fault.rule);
}
