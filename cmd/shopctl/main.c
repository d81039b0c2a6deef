/* The operator's hand: every noun of commands.h as one command tree. */
#include "base/cli.h"
#include "db/db.h"
#include "domain/rule.h"
#include "shopctl/shopctl.h"

#include <stddef.h>

#define NOUN(name, prefix, summary) extern const struct command prefix##_commands[];
#include "shopctl/commands.h"
#undef NOUN

static const struct noun nouns[] = {
#define NOUN(name, prefix, summary) { name, summary, prefix##_commands },
#include "shopctl/commands.h"
#undef NOUN
	{ 0 },
};

const struct program shopctl = {
	.name = "shopctl",
	.summary = "run a shop from the shell",
	.nouns = nouns,
	.session = &db_session,
	.rule = rule_find,
};

int main(int argc, char **argv)
{
	return cli_main(&shopctl, argc, argv);
}
