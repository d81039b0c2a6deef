/* The configuration: defaults, files, environment - in that order, each with its
 * source. */
#include "base/config.h"

#include "base/yaml.h"

#include <ctype.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct shape config_value_shape =
	SHAPE(config_value, FIELD(config_value, key), FIELD(config_value, value),
		FIELD(config_value, source), FIELD(config_value, help));

struct loading {
	struct config *config;
	const char **origins;
	struct yaml_errors errors;
};

static size_t key_count(void)
{
	const struct config_section *s;
	size_t n = 0;

	for (s = config_sections; s->name; s++)
		n += s->shape->count;
	return n;
}

/* The origin of a field: keys are numbered in table order. */
static const char **origin(
	struct loading *l, const struct config_section *section, const struct field *f)
{
	const struct config_section *s;
	size_t n = 0;

	for (s = config_sections; s != section; s++)
		n += s->shape->count;
	return &l->origins[n + (size_t)(f - section->shape->fields)];
}

static void *section_of(const struct config *c, const struct config_section *s)
{
	return (char *)(uintptr_t)c + s->offset;
}

/* Put one value in place; a bad one is an error at its place, not the end of reading.
 */
static void set(struct op *op, struct loading *l, const struct config_section *s,
	const struct field *f, const struct yaml_value *v)
{
	void *item = section_of(l->config, s);

	if (f->type == FIELD_TEXT && !*v->text) {
		*(const char **)(void *)((char *)item + f->offset) = "";
	} else if (field_parse(op, f, item, v->text) != OK) {
		yaml_error(op, &l->errors, v, "%s.%s", s->name, op->fault.text);
		fault_clear(op);
		return;
	}
	*origin(l, s, f) =
		v->line ? op_printf(op, "%s:%zu", v->file, v->line) : v->file;
}

static const char *section_names(struct op *op)
{
	const struct config_section *s;
	const char *all = "";

	for (s = config_sections; s->name; s++)
		all = op_printf(op, "%s%s%s", all, *all ? "|" : "", s->name);
	return all;
}

static void unknown_section(struct op *op, struct loading *l, struct yaml_value v)
{
	const char *near = nearest(op, v.section, section_names(op));

	v.line = v.section_line;
	v.column = 1;
	if (v.first)
		yaml_error(op, &l->errors, &v, "there is no section \"%s\"%s",
			v.section,
			near ? op_printf(op, "; did you mean \"%s\"?", near) : "");
}

static void from_file(struct op *op, void *ctx, const struct yaml_value *v)
{
	struct loading *l = ctx;
	const struct config_section *s = config_sections;
	const struct field *f;
	const char *near;

	while (s->name && strcmp(s->name, v->section) != 0)
		s++;
	if (!s->name) {
		unknown_section(op, l, *v);
		return;
	}
	f = shape_find(s->shape, v->key);
	if (f) {
		set(op, l, s, f, v);
		return;
	}
	near = shape_nearest(op, s->shape, v->key);
	yaml_error(op, &l->errors, v, "there is no key \"%s\"%s", v->key,
		near ? op_printf(op, "; did you mean \"%s\"?", near) : "");
}

/* SHOP_HTTP_LISTEN is http.listen. */
static const char *from_environment(
	struct op *op, const struct config_section *s, const struct field *f)
{
	char *name = op_printf(op, "SHOP_%s_%s", s->name, f->name), *p;

	for (p = name; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	return name;
}

static void defaults(struct op *op, struct loading *l)
{
	const struct config_section *s;
	size_t i;

	for (s = config_sections; s->name; s++) {
		for (i = 0; i < s->shape->count; i++) {
			const struct field *f = &s->shape->fields[i];
			struct yaml_value v = { .text = f->initial, .file = "default" };

			set(op, l, s, f, &v);
		}
	}
}

static void environment(struct op *op, struct loading *l)
{
	const struct config_section *s;
	size_t i;

	for (s = config_sections; s->name; s++) {
		for (i = 0; i < s->shape->count; i++) {
			const struct field *f = &s->shape->fields[i];
			const char *name = from_environment(op, s, f);
			struct yaml_value v = { .text = getenv(name), .file = name };

			if (v.text)
				set(op, l, s, f, &v);
		}
	}
}

static enum err optional(struct op *op, struct loading *l, const char *file)
{
	return access(file, F_OK) == 0 ? yaml_read(op, file, &l->errors, from_file, l)
				       : OK;
}

static enum err usual_files(struct op *op, struct loading *l)
{
	const char *home = getenv("HOME"), *xdg = getenv("XDG_CONFIG_HOME");
	enum err e = optional(op, l, "/etc/shop/shop.yaml");
	glob_t found;
	size_t i;

	if (e == OK && glob("/etc/shop/conf.d/*.yaml", 0, NULL, &found) == 0) {
		for (i = 0; i < found.gl_pathc && e == OK; i++)
			e = yaml_read(op, op_strdup(op, found.gl_pathv[i]), &l->errors,
				from_file, l);
		globfree(&found);
	}
	TRY(e);
	if (xdg && *xdg)
		return optional(op, l, op_printf(op, "%s/shopctl/config.yaml", xdg));
	return home ? optional(op, l,
			      op_printf(op, "%s/.config/shopctl/config.yaml", home))
		    : OK;
}

/* An error of a whole value, at the place it came from. */
static void nonsense(
	struct op *op, struct loading *l, const char *key, const char *words)
{
	struct rows all;
	struct yaml_value at = { 0 };
	size_t i;

	config_values(op, l->config, &all);
	for (i = 0; i < all.n; i++) {
		const struct config_value *v = row_at(&config_value_shape, all, i);

		if (!strcmp(v->key, key))
			at.file = v->source;
	}
	yaml_error(op, &l->errors, &at, "%s %s", key, words);
}

/* What no single type can say. */
static void sense(struct op *op, struct loading *l)
{
	const struct config *c = l->config;

	if (money_exponent(c->shop.currency) < 0)
		nonsense(op, l, "shop.currency", "is not an ISO 4217 code");
	if (c->shop.reservation_minutes < 1)
		nonsense(op, l, "shop.reservation_minutes", "starts at 1");
	if (c->payment.manual_days < 1 || c->payment.manual_days > 365)
		nonsense(op, l, "payment.manual_days", "lies between 1 and 365");
	if (c->stripe.webhook_tolerance_s < 1)
		nonsense(op, l, "stripe.webhook_tolerance_s",
			"must be positive: 0 would accept any replay");
	if (c->paypal.webhook_tolerance_h < 1 || c->paypal.webhook_tolerance_h > 720)
		nonsense(op, l, "paypal.webhook_tolerance_h",
			"lies between 1 and 720 hours");
	if (*c->paypal.cert_base_url &&
		strncmp(c->paypal.cert_base_url, "https://", 8) != 0 &&
		strncmp(c->paypal.cert_base_url, "http://127.0.0.1:", 17) != 0)
		nonsense(op, l, "paypal.cert_base_url",
			"is an https address, or http://127.0.0.1:PORT");
	if (c->http.batch_max < 1 || c->http.batch_max > 1000)
		nonsense(op, l, "http.batch_max", "lies between 1 and 1000");
	if (c->http.batchers < 1)
		nonsense(op, l, "http.batchers", "starts at 1");
	if (c->http.threads < 1)
		nonsense(op, l, "http.threads", "starts at 1");
	if (c->http.queue_max < 1)
		nonsense(op, l, "http.queue_max", "starts at 1");
}

enum err config_load(struct op *op, const char *file, struct config **out)
{
	struct loading l = { .config = op_alloc(op, sizeof *l.config) };

	l.origins = op_alloc(op, key_count() * sizeof *l.origins);
	l.config->origins = l.origins;
	defaults(op, &l);
	TRY(file ? yaml_read(op, file, &l.errors, from_file, &l) : usual_files(op, &l));
	environment(op, &l);
	sense(op, &l);
	*out = l.config;
	if (!l.errors.n)
		return OK;
	fail(op, E_CONFIG, "config_is_valid", "%s", l.errors.text);
	return fail_hint(
		op, "every key and its default: shopctl config show, man shop.yaml");
}

enum err config_values(struct op *op, const struct config *c, struct rows *out)
{
	const struct config_section *s;
	size_t i;

	*out = (struct rows){ op_alloc(op, key_count() * sizeof(struct config_value)),
		0 };
	for (s = config_sections; s->name; s++) {
		for (i = 0; i < s->shape->count; i++) {
			const struct field *f = &s->shape->fields[i];
			struct config_value *v =
				row_at(&config_value_shape, *out, out->n);

			v->key = op_printf(op, "%s.%s", s->name, f->name);
			v->value = field_text(op, f, section_of(c, s));
			v->source = c->origins[out->n++];
			v->help = f->help;
		}
	}
	return OK;
}
