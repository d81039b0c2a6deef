/* The job that all providers' books share; its kind says whose. */
#ifndef SHOP_WORKER_RECONCILE_RUN_H
#define SHOP_WORKER_RECONCILE_RUN_H

#include "domain/lease.h"

/* Copy what moved the balance at the provider, and compare it with our books. */
enum err reconcile_run(struct op *op, const struct job *job, const char *provider);

#endif
