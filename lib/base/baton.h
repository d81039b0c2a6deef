/*
 * A lock that its holder lays down while it waits for somebody outside.  Threads that
 * share one take turns at what it guards, and wait for the network together.
 */
#ifndef BASE_BATON_H
#define BASE_BATON_H

#include <pthread.h>

/* Wait for the lock; it is this thread's baton until it is dropped. */
void baton_take(pthread_mutex_t *lock);
void baton_drop(void);

/* Around a wait in which nothing that it guards is touched.  Without one: nothing. */
void baton_lay_down(void);
void baton_pick_up(void);

#endif
