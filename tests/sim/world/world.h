/*
 * The simulated world: the shop's own code, a real database, a provider and people,
 * stepped by one scheduler with one seed.  Only the actor that was given its turn runs;
 * it gives the turn back before each transaction and each call, so that each of those
 * is one step, and what runs between two of them can be cut off there.
 */
#ifndef WORLD_WORLD_H
#define WORLD_WORLD_H

#include "base/op.h"
#include "names.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>

enum { SECOND_US = 1000000 };
#define MINUTE_US (INT64_C(60) * SECOND_US)
#define HOUR_US   (INT64_C(3600) * SECOND_US)

struct actor {
	const char *name;
	void (*live)(struct actor *a);
	int weight, number;
	int64_t wake_us;   /* sleeps, or stands still, until then */
	bool dead;         /* killed: nothing it does reaches anybody */
	bool called;       /* its last step was a call to the provider */
	bool calling;      /* between the intent of a call and the call */
	bool mortal;       /* a program of ours, which can be killed */
	const char *login; /* who it is to the database; NULL: whoever runs all this */
	int64_t lives, turns;
	sem_t turn;
	pthread_t thread;
};

struct run {
	int64_t seed, steps, step, now_us;
	uint64_t chance; /* the scheduler's and the actors' */
	uint64_t ids;    /* of id_random() */
	uint64_t digest;
	FILE *trace;
	bool verbose, calm, over;
	int64_t rates[FAULT_COUNT], injected[FAULT_COUNT], effects[EFFECT_COUNT];
	int64_t blackout_until, violations;
	int64_t set_us; /* what the database's clock was last set to */
	const char *login;
	const char *paypal_key; /* the file of what webhooks are signed with */
	enum defence without;   /* which defence this seed has to do without */
	bool committed;         /* something did since the orders were last looked at */
	struct actor *actors;
	size_t actor_count;
	struct db *db; /* one for all: each step is a whole transaction */
	const struct config *config;
	int64_t *orders; /* that some shopper was told of */
	size_t order_count, order_room;
};

extern struct run run;
extern _Thread_local struct actor *self;

/* chance.c */
uint64_t chance(void);
int64_t below(int64_t n);
int64_t between(int64_t low, int64_t high);
bool strikes(enum fault_name f); /* and counts it */
void swarm_set(void);            /* which faults this seed has, and how often */
void swarm_calm(void);
void swarm_print(FILE *to);

/* turn.c */
void actors_start(struct actor *actors, size_t n);
void actors_stop(void);
void world_step(void); /* give some actor a turn */
void world_pass(int64_t us);
void turn_over(void); /* by an actor: until it has the next */
void trace(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* seam.c */
void seam_open(void);
void seam_quiet(bool quiet); /* the world itself asks */

/* check.c */
void violation(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void unexpected(struct op *op, const char *what);
void check_now(const char *when);
void check_touched(void); /* the orders that something happened to, now and then */
void defence_drop(void);
void drain(void);

#include "lives.h"

#endif
