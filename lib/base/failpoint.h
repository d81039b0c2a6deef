/*
 * Named points where a test makes the process die, stop, wait or fail.
 *
 *	SHOP_FAILPOINTS="checkout.after_commit=kill@3,op.sent=kill%0.1:7,hook.stored=err=E_AWAY"
 *
 * Actions: kill (SIGKILL), stop (SIGSTOP), sleep=MS, err=CODE.  @N: at the nth hit
 * only; %P: with this probability, :SEED repeats it.  Compiled in with -DSHOP_TESTS
 * only; otherwise the macro is nothing.
 */
#ifndef BASE_FAILPOINT_H
#define BASE_FAILPOINT_H

#include "base/op.h"

#ifdef SHOP_TESTS
/* In a function that returns enum err: err=CODE leaves it. */
#define FAILPOINT(op, name) TRY(failpoint(op, name))
#else
#define FAILPOINT(op, name) ((void)(op))
#endif

/* What the macro calls: OK, or the code that the test asked for. */
enum err failpoint(struct op *op, const char *name);

#endif
