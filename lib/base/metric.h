/*
 * Counters, gauges and histograms in Prometheus' text format.  Updating one is an
 * atomic add, from any thread; a series lives as long as the process.
 *
 *	METRIC_COUNTER(claimed, "shop_jobs_claimed_total", "Jobs taken from a queue.")
 *	series_add(metric_at(&claimed, "queue=\"payment\""), n);
 */
#ifndef BASE_METRIC_H
#define BASE_METRIC_H

#include "base/op.h"

#include <stdatomic.h>
#include <stdint.h>

enum metric_type { METRIC_IS_COUNTER, METRIC_IS_GAUGE, METRIC_IS_HISTOGRAM };

struct series;

/* One name of the exposition, with a series for each set of labels. */
struct metric {
	const char *name, *help;
	enum metric_type type;
	_Atomic(struct series *) series;
	struct metric *next;
};

/* A histogram observes durations; its name ends in _seconds. */
#define METRIC_COUNTER(var, name, help)                                                \
	METRIC_DEFINE(var, name, help, METRIC_IS_COUNTER)
#define METRIC_GAUGE(var, name, help) METRIC_DEFINE(var, name, help, METRIC_IS_GAUGE)
#define METRIC_HISTOGRAM(var, name, help)                                              \
	METRIC_DEFINE(var, name, help, METRIC_IS_HISTOGRAM)

#define METRIC_DEFINE(var, name, help, type)                                           \
	static struct metric var = { name, help, type };                               \
	__attribute__((constructor)) static void register_metric_##var(void)           \
	{                                                                              \
		metric_register(&var);                                                 \
	}

void metric_register(struct metric *m);

/*
 * The series of these labels, made when it is first asked for.  labels is the
 * inside of the braces, `queue="payment"`, or ""; keep the sets few and bounded.
 */
struct series *metric_at(struct metric *m, const char *labels);

void series_add(struct series *s, int64_t n);
void series_set(struct series *s, int64_t value);
void series_observe(struct series *s, int64_t us);
int64_t series_value(struct series *s);

/* Everything that is registered, as the text that a scrape reads. */
const char *metric_text(struct op *op);

/* The same into a file, by rename, for a textfile collector. */
enum err metric_write(struct op *op, const char *path);

#endif
