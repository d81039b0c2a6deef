/* What a manual page says of a program, read off the program's own tables. */
#include "base/mdoc.h"

#include "base/cli_line.h"
#include "base/config.h"
#include "base/text.h"

#include <ctype.h>
#include <stdarg.h>

struct page {
	struct op *op;
	struct text text;
};

__attribute__((format(printf, 2, 3))) static void add(
	struct page *p, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	text_add(p->op, &p->text, op_vprintf(p->op, fmt, args));
	va_end(args);
}

/*
 * A line that begins with a dot or an apostrophe would be a request to roff,
 * an empty one is a paragraph, and mdoc(7) wants each sentence on its own line.
 */
static void add_text(struct page *p, const char *s)
{
	bool first = true;

	for (; *s; s++) {
		if (first && *s == '\n')
			text_add(p->op, &p->text, ".Pp");
		if (first && (*s == '.' || *s == '\''))
			text_add(p->op, &p->text, "\\&");
		first = *s == '\n' ||
			(*s == ' ' && p->text.n && p->text.s[p->text.n - 1] == '.');
		if (*s == '\\')
			text_add(p->op, &p->text, "\\e");
		else
			text_add_char(p->op, &p->text, first ? '\n' : *s);
	}
	if (!first)
		text_add_char(p->op, &p->text, '\n');
}

/*
 * A word as the argument of a macro: quoted, and led by a zero-width mark when
 * mdoc(7) would take it for a macro or for punctuation.
 */
static const char *word(struct op *op, const char *s)
{
	struct text t = { 0 };
	bool shouted = isupper((unsigned char)s[0]) && isupper((unsigned char)s[1]);

	text_add(op, &t, !shouted && strlen(s) <= 3 ? "\"\\&" : "\"");
	if (ispunct((unsigned char)*s))
		text_add(op, &t, "\\&");
	for (; *s; s++) {
		if (*s == '"')
			text_add(op, &t, "\\(dq");
		else if (*s == '\\')
			text_add(op, &t, "\\e");
		else
			text_add_char(op, &t, *s);
	}
	text_add_char(op, &t, '"');
	return t.s;
}

static const char *dashed(struct op *op, const char *name)
{
	char *s = op_strdup(op, name);

	for (char *c = s; *c; c++)
		if (*c == '_')
			*c = '-';
	return s;
}

static const char *placeholder(const struct field *f)
{
	return f->arg ? f->arg : "VALUE";
}

/* --name ARG, or the operand alone, as arguments of an .It or .Op line. */
static const char *usage(struct op *op, const struct field *f)
{
	if (f->flags & FIELD_OPERAND)
		return op_printf(op, "Ar %s", word(op, placeholder(f)));
	if (f->type == FIELD_BOOL)
		return op_printf(op, "Fl -%s", dashed(op, f->name));
	return op_printf(
		op, "Fl -%s Ar %s", dashed(op, f->name), word(op, placeholder(f)));
}

/* Choices with room between them, so that a line can break there. */
static const char *choices(struct op *op, const struct field *f)
{
	struct text t = { 0 };

	for (const char *s = f->choices; *s; s++)
		text_add_n(op, &t, *s == '|' ? " | " : s, *s == '|' ? 3 : 1);
	return word(op, t.s);
}

static void add_option(struct page *p, const char *tag, const struct field *f)
{
	add(p, ".It %s\n", tag);
	if (f->help)
		add_text(p, f->help);
	if (f->choices && !(f->help && strstr(f->help, "or ")))
		add(p, ".Pq one of Cm %s\n", choices(p->op, f));
	if (f->initial && *f->initial && f->type != FIELD_BOOL)
		add(p, ".Pq default Cm %s\n", word(p->op, f->initial));
}

static void add_options(struct page *p, const struct shape *s)
{
	add(p, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < s->count; i++)
		if (!(s->fields[i].flags & FIELD_HIDDEN))
			add_option(p, usage(p->op, &s->fields[i]), &s->fields[i]);
	add(p, ".El\n");
}

static void add_command(
	struct page *p, const struct noun *noun, const struct command *c)
{
	add(p, ".It Xo\n");
	if (*noun->name)
		add(p, ".Cm %s\n", noun->name);
	if (*c->name)
		add(p, ".Cm %s\n", c->name);
	for (size_t i = 0; c->args && i < c->args->count; i++) {
		const struct field *f = &c->args->fields[i];

		add(p, "%s%s\n", f->flags & FIELD_REQUIRED ? "." : ".Op ",
			usage(p->op, f));
	}
	add(p, ".Xc\n");
	add_text(p, c->summary);
	if (c->detail) {
		add(p, ".Pp\n");
		add_text(p, c->detail);
	}
	if (c->args && c->args->count)
		add_options(p, c->args);
}

static void commands(struct page *page, const struct program *p)
{
	for (const struct noun *n = p->nouns; n->name; n++) {
		if (*n->name) {
			add(page, ".Ss %s\n", n->name);
			if (*n->commands->name)
				add_text(page, n->summary);
		}
		add(page, ".Bl -tag -width Ds\n");
		for (const struct command *c = n->commands; c->name; c++)
			add_command(page, n, c);
		add(page, ".El\n");
	}
}

static void examples(struct page *page, const struct program *p)
{
	add(page, ".Bd -literal -offset indent\n");
	for (const struct noun *n = p->nouns; n->name; n++)
		for (const struct command *c = n->commands; c->name; c++)
			add_text(page, c->examples);
	add(page, ".Ed\n");
}

static void options(struct page *page, const struct program *p __attribute__((unused)))
{
	add_options(page, &globals_shape);
}

static void config(struct page *page, const struct program *p __attribute__((unused)))
{
	for (const struct config_section *s = config_sections; s->name; s++) {
		add(page, ".Ss %s\n.Bl -tag -width Ds\n", s->name);
		for (size_t i = 0; i < s->shape->count; i++) {
			const struct field *f = &s->shape->fields[i];

			add_option(page, op_printf(page->op, "Ic %s", f->name), f);
		}
		add(page, ".El\n");
	}
}

static const struct part {
	const char *name;
	void (*print)(struct page *page, const struct program *p);
} parts[] = {
	{ "commands", commands },
	{ "config", config },
	{ "examples", examples },
	{ "options", options },
	{ 0 },
};

enum err mdoc_print(struct op *op, const struct program *p, const char *part)
{
	struct page page = { .op = op };

	for (const struct part *t = parts; t->name; t++)
		if (strcmp(t->name, part) == 0)
			t->print(&page, p);
	if (page.text.n)
		fputs(page.text.s, stdout);
	return OK;
}
