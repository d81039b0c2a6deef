/* Whether a provider is asked now: the breaker in the database, told of what we see. */
#include "shop-worker/provider_gate.h"

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { SECOND = 1000000, SEEN = 64 };

/*
 * What this process has seen of a provider and not told yet: failures in a row.  They
 * are told once a second, or when they are enough, so that an outage which every thread
 * of every worker meets does not become a queue before one row.
 */
static struct seen {
	char name[40];
	int64_t failures, told_at;
} seen[SEEN];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Its own place, or that of the one that nothing was told of for longest. */
static struct seen *seen_of(const char *name)
{
	struct seen *oldest = seen;

	for (size_t i = 0; i < SEEN; i++) {
		if (!strcmp(seen[i].name, name))
			return &seen[i];
		if (seen[i].told_at < oldest->told_at)
			oldest = &seen[i];
	}
	*oldest = (struct seen){ 0 };
	snprintf(oldest->name, sizeof oldest->name, "%s", name);
	return oldest;
}

int64_t gate_probe_s(int64_t timeout_ms)
{
	return timeout_ms / 1000 + 10;
}

enum err gate_heard(
	struct op *op, const char *name, struct breaker_word word, struct gate *out)
{
	*out = (struct gate){ .name = name, .word = word };
	if (word.go)
		return OK;
	fail(op, E_BUSY, "breaker_is_closed", "%s is not asked now", name);
	op->fault.put_off_s = word.wait_s;
	return E_BUSY;
}

enum err gate_pass_named(
	struct op *op, const char *name, int64_t timeout_ms, struct gate *out)
{
	struct breaker_word word;

	TRY(breaker_ask(op, name, gate_probe_s(timeout_ms), &word));
	return gate_heard(op, name, word, out);
}

enum err gate_pass(struct op *op, const struct provider *p, struct gate *out)
{
	enum err e = OK;

	*out = (struct gate){ .word = { .go = true } };
	if (p->timeout_ms) /* else nobody is asked */
		e = gate_pass_named(op, p->name, p->timeout_ms(op->config), out);
	out->provider = p;
	return e;
}

static void tell(struct op *op, const struct gate *g, int64_t failed, const char *error)
{
	const struct breaker_note n = { .failed = failed,
		.error = error,
		.most = op->config->worker.breaker_failures,
		.pause_s = op->config->worker.breaker_pause_s };
	const char *state = "";
	bool changed = false;

	if (breaker_tell(op, g->name, &n, &state, &changed) != OK) {
		log_fault(op, "breaker_not_told");
		fault_clear(op);
	} else if (changed) {
		log_event(op, LOG_WARNING, "breaker", "%s: %s%s%s", g->name, state,
			failed > 0 && error ? ", " : "",
			failed > 0 && error ? error : "");
	}
}

/* How many failures are to be told now; 0: none yet, or that it answers. */
static int64_t count(const struct gate *g, bool away, int64_t most, bool *due)
{
	struct seen *s;
	int64_t n, now = clock_ticks();

	pthread_mutex_lock(&lock);
	s = seen_of(g->name);
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

	if (!g->name)
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

enum err gate_put_off(struct op *op, const struct gate *g, bool again, const char *why)
{
	fail(op, E_AWAY, "provider_answers", "%s: %s", g->name, why);
	if (!again || g->word.failures > 0)
		op->fault.put_off_s = (double)op->config->worker.breaker_pause_s;
	return E_AWAY;
}
