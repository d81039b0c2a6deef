/* Whether a provider is asked now, and what its silence comes to. */
#ifndef SHOP_WORKER_PROVIDER_GATE_H
#define SHOP_WORKER_PROVIDER_GATE_H

#include "adapters/provider.h"
#include "domain/breaker.h"

/* Before a call, and before anything says that it was made. */
struct gate {
	const struct provider *provider;
	struct breaker_word word;
};

/*
 * OK when the call may go.  E_BUSY (breaker_is_closed) when the provider is left alone
 * now: the fault puts the job off, and no try is burnt.
 */
enum err gate_pass(struct op *op, const struct provider *p, struct gate *out);

/* What the call came to; away: no answer, or one of the provider's own trouble. */
void gate_tell(struct op *op, const struct gate *g, bool away, const char *error);

/* The call was not made after all. */
void gate_leave(struct op *op, const struct gate *g);

#endif
