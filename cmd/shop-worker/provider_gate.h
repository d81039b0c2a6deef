/* Whether a provider is asked now, and what its silence comes to. */
#ifndef SHOP_WORKER_PROVIDER_GATE_H
#define SHOP_WORKER_PROVIDER_GATE_H

#include "adapters/provider.h"
#include "domain/breaker.h"

/* Before a call, and before anything says that it was made. */
struct gate {
	const char *name;                /* of its breaker; NULL: nobody is asked */
	const struct provider *provider; /* NULL: it is none of payments */
	struct breaker_word word;
};

/*
 * OK when the call may go.  E_BUSY (breaker_is_closed) when the provider is left alone
 * now: the fault puts the job off, and no try is burnt.
 */
enum err gate_pass(struct op *op, const struct provider *p, struct gate *out);
enum err gate_pass_named(
	struct op *op, const char *name, int64_t timeout_ms, struct gate *out);

/* The same where the breaker's word came with what was loaded. */
enum err gate_heard(
	struct op *op, const char *name, struct breaker_word word, struct gate *out);

/* After how long a probe of such calls is lost, and another one tries. */
int64_t gate_probe_s(int64_t timeout_ms);

/* What the call came to; away: no answer, or one of the provider's own trouble. */
void gate_tell(struct op *op, const struct gate *g, bool away, const char *error);

/* The call was not made after all. */
void gate_leave(struct op *op, const struct gate *g);

/*
 * It is away: come back soon.  No try is burnt, for the job is not to blame - unless it
 * failed before (again) and the breaker knows of no failure in a row: then others get
 * through, and this one may be what the other side stumbles over.
 */
enum err gate_put_off(struct op *op, const struct gate *g, bool again, const char *why);

#endif
