/* Inside shopctl stock: the commands that only look. */
#ifndef SHOPCTL_STOCK_LOOK_H
#define SHOPCTL_STOCK_LOOK_H

#include "base/field.h"
#include "base/op.h"

extern const struct shape stock_ledger_args, stock_why_args, stock_as_of_args,
	stock_low_args;

enum err stock_ledger_run(struct op *op, const void *args);
enum err stock_why_run(struct op *op, const void *args);
enum err stock_as_of_run(struct op *op, const void *args);
enum err stock_low_run(struct op *op, const void *args);

#endif
