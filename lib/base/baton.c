/* A lock that its holder lays down while it waits for somebody outside. */
#include "base/baton.h"

#include <stddef.h>

static _Thread_local pthread_mutex_t *baton;
static _Thread_local int laid_down; /* how often: a wait may be part of another */

void baton_take(pthread_mutex_t *lock)
{
	pthread_mutex_lock(lock);
	baton = lock;
}

void baton_drop(void)
{
	pthread_mutex_t *lock = baton;

	baton = NULL;
	pthread_mutex_unlock(lock);
}

void baton_lay_down(void)
{
	if (baton && laid_down++ == 0)
		pthread_mutex_unlock(baton);
}

void baton_pick_up(void)
{
	if (baton && --laid_down == 0)
		pthread_mutex_lock(baton);
}
