/* The verbs of shopctl webhook that ask the provider. */
#ifndef SHOPCTL_WEBHOOK_H
#define SHOPCTL_WEBHOOK_H

#include "base/field.h"
#include "base/op.h"

extern const struct shape webhook_replay_args, webhook_gaps_args;
enum err webhook_replay_run(struct op *op, const void *args);
enum err webhook_gaps_run(struct op *op, const void *args);

#endif
