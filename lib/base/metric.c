/* Metrics: a list of families, each a list of series, read without a lock. */
#include "base/metric.h"

#include "base/arena.h"
#include "base/file.h"

#include <pthread.h>

enum { MILLION = 1000000 };

/* Upper bounds of the histogram buckets, in microseconds. */
static const int64_t bounds[] = { 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000,
	250000, 500000, 1000000, 2500000, 5000000, 10000000, 30000000 };
enum { BOUNDS = sizeof bounds / sizeof *bounds };

struct series {
	struct series *next;
	char *labels;
	_Atomic int64_t value;    /* of a histogram: the sum, in microseconds */
	_Atomic int64_t *buckets; /* of a histogram: BOUNDS + 1, not cumulative */
};

static struct metric *metrics;
static pthread_mutex_t adding = PTHREAD_MUTEX_INITIALIZER;

void metric_register(struct metric *m)
{
	struct metric **at = &metrics;

	while (*at && strcmp((*at)->name, m->name) < 0)
		at = &(*at)->next;
	m->next = *at;
	*at = m;
}

static struct series *find(struct metric *m, const char *labels)
{
	struct series *s;

	for (s = atomic_load(&m->series); s; s = s->next) {
		if (!strcmp(s->labels, labels))
			return s;
	}
	return NULL;
}

/* Series outlive every op, so they are the heap's. */
static void *forever(size_t size)
{
	return must(calloc(1, size));
}

struct series *metric_at(struct metric *m, const char *labels)
{
	struct series *s = find(m, labels);

	if (s)
		return s;
	pthread_mutex_lock(&adding);
	s = find(m, labels);
	if (!s) {
		size_t n = strlen(labels) + 1;

		s = forever(sizeof *s);
		s->labels = memcpy(forever(n), labels, n);
		if (m->type == METRIC_IS_HISTOGRAM)
			s->buckets = forever((BOUNDS + 1) * sizeof *s->buckets);
		s->next = atomic_load(&m->series);
		atomic_store(&m->series, s);
	}
	pthread_mutex_unlock(&adding);
	return s;
}

void series_add(struct series *s, int64_t n)
{
	atomic_fetch_add_explicit(&s->value, n, memory_order_relaxed);
}

void series_set(struct series *s, int64_t value)
{
	atomic_store_explicit(&s->value, value, memory_order_relaxed);
}

int64_t series_value(struct series *s)
{
	return atomic_load_explicit(&s->value, memory_order_relaxed);
}

void series_observe(struct series *s, int64_t us)
{
	size_t i = 0;

	while (i < BOUNDS && us > bounds[i])
		i++;
	atomic_fetch_add_explicit(&s->buckets[i], 1, memory_order_relaxed);
	series_add(s, us);
}

static void put_histogram(FILE *f, const struct metric *m, struct series *s)
{
	const char *comma = *s->labels ? "," : "";
	int64_t n = 0;
	size_t i;

	for (i = 0; i <= BOUNDS; i++) {
		n += atomic_load_explicit(&s->buckets[i], memory_order_relaxed);
		if (i < BOUNDS)
			fprintf(f, "%s_bucket{%s%sle=\"%g\"} %lld\n", m->name,
				s->labels, comma, (double)bounds[i] / MILLION,
				(long long)n);
	}
	fprintf(f, "%s_bucket{%s%sle=\"+Inf\"} %lld\n", m->name, s->labels, comma,
		(long long)n);
	fprintf(f, *comma ? "%s_sum{%s} %.6f\n" : "%s_sum%s %.6f\n", m->name, s->labels,
		(double)series_value(s) / MILLION);
	fprintf(f, *comma ? "%s_count{%s} %lld\n" : "%s_count%s %lld\n", m->name,
		s->labels, (long long)n);
}

static void put_metric(FILE *f, struct metric *m)
{
	static const char *const types[] = { "counter", "gauge", "histogram" };
	struct series *s;

	fprintf(f, "# HELP %s %s\n# TYPE %s %s\n", m->name, m->help, m->name,
		types[m->type]);
	for (s = atomic_load(&m->series); s; s = s->next) {
		if (m->type == METRIC_IS_HISTOGRAM)
			put_histogram(f, m, s);
		else
			fprintf(f, *s->labels ? "%s{%s} %lld\n" : "%s%s %lld\n",
				m->name, s->labels, (long long)series_value(s));
	}
}

const char *metric_text(struct op *op)
{
	struct metric *m;
	char *text = NULL;
	size_t n;
	FILE *f = must(open_memstream(&text, &n));

	for (m = metrics; m; m = m->next)
		put_metric(f, m);
	fclose(f);
	op_defer(op, free, text);
	return text;
}

enum err metric_write(struct op *op, const char *path)
{
	return file_replace(op, path, metric_text(op), "metrics_file_is_writable");
}
