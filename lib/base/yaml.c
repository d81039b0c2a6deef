/* Two levels of YAML - sections of keys - with the place of every value; by libyaml. */
#include "base/yaml.h"

#include <stdio.h>
#include <string.h>
#include <yaml.h>

struct seen {
	struct seen *next;
	const char *name;
};

struct reader {
	struct op *op;
	struct yaml_errors *errors;
	void (*each)(struct op *op, void *ctx, const struct yaml_value *value);
	void *ctx;
	yaml_document_t document;
	const char *file;
	struct seen *seen;
};

void yaml_error(struct op *op, struct yaml_errors *errors, const struct yaml_value *at,
	const char *fmt, ...)
{
	va_list args;

	const char *where =
		at->line ? op_printf(op, "%s:%zu:%zu", at->file, at->line, at->column)
			 : at->file;

	va_start(args, fmt);
	errors->text = op_printf(op, "%s%s%s: %s", errors->n ? errors->text : "",
		errors->n ? "\n" : "", where, op_vprintf(op, fmt, args));
	errors->n++;
	va_end(args);
}

static struct yaml_value place(const struct reader *r, const yaml_node_t *node)
{
	return (struct yaml_value){ .file = r->file,
		.line = node->start_mark.line + 1,
		.column = node->start_mark.column + 1 };
}

static bool is_new(struct reader *r, const char *name)
{
	struct seen *s;

	for (s = r->seen; s; s = s->next)
		if (!strcmp(s->name, name))
			return false;
	s = op_alloc(r->op, sizeof *s);
	s->name = name;
	s->next = r->seen;
	r->seen = s;
	return true;
}

static const char *scalar(struct reader *r, const yaml_node_t *node)
{
	struct yaml_value at = place(r, node);

	if (node->type == YAML_SCALAR_NODE &&
		!memchr(node->data.scalar.value, 0, node->data.scalar.length))
		return op_strndup(r->op, (const char *)node->data.scalar.value,
			node->data.scalar.length);
	yaml_error(r->op, r->errors, &at, "expected a plain value here");
	return NULL;
}

static void read_key(struct reader *r, const char *section,
	const yaml_node_pair_t *pair, const struct yaml_value *head)
{
	const yaml_node_t *name = yaml_document_get_node(&r->document, pair->key);
	const yaml_node_t *node = yaml_document_get_node(&r->document, pair->value);
	struct yaml_value value = place(r, name);

	value.section = section;
	value.section_line = head->line;
	value.first = head->first;
	value.key = scalar(r, name);
	value.text = value.key ? scalar(r, node) : NULL;
	if (!value.text)
		return;
	if (!is_new(r, op_printf(r->op, "%s.%s", section, value.key)))
		yaml_error(r->op, r->errors, &value, "%s.%s is given twice", section,
			value.key);
	else
		r->each(r->op, r->ctx, &value);
}

static void read_section(struct reader *r, const yaml_node_pair_t *pair)
{
	const yaml_node_t *name = yaml_document_get_node(&r->document, pair->key);
	const yaml_node_t *node = yaml_document_get_node(&r->document, pair->value);
	const char *section = scalar(r, name);
	struct yaml_value at = place(r, name);
	yaml_node_pair_t *p;

	if (!section)
		return;
	if (node->type == YAML_SCALAR_NODE && node->data.scalar.length == 0)
		return; /* a section with every key commented out */
	if (node->type != YAML_MAPPING_NODE) {
		yaml_error(r->op, r->errors, &at,
			"%s must hold keys, each `name: value`", section);
		return;
	}
	if (!is_new(r, section))
		yaml_error(r->op, r->errors, &at, "section %s is given twice", section);
	for (p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top;
		p++) {
		at.first = p == node->data.mapping.pairs.start;
		read_key(r, section, p, &at);
	}
}

static void read_root(struct reader *r)
{
	const yaml_node_t *root = yaml_document_get_root_node(&r->document);
	struct yaml_value at;
	yaml_node_pair_t *p;

	if (!root)
		return;
	at = place(r, root);
	if (root->type != YAML_MAPPING_NODE) {
		yaml_error(r->op, r->errors, &at,
			"expected sections, such as `database:`");
		return;
	}
	for (p = root->data.mapping.pairs.start; p < root->data.mapping.pairs.top; p++)
		read_section(r, p);
}

enum err yaml_read(struct op *op, const char *file, struct yaml_errors *errors,
	void (*each)(struct op *op, void *ctx, const struct yaml_value *value),
	void *ctx)
{
	struct reader r = {
		.op = op, .errors = errors, .each = each, .ctx = ctx, .file = file
	};
	struct yaml_value at = { .file = file };
	yaml_parser_t parser;
	FILE *f = fopen(file, "re");

	if (!f)
		return fail(op, E_NO_INPUT, "input_is_readable", "%s: %m", file);
	yaml_parser_initialize(&parser);
	yaml_parser_set_input_file(&parser, f);
	if (yaml_parser_load(&parser, &r.document)) {
		read_root(&r);
		yaml_document_delete(&r.document);
	} else {
		at.line = parser.problem_mark.line + 1;
		at.column = parser.problem_mark.column + 1;
		yaml_error(op, errors, &at, "%s",
			parser.problem ? parser.problem : "not YAML");
	}
	yaml_parser_delete(&parser);
	fclose(f);
	return OK;
}
