/* Help and fault messages, all read off the command table. */
#include "base/cli_help.h"

#include "base/cli_line.h"
#include "base/out.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *dashed(struct op *op, const char *name)
{
	char *copy = op_strdup(op, name), *p;

	for (p = copy; *p; p++)
		*p = *p == '_' ? '-' : *p;
	return copy;
}

static const char *path(struct op *op, const struct program *p, const struct noun *n,
	const struct command *c)
{
	return op_printf(op, "%s%s%s%s%s", p->name, *n->name ? " " : "", n->name,
		c && *c->name ? " " : "", c ? c->name : "");
}

static const char *operands(struct op *op, const struct command *c)
{
	const char *all = "";
	size_t i;

	for (i = 0; c->args && i < c->args->count; i++) {
		const struct field *f = &c->args->fields[i];

		if (f->flags & FIELD_OPERAND)
			all = op_printf(op,
				f->flags & FIELD_REQUIRED ? "%s %s%s" : "%s [%s%s]",
				all, f->arg, f->type == FIELD_TEXTS ? "..." : "");
	}
	return all;
}

static bool is_option(const struct field *f)
{
	return !(f->flags & (FIELD_OPERAND | FIELD_HIDDEN));
}

static void option_line(struct op *op, const struct field *f)
{
	const char *left = op_printf(op, "--%s%s%s", dashed(op, f->name),
		f->arg ? " " : "", f->arg ? f->arg : "");

	printf("  %-24s %s", left, f->help ? f->help : "");
	if (f->choices && !strstr(f->help ? f->help : "", f->choices))
		printf(" (%s)", f->choices);
	if (f->initial && *f->initial && f->type != FIELD_BOOL)
		printf(" [%s]", f->initial);
	if (f->flags & FIELD_REQUIRED)
		printf(" (required)");
	putchar('\n');
}

static void option_lines(struct op *op, const char *title, const struct shape *s)
{
	size_t i, n = 0;

	for (i = 0; s && i < s->count; i++) {
		if (!is_option(&s->fields[i]))
			continue;
		if (!n++)
			printf("\n%s:\n", title);
		option_line(op, &s->fields[i]);
	}
}

static void operand_lines(const struct shape *s)
{
	size_t i, n = 0;

	for (i = 0; s && i < s->count; i++) {
		const struct field *f = &s->fields[i];

		if (!(f->flags & FIELD_OPERAND))
			continue;
		if (!n++)
			puts("\noperands:");
		printf("  %-24s %s\n", f->arg, f->help ? f->help : "");
	}
}

static void example_lines(const char *examples, const char *before)
{
	const char *p = examples;

	while (p && *p) {
		int n = (int)strcspn(p, "\n");

		printf("%s%.*s\n", before, n, p);
		p += n + (p[n] == '\n');
	}
}

enum err help_command(struct op *op, const struct program *p, const struct noun *n,
	const struct command *c)
{
	printf("%s - %s\n\nusage: %s [OPTION...]%s\n", path(op, p, n, c), c->summary,
		path(op, p, n, c), operands(op, c));
	if (c->detail)
		printf("\n%s\n", c->detail);
	puts("\nexamples:");
	example_lines(c->examples, "  ");
	operand_lines(c->args);
	option_lines(op, "options", c->args);
	option_lines(op, "options of every command", &globals_shape);
	return OK;
}

static void command_lines(struct op *op, const struct program *p, const struct noun *n)
{
	const struct command *c;

	for (c = n->commands; c->name; c++)
		printf("  %-28s %s\n", path(op, p, n, c) + strlen(p->name) + 1,
			c->summary);
}

enum err help_noun(struct op *op, const struct program *p, const struct noun *n)
{
	const struct command *c;

	printf("%s %s - %s\n\ncommands:\n", p->name, n->name, n->summary);
	command_lines(op, p, n);
	puts("\nexamples:");
	for (c = n->commands; c->name; c++)
		example_lines(c->examples, "  ");
	printf("\nmore: %s %s COMMAND --help\n", p->name, n->name);
	return OK;
}

enum err help_program(struct op *op, const struct program *p)
{
	const struct noun *n;

	printf("%s - %s\n\nusage: %s [OPTION...] COMMAND ...\n\ncommands:\n", p->name,
		p->summary, p->name);
	for (n = p->nouns; n->name; n++) {
		if (*n->name)
			printf("  %-16s %s\n", n->name, n->summary);
		else
			command_lines(op, p, n);
	}
	option_lines(op, "options of every command", &globals_shape);
	printf("\nmore: %s COMMAND --help, man %s\n", p->name, p->name);
	return OK;
}

const char *help_example(struct op *op, const struct program *p)
{
	const char *e = p->nouns->commands->examples;

	return op_strndup(op, e, strcspn(e, "\n"));
}

static void fault_json(struct op *op, const struct fault *f, const char *hint)
{
	fprintf(stderr,
		"{\"type\":\"urn:shop:rule:%s\",\"title\":%s,\"code\":\"%s\","
		"\"detail\":%s,"
		"\"hint\":%s,\"exit\":%d,\"trace_id\":\"%s\"}\n",
		f->rule, json_quote(op, f->text), f->rule, json_quote(op, f->text),
		hint ? json_quote(op, hint) : "null", err_exit(f->code), op->trace);
}

void cli_fault(struct op *op, const char *program, bool json, const struct rule *rule)
{
	struct fault f = op->fault;
	bool raw = f.sqlstate && !strncmp(f.sqlstate, "23", 2);
	const char *hint = f.hint ? f.hint : rule ? rule->hint : NULL;

	if (raw && rule)
		f.text = rule->words; /* the database's own words name tables, not
					 things */
	if (json) {
		fault_json(op, &f, hint);
		return;
	}
	fprintf(stderr, "%s: %s: %s\n", program, f.rule, f.text);
	if (hint)
		fprintf(stderr, "  hint: %s\n", hint);
	if (op->verbose)
		fprintf(stderr, "  trace: %s%s%s\n", op->trace,
			f.sqlstate ? "  sqlstate: " : "", f.sqlstate ? f.sqlstate : "");
}

enum err cli_confirm(struct op *op, const char *question)
{
	char answer[16] = "";

	if (op->yes)
		return OK;
	if (op->no_input || !isatty(STDIN_FILENO)) {
		fail(op, E_UNCONFIRMED, "action_is_confirmed", "%s was not confirmed",
			op->verb);
		return fail_hint(op, "add --yes; --dry-run shows what it would do");
	}
	fprintf(stderr, "%s [y/N] ", question);
	if (fgets(answer, sizeof answer, stdin) && (*answer == 'y' || *answer == 'Y'))
		return OK;
	return fail(op, E_UNCONFIRMED, "action_is_confirmed", "nothing was changed");
}
