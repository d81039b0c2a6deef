/* shopctl payment capture, void, retry, match: what an operator does about money. */
#ifndef SHOPCTL_PAYMENT_ACT_H
#define SHOPCTL_PAYMENT_ACT_H

#include "base/field.h"

extern const struct shape payment_capture_args, payment_void_args;
extern const struct shape payment_retry_args, payment_match_args;
enum err payment_capture_run(struct op *op, const void *args);
enum err payment_void_run(struct op *op, const void *args);
enum err payment_retry_run(struct op *op, const void *args);
enum err payment_match_run(struct op *op, const void *args);

#endif
