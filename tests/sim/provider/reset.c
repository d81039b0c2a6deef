/* The beginning; and everything forgotten at once, while clock and settings go on. */
#include "provider/fault.h"
#include "provider/api.h"
#include "provider/hook.h"

#include "base/id.h"

static void renew(cJSON **json, cJSON *fresh)
{
	cJSON_Delete(*json);
	*json = keep(fresh);
}

void sim_reset(struct sim *s)
{
	hooks_clear(s);
	timers_clear(s);
	faults_clear(s);
	idem_clear(s);
	store_clear(s);
	renew(&s->calls, cJSON_CreateObject());
	renew(&s->counters, cJSON_CreateObject());
	renew(&s->deliveries, cJSON_CreateArray());
	s->most_calling = s->calling;
}

void sim_open(struct sim *s)
{
	pthread_condattr_t monotonic;

	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&s->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (s->set.seed < 0)
		id_random(&s->random, sizeof s->random);
	else
		s->random = (uint64_t)s->set.seed;
	if (s->set.first_url)
		s->webhook_url = keep(strdup(s->set.first_url));
	s->webhook_secret = keep(strdup(s->set.first_secret));
	sim_reset(s);
}
