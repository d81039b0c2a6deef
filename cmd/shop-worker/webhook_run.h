/* The job that all providers' events share; its kind says whose. */
#ifndef SHOP_WORKER_WEBHOOK_RUN_H
#define SHOP_WORKER_WEBHOOK_RUN_H

#include "domain/lease.h"

/* Ask the provider for the object that the event names, and conclude the event. */
enum err webhook_run(struct op *op, const struct job *job);

#endif
