/* shopctl config: what the programs would read, from where, and whether it is right. */
#include "base/cli.h"
#include "base/config.h"
#include "base/out.h"

#include <string.h>

struct show {
	const char *key;
};

static const struct shape show_args = SHAPE(
	show, FIELD(show, key, "KEY", "only this key, or the keys of this section",
		      FIELD_OPERAND));

struct check {
	const char *file;
};

static const struct shape check_args = SHAPE(
	check, FIELD(check, file, "FILE", "check this file instead of the usual ones",
		       FIELD_OPERAND));

static bool wanted(const char *key, const char *filter)
{
	size_t n = filter ? strlen(filter) : 0;

	return !filter || (!strncmp(key, filter, n) && (!key[n] || key[n] == '.'));
}

static enum err show(struct op *op, const void *args)
{
	const struct show *a = args;
	struct rows all;
	size_t i, kept = 0;

	TRY(config_values(op, op->config, &all));
	for (i = 0; i < all.n; i++) {
		struct config_value *v = row_at(&config_value_shape, all, i);

		if (wanted(v->key, a->key))
			*(struct config_value *)row_at(
				&config_value_shape, all, kept++) = *v;
	}
	all.n = kept;
	if (!kept) {
		fail(op, E_NOT_FOUND, "config_key_exists", "there is no key \"%s\"",
			a->key);
		return fail_hint(op, "all keys: shopctl config show");
	}
	return out_rows(op, &config_value_shape, all);
}

static enum err check(struct op *op, const void *args)
{
	const struct check *a = args;
	struct config *config;

	if (a->file)
		TRY(config_load(op, a->file, &config));
	out_note(op, "configuration: no errors");
	return OK;
}

/* Every key with its default and its one comment: what config/shop.yaml is. */
static enum err defaults(struct op *op, const void *args)
{
	const struct config_section *s;
	size_t i;

	(void)args;
	TRY(out_text(op,
		"# Every key, its default, and what it means.  Secrets are named by "
		"file only.\n# SHOP_SECTION_KEY in the environment goes before this "
		"file: SHOP_HTTP_LISTEN.\n"));
	for (s = config_sections; s->name; s++) {
		TRY(out_text(op, "\n%s:\n", s->name));
		for (i = 0; i < s->shape->count; i++) {
			const struct field *f = &s->shape->fields[i];
			const char *quote = f->type == FIELD_TEXT ? "\"" : "";

			TRY(out_text(op, "  # %s\n  %s: %s%s%s\n", f->help, f->name,
				quote, f->initial, quote));
		}
	}
	return OK;
}

const struct command config_commands[] = {
	{ "show", "each key with its value and where it comes from", &show_args, show,
		CMD_NO_DB,
		"shopctl config show\n"
		"shopctl config show http.listen --field value" },
	{ "check", "report every error of the configuration at once", &check_args,
		check, CMD_NO_DB,
		"shopctl config check\n"
		"shopctl config check /etc/shop/shop.yaml" },
	{ "defaults", "print a configuration file with every key and its default", NULL,
		defaults, CMD_NO_DB,
		"shopctl config defaults\n"
		"shopctl config defaults --output shop.yaml" },
	{ 0 },
};
