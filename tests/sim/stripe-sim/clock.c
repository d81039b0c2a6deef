/* Simulated time: the real clock plus what /sim/advance added; timers run on it. */
#include "sim.h"

#include "base/clock.h"

struct timer {
	struct timer *next;
	int64_t due_us;
	void (*fire)(struct sim *, const char *id);
	char id[ID_MAX];
};

int64_t sim_now_us(const struct sim *s)
{
	return clock_now().us + s->offset_us;
}

int64_t sim_now(const struct sim *s)
{
	return sim_now_us(s) / SECOND;
}

void timer_set(struct sim *s, double in_s, void (*fire)(struct sim *, const char *id),
	const char *id)
{
	struct timer *t = keep(calloc(1, sizeof *t));
	struct timer **at = &s->timers;

	t->due_us = sim_now_us(s) + (int64_t)(in_s * SECOND);
	t->fire = fire;
	snprintf(t->id, sizeof t->id, "%s", id);
	while (*at && (*at)->due_us <= t->due_us)
		at = &(*at)->next;
	t->next = *at;
	*at = t;
	pthread_cond_broadcast(&s->changed);
}

void timers_run(struct sim *s)
{
	while (s->timers && s->timers->due_us <= sim_now_us(s)) {
		struct timer *t = s->timers;

		s->timers = t->next;
		t->fire(s, t->id);
		free(t);
	}
}

void timers_clear(struct sim *s)
{
	while (s->timers) {
		struct timer *t = s->timers;

		s->timers = t->next;
		free(t);
	}
}

/* Wait for a change, at most so long and never longer than a quarter second. */
void sim_wait(struct sim *s, int64_t us)
{
	struct timespec until;
	int64_t ns;

	if (us > SECOND / 4)
		us = SECOND / 4;
	if (us < 1000)
		us = 1000;
	clock_gettime(CLOCK_MONOTONIC, &until);
	ns = until.tv_nsec + us * 1000;
	until.tv_sec += ns / 1000000000;
	until.tv_nsec = ns % 1000000000;
	pthread_cond_timedwait(&s->changed, &s->lock, &until);
}

void *timer_thread(void *sim)
{
	struct sim *s = sim;

	pthread_mutex_lock(&s->lock);
	while (!s->stopping) {
		timers_run(s);
		sim_wait(s, s->timers ? s->timers->due_us - sim_now_us(s) : SECOND);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}
