/* Commands about commands: commands, explain, version. */
#include "base/cli.h"
#include "base/out.h"
#include "domain/rule.h"
#include "shopctl/shopctl.h"

#include <gnu/libc-version.h>
#include <string.h>

struct listed {
	const char *command, *summary;
	bool mutates, needs_database;
	const char *operands;
};

static const struct shape listed_shape = SHAPE(listed, FIELD(listed, command),
	FIELD(listed, summary), FIELD(listed, mutates), FIELD(listed, needs_database),
	FIELD(listed, operands));

static const char *required_operands(struct op *op, const struct command *c)
{
	const char *all = "";
	size_t i;

	for (i = 0; c->args && i < c->args->count; i++)
		if ((c->args->fields[i].flags & FIELD_OPERAND) &&
			(c->args->fields[i].flags & FIELD_REQUIRED))
			all = op_printf(op, "%s%s%s", all, *all ? " " : "",
				c->args->fields[i].arg);
	return all;
}

static enum err list_commands(struct op *op, const void *args)
{
	const struct noun *n;
	const struct command *c;

	(void)args;
	TRY(out_begin(op, &listed_shape));
	for (n = shopctl.nouns; n->name; n++) {
		for (c = n->commands; c->name; c++) {
			struct listed row = {
				.command = op_printf(op, "%s%s%s", n->name,
					*c->name ? " " : "", c->name),
				.summary = c->summary,
				.mutates = c->flags & CMD_MUTATES,
				.needs_database = !(c->flags & CMD_NO_DB),
				.operands = required_operands(op, c),
			};

			TRY(out_row(op, &row));
		}
	}
	return out_end(op);
}

struct explain {
	const char *rule;
};

static const struct shape explain_args = SHAPE(explain,
	FIELD(explain, rule, "RULE",
		"the name an error begins with; without: all rules", FIELD_OPERAND));

static const struct shape rule_shape =
	SHAPE(rule, FIELD(rule, name), FIELD(rule, words), FIELD(rule, hint));

static enum err explain(struct op *op, const void *args)
{
	const struct explain *a = args;
	const struct rule *r = rule_find(a->rule);
	const char *all = "", *near;
	size_t n = 0;

	if (r)
		return out_one(op, &rule_shape, r);
	while (rules[n].name)
		n++;
	if (!a->rule)
		return out_rows(
			op, &rule_shape, (struct rows){ (void *)(uintptr_t)rules, n });
	for (r = rules; r->name; r++)
		all = op_printf(op, "%s%s%s", all, *all ? "|" : "", r->name);
	near = nearest(op, a->rule, all);
	fail(op, E_NOT_FOUND, "rule_is_known", "there is no rule \"%s\"", a->rule);
	return near ? fail_hint(op, "did you mean \"%s\"?", near)
		    : fail_hint(op, "all rules: shopctl explain");
}

struct version {
	const char *program, *glibc;
	int64_t schema_version;
};

static const struct shape version_shape = SHAPE(version, FIELD(version, program),
	FIELD(version, schema_version), FIELD(version, glibc));

static enum err version(struct op *op, const void *args)
{
	struct version v = { .program = "shopctl " SHOP_VERSION,
		.schema_version = SHOP_SCHEMA,
		.glibc = gnu_get_libc_version() };

	(void)args;
	return out_one(op, &version_shape, &v);
}

const struct command commands_commands[] = {
	{ "", "list every command", NULL, list_commands, CMD_NO_DB,
		"shopctl commands\n"
		"shopctl commands --format json" },
	{ 0 },
};

const struct command explain_commands[] = {
	{ "", "what a rule means and what to do about it", &explain_args, explain,
		CMD_NO_DB,
		"shopctl explain stock_never_oversold\n"
		"shopctl explain --format csv" },
	{ 0 },
};

const struct command version_commands[] = {
	{ "", "programs, libraries and schema", NULL, version, CMD_NO_DB,
		"shopctl version\n"
		"shopctl version --format json" },
	{ 0 },
};
