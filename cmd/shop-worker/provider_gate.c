/* Whether a provider is asked now: the breaker in the database, told of what we see. */
#include "shop-worker/provider_gate.h"

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"

#include <pthread.h>
#include <string.h>

enum { SECOND = 1000000, PROVIDERS = 8 };

/*
 * What this process has seen of a provider and not told yet: failures in a row.  They
 * are told once a second, or when they are enough, so that an outage which every thread
 * of every worker meets does not become a queue before one row.
 */
static struct seen {
	const char *name;
	int64_t failures, told_at;
} seen[PROVIDERS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct seen *seen_of(const char *name)
{
	size_t i;

	for (i = 0; i + 1 < PROVIDERS; i++) {
		if (!seen[i].name)
			seen[i].name = name;
		if (!strcmp(seen[i].name, name))
			break;
	}
	return &seen[i];
}

enum err gate_pass(struct op *op, const struct provider *p, struct gate *out)
{
	int64_t call_s;

	*out = (struct gate){ .provider = p, .word = { .go = true } };
	if (!p->timeout_ms)
		return OK; /* nobody is asked */
	call_s = p->timeout_ms(op->config) / 1000 + 10;
	TRY(breaker_ask(op, p->name, call_s, &out->word));
	if (out->word.go)
		return OK;
	fail(op, E_BUSY, "breaker_is_closed", "%s is not asked now", p->name);
	op->fault.put_off_s = out->word.wait_s;
	return E_BUSY;
}

static void tell(struct op *op, const struct gate *g, int64_t failed, const char *error)
{
	const struct breaker_note n = { .failed = failed,
		.error = error,
		.most = op->config->worker.breaker_failures,
		.pause_s = op->config->worker.breaker_pause_s };
	const char *state = "";
	bool changed = false;

	if (breaker_tell(op, g->provider->name, &n, &state, &changed) != OK) {
		log_fault(op, "breaker_not_told");
		fault_clear(op);
	} else if (changed) {
		log_event(op, LOG_WARNING, "breaker", "%s: %s%s%s", g->provider->name,
			state, failed > 0 && error ? ", " : "",
			failed > 0 && error ? error : "");
	}
}

/* How many failures are to be told now; 0: none yet, or that it answers. */
static int64_t count(const struct gate *g, bool away, int64_t most, bool *due)
{
	struct seen *s;
	int64_t n, now = clock_ticks();

	pthread_mutex_lock(&lock);
	s = seen_of(g->provider->name);
	*due = g->word.probe || now - s->told_at >= SECOND || !s->told_at;
	s->failures = away ? s->failures + 1 : 0;
	if (away)
		*due = *due || g->word.failures + s->failures >= most;
	else
		*due = *due && (g->word.probe || g->word.failures > 0);
	n = s->failures;
	if (*due) {
		s->failures = 0;
		s->told_at = now;
	}
	pthread_mutex_unlock(&lock);
	return n;
}

void gate_tell(struct op *op, const struct gate *g, bool away, const char *error)
{
	bool due;
	int64_t n;

	if (!g->provider->timeout_ms)
		return;
	n = count(g, away, op->config->worker.breaker_failures, &due);
	if (due)
		tell(op, g, away ? n : 0, error);
}

void gate_leave(struct op *op, const struct gate *g)
{
	const struct fault why = op->fault;

	if (!g->word.probe)
		return;
	op->fault = (struct fault){ 0 };
	tell(op, g, -1, NULL);
	op->fault = why;
}
