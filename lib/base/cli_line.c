/* Options and operands of one command line, read off the shapes of its command. */
#include "base/cli_line.h"

#include <getopt.h>
#include <string.h>

#define GLOBAL(member, arg, help, ...) FIELD(globals, member, arg, help, __VA_ARGS__)

const struct shape globals_shape = SHAPE(globals,
	GLOBAL(config, "FILE", "read this configuration instead of the usual files", 0),
	GLOBAL(dsn, "CONNINFO", "libpq connection string or URI", 0),
	GLOBAL(format, "FORMAT", "table, json, csv, tsv, ndjson or xlsx", 0,
		"table|json|csv|tsv|ndjson|xlsx"),
	GLOBAL(columns, "A,B",
		"these columns; +a,-b changes the usual; help lists them", 0),
	GLOBAL(field, "NAME", "only this column's bare values", 0),
	GLOBAL(output, "FILE", "write the result to a file", 0),
	GLOBAL(null, "TEXT", "how an absent value prints in csv and tsv", 0),
	GLOBAL(no_header, NULL, "no header line", 0),
	GLOBAL(reason, "TEXT", "why; kept in the audit log", 0),
	GLOBAL(idempotency_key, "KEY", "asking twice with the same key acts once", 0),
	GLOBAL(timeout, "SECONDS", "give up a statement after this long", 0),
	GLOBAL(trace_id, "HEX", "32 hex digits that name this operation everywhere", 0),
	GLOBAL(dry_run, NULL, "do it all, show it, and take it back", 0),
	GLOBAL(yes, NULL, "answer yes to questions", 0),
	GLOBAL(no_input, NULL, "never ask: a question is exit 6", 0),
	GLOBAL(quiet, NULL, "no messages but errors", 0),
	GLOBAL(verbose, NULL, "more about errors: SQLSTATE and trace", 0),
	GLOBAL(help, NULL, "explain, with examples", 0),
	GLOBAL(version, NULL, "the program's version", 0),
	GLOBAL(mdoc, "PART", "a part of the manual page as mdoc(7)", FIELD_HIDDEN,
		"commands|examples|options|config"));

static const struct {
	char letter;
	const char *name;
} letters[] = { { 'd', "dsn" }, { 'q', "quiet" }, { 'v', "verbose" }, { 'y', "yes" },
	{ 'h', "help" }, { 0, NULL } };

static const char *letter_name(int letter)
{
	size_t i;

	for (i = 0; letters[i].letter; i++)
		if (letters[i].letter == letter)
			return letters[i].name;
	return NULL;
}

static enum err unknown_option(
	struct op *op, const struct command *c, const char *typed)
{
	const char *near = shape_nearest(op, &globals_shape, typed);
	const char *mine = c && c->args ? shape_nearest(op, c->args, typed) : NULL;
	char *shown = op_strdup(op, mine ? mine : near ? near : "");
	char *p;

	for (p = shown; *p; p++)
		if (*p == '_')
			*p = '-';
	fail(op, E_USAGE, "option_is_known", "there is no option --%s", typed);
	return *shown ? fail_hint(op,
				"did you mean --%s? options are never abbreviated",
				shown)
		      : fail_hint(op, "see --help");
}

/* What one command line may say: the globals and the command's own fields. */
static const struct field *option_field(
	const struct command *c, const char *name, const struct shape **shape)
{
	const struct field *f = c && c->args ? shape_find(c->args, name) : NULL;

	*shape = c ? c->args : NULL;
	if (f && !(f->flags & FIELD_OPERAND))
		return f;
	*shape = &globals_shape;
	return shape_find(&globals_shape, name);
}

/* getopt_long accepts any unambiguous beginning; operators' scripts must not rely on
 * it. */
static enum err exact_only(
	struct op *op, const struct command *c, int argc, char **argv, bool until_noun)
{
	const struct shape *shape;
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		size_t n = strcspn(argv[i], "=");
		const struct field *f;
		char *name;

		if (argv[i][0] != '-' && until_noun)
			break;
		if (strncmp(argv[i], "--", 2) != 0) {
			i += !strcmp(argv[i], "-d");
			continue;
		}
		name = op_strndup(op, argv[i] + 2, n - 2);
		f = strchr(name, '_') ? NULL : option_field(c, name, &shape);
		if (!f)
			return unknown_option(op, c, name);
		i += f->type != FIELD_BOOL && !argv[i][n];
	}
	return OK;
}

static void add_options(
	struct op *op, struct option *to, size_t *n, const struct shape *s)
{
	size_t i;
	char *p;

	for (i = 0; s && i < s->count; i++) {
		const struct field *f = &s->fields[i];

		if (f->flags & FIELD_OPERAND)
			continue;
		to[*n].name = p = op_strdup(op, f->name);
		for (; *p; p++)
			*p = *p == '_' ? '-' : *p;
		to[*n].has_arg =
			f->type == FIELD_BOOL ? no_argument : required_argument;
		to[*n].val = 1000 + (int)*n;
		++*n;
	}
}

/* What cannot be read is wrong on the command line, whatever is wrong with it. */
static enum err unreadable(struct op *op, const char *what)
{
	op->fault.code = E_USAGE;
	op->fault.text = op_printf(op, "%s: %s", what, op->fault.text);
	return E_USAGE;
}

static enum err take_option(struct op *op, const struct command *c, const char *name,
	const char *value, struct line *line)
{
	const struct shape *shape;
	const struct field *f = option_field(c, name, &shape);
	bool mine = shape != &globals_shape;
	enum err e = field_parse(op, f, mine ? line->args : (void *)line->globals,
		f->type == FIELD_BOOL ? "true" : value);

	if (e == OK)
		return OK;
	return unreadable(op, op_printf(op, "--%s", name));
}

enum err line_operands(struct op *op, const struct command *c, int argc, char **argv,
	struct line *line)
{
	size_t i;
	int at = 0;

	for (i = 0; c->args && i < c->args->count; i++) {
		const struct field *f = &c->args->fields[i];
		bool many = f->type == FIELD_TEXTS;

		if (!(f->flags & FIELD_OPERAND))
			continue;
		if (at >= argc && (f->flags & FIELD_REQUIRED)) {
			fail(op, E_USAGE, "operand_is_given", "%s is missing", f->arg);
			return fail_hint(op, "see: %s --help", op->verb);
		}
		while (at < argc) {
			if (field_parse(op, f, line->args, argv[at++]) != OK)
				return unreadable(op, f->arg);
			if (!many)
				break;
		}
	}
	if (at < argc) {
		fail(op, E_USAGE, "operand_is_known", "\"%s\" is one too many",
			argv[at]);
		return fail_hint(op, "see: %s --help", op->verb);
	}
	return OK;
}

enum err line_complete(struct op *op, const struct command *c, const struct line *l)
{
	size_t i;

	for (i = 0; c->args && i < c->args->count; i++) {
		const struct field *f = &c->args->fields[i];
		const char *text = field_text(op, f, l->args);

		if ((f->flags & (FIELD_REQUIRED | FIELD_OPERAND)) != FIELD_REQUIRED ||
			(text && *text))
			continue;
		fail(op, E_USAGE, "option_is_given", "--%s %s is missing", f->name,
			f->arg);
		return fail_hint(op, "%s", f->help);
	}
	if ((c->flags & CMD_REASON) && !l->globals->reason) {
		fail(op, E_USAGE, "reason_is_given", "--reason TEXT is missing");
		return fail_hint(op, "say why; it is kept in the audit log");
	}
	return OK;
}

/* Options up to the noun (c NULL) or of a whole command; the rest are operands. */
enum err line_parse(struct op *op, const struct command *c, int argc, char **argv,
	struct line *line)
{
	size_t n = 0,
	       most = globals_shape.count + (c && c->args ? c->args->count : 0) + 1;
	struct option *options = op_alloc(op, most * sizeof *options);
	int letter;

	TRY(exact_only(op, c, argc, argv, !c));
	add_options(op, options, &n, c ? c->args : NULL);
	add_options(op, options, &n, &globals_shape);
	optind = 0;
	opterr = 0;
	while ((letter = getopt_long(
			argc, argv, c ? ":d:qvyh" : "+:d:qvyh", options, NULL)) != -1) {
		const char *name = letter >= 1000 ? options[letter - 1000].name
						  : letter_name(letter);

		if (letter == ':') {
			fail(op, E_USAGE, "option_has_value", "%s needs a value",
				argv[optind - 1]);
			return fail_hint(op, "see --help");
		}
		if (!name)
			return unknown_option(op, c, op_printf(op, "%c", optopt));
		TRY(take_option(op, c, name, optarg, line));
	}
	line->rest = optind;
	return OK;
}
