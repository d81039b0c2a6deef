/* Rendering: one pass over the text, sections by recursion, nothing guessed. */
#include "domain/template.h"

#include "base/field.h"
#include "base/text.h"

#include <ctype.h>
#include <string.h>

struct scope {
	const struct template_data *data;
	const struct scope *outer;
};

struct render {
	struct op *op;
	const char *name, *text;
	enum template_kind kind;
	struct text out;
	struct text *faults; /* NULL: the first one ends it */
};

/* "{{name}}", "{{#name}}" or "{{/name}}": its sigil, and where the text goes on. */
struct tag {
	const char *at, *after, *name;
	char sigil;
};

static const char *html_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	}
	return NULL;
}

static void put_value(struct render *r, const char *s)
{
	for (; *s; s++) {
		const char *html = r->kind == TEMPLATE_HTML ? html_of(*s) : NULL;

		if (html)
			text_add(r->op, &r->out, html);
		else
			text_add_char(r->op, &r->out, *s);
	}
}

/* "NAME, line 3, column 7": columns count characters, from 1. */
static const char *place(const struct render *r, const char *at)
{
	int line = 1, column = 1;

	for (const char *p = r->text; p < at; p++) {
		line += *p == '\n';
		column = *p == '\n' ? 1 : column + ((*p & 0xc0) != 0x80);
	}
	return op_printf(r->op, "%s, line %d, column %d", r->name, line, column);
}

static enum err next_tag(
	struct render *r, const char *p, const char *end, struct tag *t)
{
	const char *name, *close;

	*t = (struct tag){ .at = memmem(p, (size_t)(end - p), "{{", 2) };
	if (!t->at)
		return OK;
	close = memmem(t->at, (size_t)(end - t->at), "}}", 2);
	if (!close)
		return fail(r->op, E_DATA, "template_tag_is_closed",
			"%s: {{ without }}", place(r, t->at));
	name = t->at + 2;
	if (*name == '#' || *name == '/')
		t->sigil = *name++;
	t->name = op_strndup(r->op, name, (size_t)(close - name));
	t->after = close + 2;
	return OK;
}

/* A section tag alone on its line leaves no empty line behind. */
static void drop_own_line(struct render *r, struct tag *t, const char *end)
{
	bool begins = t->at == r->text || t->at[-1] == '\n';
	bool ends = t->after < end && *t->after == '\n';

	if (t->sigil && begins && ends)
		t->after++;
}

static enum err unknown(struct render *r, const struct tag *t, const struct scope *s)
{
	const char *names = "", *near;

	for (; s; s = s->outer) {
		for (size_t i = 0; i < s->data->n; i++)
			names = op_printf(r->op, "%s%s%s", names, *names ? "|" : "",
				s->data->vars[i].name);
		if (s->data->list)
			names = op_printf(r->op, "%s|%s", names, s->data->list);
	}
	near = nearest(r->op, t->name, names);
	fail(r->op, E_DATA, "template_variable_is_known",
		"%s: there is no {{%s}} in this event", place(r, t->at), t->name);
	if (r->faults) {
		text_add(r->op, r->faults, op_printf(r->op, "%s\n", r->op->fault.text));
		fault_clear(r->op);
		return OK;
	}
	return near ? fail_hint(r->op, "did you mean {{%s}}?", near)
		    : fail_hint(r->op, "the names are %s", names);
}

static const struct template_var *find_var(const struct scope *s, const char *name)
{
	for (; s; s = s->outer)
		for (size_t i = 0; i < s->data->n; i++)
			if (strcmp(s->data->vars[i].name, name) == 0)
				return &s->data->vars[i];
	return NULL;
}

static const struct template_data *find_list(const struct scope *s, const char *name)
{
	for (; s; s = s->outer)
		if (s->data->list && strcmp(s->data->list, name) == 0)
			return s->data;
	return NULL;
}

/* The tag that closes the section: sections of the same name may nest. */
static enum err find_close(
	struct render *r, const struct tag *open, const char *end, struct tag *close)
{
	int depth = 1;

	for (const char *p = open->after; depth; p = close->after) {
		TRY(next_tag(r, p, end, close));
		if (!close->at)
			return fail(r->op, E_DATA, "template_section_is_closed",
				"%s: {{#%s}} without {{/%s}}", place(r, open->at),
				open->name, open->name);
		if (close->sigil && strcmp(close->name, open->name) == 0)
			depth += close->sigil == '#' ? 1 : -1;
	}
	return OK;
}

static enum err render(
	struct render *r, const char *p, const char *end, const struct scope *scope);

/* Even what is not shown is rendered, or its faults would wait for a customer. */
static enum err hidden(
	struct render *r, const char *p, const char *end, const struct scope *scope)
{
	struct text kept = r->out;

	r->out = (struct text){ 0 };
	TRY(render(r, p, end, scope));
	r->out = kept;
	return OK;
}

static enum err section(struct render *r, const struct tag *open, const char *end,
	const struct scope *scope)
{
	const struct template_data *list = find_list(scope, open->name);
	const struct template_var *var = find_var(scope, open->name);

	if (!list && !var)
		return unknown(r, open, scope);
	if (!list)
		return var->value ? render(r, open->after, end, scope)
				  : hidden(r, open->after, end, scope);
	for (size_t i = 0; i < list->n_items; i++) {
		const struct scope inner = { &list->items[i], scope };

		TRY(render(r, open->after, end, &inner));
	}
	return OK;
}

static enum err variable(
	struct render *r, const struct tag *t, const struct scope *scope)
{
	const struct template_var *var = find_var(scope, t->name);

	if (!var)
		return unknown(r, t, scope);
	if (var->value)
		put_value(r, var->value);
	return OK;
}

static enum err render(
	struct render *r, const char *p, const char *end, const struct scope *scope)
{
	struct tag t, close;

	for (;;) {
		TRY(next_tag(r, p, end, &t));
		text_add_n(r->op, &r->out, p, (size_t)((t.at ? t.at : end) - p));
		if (!t.at)
			return OK;
		drop_own_line(r, &t, end);
		p = t.after;
		if (t.sigil == '/')
			return fail(r->op, E_DATA, "template_section_is_closed",
				"%s: {{/%s}} closes nothing", place(r, t.at), t.name);
		if (!t.sigil) {
			TRY(variable(r, &t, scope));
			continue;
		}
		TRY(find_close(r, &t, end, &close));
		TRY(section(r, &t, close.at, scope));
		drop_own_line(r, &close, end);
		p = close.after;
	}
}

/* A header is one line whatever a value holds, or a customer could add headers. */
static void one_line(char *s)
{
	for (; *s; s++)
		if (iscntrl((unsigned char)*s))
			*s = ' ';
}

enum err template_render(struct op *op, const char *name, const char *text,
	enum template_kind kind, const struct template_data *data, const char **out)
{
	struct render r = { .op = op, .name = name, .text = text, .kind = kind };
	const struct scope scope = { data, NULL };

	TRY(render(&r, text, text + strlen(text), &scope));
	text_add(op, &r.out, "");
	if (kind == TEMPLATE_HEADER)
		one_line(r.out.s);
	*out = r.out.s;
	return OK;
}

const char *template_faults(struct op *op, const char *name, const char *text,
	enum template_kind kind, const struct template_data *data)
{
	struct text faults = { 0 };
	struct render r = {
		.op = op, .name = name, .text = text, .kind = kind, .faults = &faults
	};
	const struct scope scope = { data, NULL };

	if (render(&r, text, text + strlen(text), &scope) != OK) {
		text_add(op, &faults, op_printf(op, "%s\n", op->fault.text));
		fault_clear(op);
	}
	if (!faults.n)
		return "";
	faults.s[faults.n - 1] = '\0';
	return faults.s;
}
