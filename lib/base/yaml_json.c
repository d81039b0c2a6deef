/* Documents that a person edits: JSON as YAML, and back; by libyaml. */
#include "base/yaml_json.h"

#include "base/json.h"
#include "base/text.h"

#include <ctype.h>
#include <string.h>
#include <yaml.h>

enum { YAML_DEPTH = 32 };

/* What a plain scalar would be taken for. */
static bool is_number(const char *s)
{
	size_t i = *s == '-';
	size_t digits = strspn(s + i, "0123456789");

	return digits > 0 && digits <= 15 && !s[i + digits] &&
	       (s[i] != '0' || digits == 1);
}

static bool is_word(const char *s)
{
	return !strcmp(s, "true") || !strcmp(s, "false") || !strcmp(s, "null") ||
	       !strcmp(s, "~") || !*s;
}

struct writer {
	struct op *op;
	yaml_emitter_t emitter;
	struct text text;
};

static int keep(void *data, unsigned char *bytes, size_t n)
{
	struct writer *w = data;

	text_add(w->op, &w->text, op_strndup(w->op, (const char *)bytes, n));
	return 1;
}

static void emit(struct writer *w, yaml_event_t event)
{
	yaml_emitter_emit(&w->emitter, &event);
}

static void emit_scalar(struct writer *w, const char *s, bool is_text)
{
	yaml_event_t event;
	yaml_scalar_style_t style = YAML_PLAIN_SCALAR_STYLE;

	if (is_text && strchr(s, '\n'))
		style = YAML_LITERAL_SCALAR_STYLE;
	else if (is_text && (is_word(s) || is_number(s)))
		style = YAML_SINGLE_QUOTED_SCALAR_STYLE;
	yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)s,
		(int)strlen(s), 1, 1, style);
	emit(w, event);
}

static void emit_node(struct writer *w, const struct json *node)
{
	const struct json *i;
	yaml_event_t event;
	bool list = json_is_array(node);

	if (!list && !json_is_object(node)) {
		const char *s = json_string(node);

		if (!json_is_null(node))
			emit_scalar(w, s ? s : json_text_of(w->op, node), s != NULL);
		else
			emit_scalar(w, "", false);
		return;
	}
	if (list)
		yaml_sequence_start_event_initialize(
			&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE);
	else
		yaml_mapping_start_event_initialize(
			&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE);
	emit(w, event);
	for (i = json_first(node); i; i = json_next(i)) {
		if (!list)
			emit_scalar(w, json_name(i), true);
		emit_node(w, i);
	}
	if (list)
		yaml_sequence_end_event_initialize(&event);
	else
		yaml_mapping_end_event_initialize(&event);
	emit(w, event);
}

enum err yaml_of_json(struct op *op, const char *json, const char **out)
{
	struct writer w = { .op = op };
	const struct json *root;
	yaml_event_t event;

	TRY(json_parse(op, json, strlen(json), &root));
	yaml_emitter_initialize(&w.emitter);
	yaml_emitter_set_output(&w.emitter, keep, &w);
	yaml_emitter_set_unicode(&w.emitter, 1);
	yaml_emitter_set_width(&w.emitter, 88);
	yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING);
	emit(&w, event);
	yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1);
	emit(&w, event);
	emit_node(&w, root);
	yaml_document_end_event_initialize(&event, 1);
	emit(&w, event);
	yaml_stream_end_event_initialize(&event);
	emit(&w, event);
	yaml_emitter_delete(&w.emitter);
	*out = w.text.s ? w.text.s : "";
	return OK;
}

struct reader {
	struct op *op;
	const char *name;
	yaml_document_t *document;
	struct json_writer json;
	int depth;
};

static enum err wrong(const struct reader *r, yaml_mark_t at, const char *what)
{
	return fail(r->op, E_DATA, "yaml_is_readable", "%s:%zu:%zu: %s", r->name,
		at.line + 1, at.column + 1, what);
}

static enum err read_text(
	const struct reader *r, const yaml_node_t *node, const char **out)
{
	if (node->type != YAML_SCALAR_NODE)
		return wrong(r, node->start_mark, "expected a plain name here");
	if (memchr(node->data.scalar.value, 0, node->data.scalar.length))
		return wrong(r, node->start_mark, "a NUL byte");
	*out = op_strndup(
		r->op, (const char *)node->data.scalar.value, node->data.scalar.length);
	return OK;
}

static enum err read_scalar(struct reader *r, const char *key, const yaml_node_t *node)
{
	bool plain = node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	const char *s;

	TRY(read_text(r, node, &s));
	if (plain && is_word(s))
		json_put_raw(&r->json, key, *s == 't' || *s == 'f' ? s : "null");
	else if (plain && is_number(s))
		json_put_raw(&r->json, key, s);
	else
		json_put(&r->json, key, s);
	return OK;
}

static enum err read_node(struct reader *r, const char *key, int id);

/* A key of a mapping that none before it is. */
static enum err read_key(struct reader *r, const yaml_node_t *map,
	const yaml_node_pair_t *pair, const char **out)
{
	const yaml_node_t *node = yaml_document_get_node(r->document, pair->key);
	const yaml_node_pair_t *p;
	const char *other;

	TRY(read_text(r, node, out));
	for (p = map->data.mapping.pairs.start; p < pair; p++) {
		TRY(read_text(r, yaml_document_get_node(r->document, p->key), &other));
		if (!strcmp(other, *out))
			return wrong(r, node->start_mark,
				op_printf(r->op, "%s is given twice", other));
	}
	return OK;
}

static enum err read_mapping(struct reader *r, const char *key, const yaml_node_t *node)
{
	const yaml_node_pair_t *p;
	const char *name;

	json_object(&r->json, key);
	for (p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top;
		p++) {
		TRY(read_key(r, node, p, &name));
		TRY(read_node(r, name, p->value));
	}
	json_close(&r->json);
	return OK;
}

static enum err read_sequence(
	struct reader *r, const char *key, const yaml_node_t *node)
{
	const yaml_node_item_t *i;

	json_array(&r->json, key);
	for (i = node->data.sequence.items.start; i < node->data.sequence.items.top;
		i++)
		TRY(read_node(r, NULL, *i));
	json_close(&r->json);
	return OK;
}

static enum err read_node(struct reader *r, const char *key, int id)
{
	const yaml_node_t *node = yaml_document_get_node(r->document, id);
	enum err e;

	/* An alias may lead back to where it is: no depth would end it. */
	if (++r->depth > YAML_DEPTH)
		return wrong(r, node->start_mark, "nested too deeply");
	if (node->type == YAML_MAPPING_NODE)
		e = read_mapping(r, key, node);
	else if (node->type == YAML_SEQUENCE_NODE)
		e = read_sequence(r, key, node);
	else
		e = read_scalar(r, key, node);
	r->depth--;
	return e;
}

static void free_document(void *document)
{
	yaml_document_delete(document);
}

/* Aliases multiply what a text holds: ten lines can mean a billion values. */
static enum err no_alias(const struct reader *r, const char *text)
{
	yaml_parser_t parser;
	yaml_token_t token;
	yaml_token_type_t type = YAML_NO_TOKEN;
	yaml_mark_t at = { 0 };
	bool found = false;

	yaml_parser_initialize(&parser);
	yaml_parser_set_input_string(
		&parser, (const unsigned char *)text, strlen(text));
	while (!found && type != YAML_STREAM_END_TOKEN &&
		yaml_parser_scan(&parser, &token)) {
		type = token.type;
		found = type == YAML_ALIAS_TOKEN || type == YAML_TAG_TOKEN;
		at = token.start_mark;
		yaml_token_delete(&token);
	}
	yaml_parser_delete(&parser);
	return found ? wrong(r, at, "no anchors and tags here: write the value") : OK;
}

enum err yaml_to_json(
	struct op *op, const char *name, const char *text, const char **out)
{
	yaml_document_t *document = op_alloc(op, sizeof *document);
	struct reader r = {
		.op = op, .name = name, .document = document, .json = { .op = op }
	};
	yaml_parser_t parser;
	yaml_mark_t at;
	const char *problem;
	int loaded;

	TRY(no_alias(&r, text));
	yaml_parser_initialize(&parser);
	yaml_parser_set_input_string(
		&parser, (const unsigned char *)text, strlen(text));
	loaded = yaml_parser_load(&parser, document);
	at = parser.problem_mark;
	problem = parser.problem ? op_strdup(op, parser.problem) : "not readable";
	yaml_parser_delete(&parser);
	if (!loaded)
		return wrong(&r, at, problem);
	op_defer(op, free_document, document);
	if (!yaml_document_get_root_node(document))
		return wrong(&r, at, "there is nothing in it");
	TRY(read_node(&r, NULL, 1));
	*out = r.json.text;
	return OK;
}
