/*
 * A payment provider on loopback: its API, webhooks and idempotency as an adapter
 * meets them, with faults on demand; which provider, flavour.h says.  All state is in
 * memory, under one lock; functions that take a `struct sim` expect it held unless they
 * say not.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "provider/queue.h"

#include "base/op.h"

#include <cjson/cJSON.h>
#include <pthread.h>
#include <stdint.h>

/* Of objects; a flavour names its own from 1 on. */
enum { EVENT, KINDS_MAX = 12 };
enum { ID_MAX = 64, SECOND = 1000000 };

struct card;

/* One object of the API. */
struct thing {
	int kind;
	size_t index; /* place among its kind, oldest first */
	char id[ID_MAX];
	cJSON *json; /* NULL for an event, which is a frozen text */
	char *text;
	const struct card *card; /* how a payment method behaves */
	int64_t created_us;
	bool undelivered;    /* an event nobody has acknowledged yet */
	char payout[ID_MAX]; /* the one that a balance transaction left with */
};

struct list {
	struct thing **v;
	size_t n, room;
};

struct fault_rule;

struct settings {
	const char *listen, *key, *state, *api_version;
	const char *client, *sign_key, *certificate; /* of providers that have them */
	int64_t late_s;       /* until a bank debit or pending refund concludes */
	int64_t fee_s;        /* until automatic_async knows the fee */
	int64_t search_lag_s; /* search does not see younger objects */
	int64_t retry_ms;     /* first webhook retry; doubles, up to 64 times that */
	int64_t tries;        /* webhook attempts */
	int64_t threads;      /* webhook senders */
	int64_t seed;
	int port; /* once bound */
	const char *first_url, *first_secret;
};

struct sim {
	pthread_mutex_t lock;
	pthread_cond_t changed; /* timers, deliveries, stopping */
	struct settings set;
	int64_t offset_us; /* how far /sim/advance went */
	uint64_t random;
	struct list things[KINDS_MAX];
	void *by_id; /* tsearch tree of struct thing */
	void *keys;  /* tsearch tree of idempotency records */
	struct queue timers, deliveries_due;
	size_t held_back; /* deliveries that wait for a later one */
	struct fault_rule *faults;
	char *webhook_url, *webhook_secret;
	cJSON *calls;      /* "POST /v1/refunds": {"count", "200", ..} */
	cJSON *counters;   /* idempotency and webhook figures */
	cJSON *deliveries; /* one entry an attempt, oldest first, bounded */
	size_t in_flight;
	size_t calling, most_calling; /* calls of the API at once */
	bool stopping;
};

/* Simulated time; timers fire once, in order. */
int64_t sim_now_us(const struct sim *s), sim_now(const struct sim *s);
void timer_set(struct sim *s, double in_s, void (*fire)(struct sim *, const char *id),
	const char *id);
void timers_run(struct sim *s);
void timers_clear(struct sim *s);
void *timer_thread(void *sim);
void sim_wait(struct sim *s, int64_t us);

/* Objects live until the next reset. */
void *keep(void *p); /* ends the process when memory is out */
uint64_t sim_random(struct sim *s);
void new_id(struct sim *s, const char *prefix, char out[ID_MAX]);
struct thing *thing_add(struct sim *s, int kind, cJSON *json);
struct thing *thing_find(struct sim *s, const char *id, int kind);
struct thing *thing_any(struct sim *s, const char *id);
void store_clear(struct sim *s);
void count(cJSON *table, const char *name);

void sim_open(struct sim *s); /* the settings are in place */
void sim_reset(struct sim *s);

#endif
