/* Turns: one actor at a time, picked by the seed; and the time that goes by between. */
#include "world.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct run run;
_Thread_local struct actor *self;

static sem_t done; /* whoever had the turn gave it back */

/* FNV-1a over every line of the trace: two runs of a seed must agree on it. */
static void digest(const char *line)
{
	for (; *line; line++)
		run.digest = (run.digest ^ (unsigned char)*line) * 0x100000001b3U;
}

void trace(const char *fmt, ...)
{
	char line[500];
	va_list args;
	int n;

	n = snprintf(line, sizeof line, "%6lld %9.3f %s ", (long long)run.step,
		(double)(run.now_us % (1000 * HOUR_US)) / SECOND_US,
		self ? self->name : "world");
	va_start(args, fmt);
	vsnprintf(line + n, sizeof line - (size_t)n, fmt, args);
	va_end(args);
	digest(line);
	if (run.trace)
		fprintf(run.trace, "%s\n", line);
}

static void await(sem_t *s)
{
	while (sem_wait(s))
		;
}

void turn_over(void)
{
	if (run.over)
		return;
	self->turns++;
	sem_post(&done);
	await(&self->turn);
}

/* What killed the program did not kill who starts it again. */
static void be_born_again(void)
{
	self->wake_us = run.now_us + between(0, 30) * SECOND_US;
	turn_over();
	self->dead = run.over;
	self->called = false;
	self->lives++;
}

static void *thread_main(void *actor)
{
	int64_t turns;

	self = actor;
	await(&self->turn);
	while (!run.over) {
		turns = self->turns;
		self->live(self);
		if (self->dead && !run.over)
			be_born_again();
		if (turns == self->turns)
			turn_over();
	}
	sem_post(&done);
	return NULL;
}

void actors_start(struct actor *actors, size_t n)
{
	sem_init(&done, 0, 0);
	run.actors = actors;
	run.actor_count = n;
	for (size_t i = 0; i < n; i++) {
		sem_init(&actors[i].turn, 0, 0);
		if (pthread_create(&actors[i].thread, NULL, thread_main, &actors[i]))
			abort();
	}
}

/* Everybody is dead now, so each comes to its end by itself. */
void actors_stop(void)
{
	run.over = true;
	for (size_t i = 0; i < run.actor_count; i++) {
		run.actors[i].dead = true;
		worker_killed(&run.actors[i]);
		sem_post(&run.actors[i].turn);
		await(&done);
		pthread_join(run.actors[i].thread, NULL);
	}
}

void world_pass(int64_t us)
{
	run.now_us += us;
	provider_pass();
}

static struct actor *pick(void)
{
	int64_t total = 0, at;
	size_t i;

	for (i = 0; i < run.actor_count; i++)
		if (run.actors[i].wake_us <= run.now_us)
			total += run.actors[i].weight;
	if (!total)
		return NULL;
	at = below(total);
	for (i = 0; i < run.actor_count; i++) {
		if (run.actors[i].wake_us > run.now_us)
			continue;
		at -= run.actors[i].weight;
		if (at < 0)
			break;
	}
	return &run.actors[i];
}

/* When all sleep, time goes on to where the first wakes. */
static void skip_to_wake(void)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < run.actor_count; i++)
		if (run.actors[i].wake_us < first)
			first = run.actors[i].wake_us;
	world_pass(first - run.now_us);
}

/*
 * Nobody wakes after days with the words of a call on his lips: no check before the
 * call could help, for the provider has forgotten its key by then.
 */
static void jump_hours(void)
{
	for (size_t i = 0; i < run.actor_count; i++) {
		if (!run.actors[i].calling)
			continue;
		run.actors[i].dead = true;
		worker_killed(&run.actors[i]);
	}
	world_pass((below(3) ? between(6, 80) : between(170, 240)) * HOUR_US);
}

void world_step(void)
{
	struct actor *a;

	run.step++;
	if (strikes(F_jump_minutes))
		world_pass(between(5, 40) * MINUTE_US);
	if (strikes(F_jump_hours))
		jump_hours();
	if (below(2))
		world_pass(between(1, 400) * 1000);
	while (!(a = pick()))
		skip_to_wake();
	sem_post(&a->turn);
	await(&done);
}
