/* Which names are providers': for who takes a name and calls nobody, the door. */
#include "adapters/provider.h"

#include <string.h>

static const char *const names[] = {
#define PROVIDER(name) #name,
#include "adapters/providers.h"
#undef PROVIDER
};

enum err provider_check(struct op *op, const char *name)
{
	const char *known = "";

	if (!name)
		return OK;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcmp(names[i], name) == 0)
			return OK;
		known = op_printf(op, "%s%s%s", known, i ? ", " : "", names[i]);
	}
	fail(op, E_USAGE, "provider_is_known", "nobody here speaks to %s", name);
	return fail_hint(op, "one of %s", known);
}
