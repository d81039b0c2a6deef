/* Simulated time: the real clock plus what /sim/advance added; timers run on it. */
#include "provider/sim.h"

#include "base/clock.h"

struct timer {
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

	t->fire = fire;
	snprintf(t->id, sizeof t->id, "%s", id);
	queue_put(&s->timers, sim_now_us(s) + (int64_t)(in_s * SECOND), t);
	pthread_cond_broadcast(&s->changed);
}

void timers_run(struct sim *s)
{
	while (queue_due(&s->timers) <= sim_now_us(s)) {
		struct timer *t = queue_take(&s->timers);

		t->fire(s, t->id);
		free(t);
	}
}

void timers_clear(struct sim *s)
{
	struct timer *t;

	while ((t = queue_take(&s->timers)))
		free(t);
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
		sim_wait(s, queue_due(&s->timers) - sim_now_us(s));
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}
