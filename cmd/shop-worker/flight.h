/* Jobs of one batch that wait for others at the same time, in turns at one connection.
 */
#ifndef SHOP_WORKER_FLIGHT_H
#define SHOP_WORKER_FLIGHT_H

#include "shop-worker/worker.h"

enum { FLIGHT_MAX = 64 };

/* What is done with each. */
typedef enum err flight_run(
	struct runner *r, struct op *op, struct batch *b, struct job *job);

/* NULL is a runner that does one job after the other; the functions below take it. */
struct flight *flight_open(struct runner *r);
void flight_close(struct flight *f);

/* The jobs that follow are of this batch and settled on this op. */
void flight_plan(struct flight *f, struct op *op, struct batch *b, flight_run *run);

/*
 * Wait until fewer than `most` are under way and none about what this one is about; the
 * first failure of one that landed.
 */
enum err flight_room(struct flight *f, int64_t most, const struct job *job);

/* The batch's next job takes off; it lands whenever it does. */
enum err flight_start(struct flight *f);

/* Wait until none is under way; e, or the first failure. */
enum err flight_land(struct flight *f, enum err e);

#endif
