/* Every rule by its name. */
#include "domain/rule.h"

#include <string.h>

const struct rule rules[] = {
#define RULE(name, words, hint) { #name, words, hint },
#include "domain/rules.h"
#undef RULE
	{ 0 },
};

const struct rule *rule_find(const char *name)
{
	const struct rule *r;

	for (r = rules; name && r->name; r++)
		if (!strcmp(r->name, name))
			return r;
	return NULL;
}
