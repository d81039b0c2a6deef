/* The step that all jobs about money share: ask the provider, and conclude. */
#ifndef SHOP_WORKER_PROVIDER_STEP_H
#define SHOP_WORKER_PROVIDER_STEP_H

#include "adapters/provider.h"
#include "domain/lease.h"
#include "domain/payment.h"
#include "shop-worker/provider_gate.h"

/*
 * Do what the action says.  OK when it was concluded, whatever the provider
 * answered: what is still open has a job of its own then.  E_BUSY when the
 * lease might end before the answer is recorded, or when the provider is left alone
 * now, and nothing was sent.
 */
enum err provider_step(
	struct op *op, const struct job *job, const struct payment_action *a);

/*
 * Store the bytes of a call with an effect, just before it goes out, and learn whether
 * the shop still wants it; a question without effect goes as it is.
 */
enum err provider_mark(struct op *op, const struct job *job, const struct provider *p,
	struct provider_call *call, bool *go);

/*
 * Ask, through a gate that was passed, and turn what could not even be asked into a
 * verdict: ask again later.
 */
void provider_ask(struct op *op, const struct gate *g, const struct provider_call *call,
	struct provider_answer *out);

/* Whether the lease outlives one call and its conclusion. */
bool provider_has_time(struct op *op, const struct job *job, const struct provider *p);

#endif
