/* Every rule by its name: what it means to a person, and what to do about it. */
#ifndef DOMAIN_RULE_H
#define DOMAIN_RULE_H

#include "base/cli.h"

/* The rule of that name, or NULL. */
const struct rule *rule_find(const char *name);

/* All of them, sorted as rules.h is; ends with a NULL name. */
extern const struct rule rules[];

#endif
