/* Everything forgotten at once; the clock, the settings and the ids go on. */
#include "provider/fault.h"
#include "provider/api.h"
#include "provider/hook.h"

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
}
