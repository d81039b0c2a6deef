/* shopctl config: what the programs would read, from where, and whether it is right. */
#include "base/cli.h"
#include "base/config.h"
#include "base/out.h"

#include <string.h>

struct show {
	const char *key;
};

static const struct shape show_args = SHAPE(show,
	FIELD(show, key, "KEY", "only this key, or the keys of this section",
		FIELD_OPERAND));

struct check {
	const char *file;
};

static const struct shape check_args = SHAPE(check,
	FIELD(check, file, "FILE", "check this file instead of the usual ones",
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
			*(struct config_value *)row_at(&config_value_shape, all, kept++) = *v;
	}
	all.n = kept;
	if (!kept) {
		fail(op, E_NOT_FOUND, "config_key_exists", "there is no key \"%s\"", a->key);
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

const struct command config_commands[] = {
	{ "show", "each key with its value and where it comes from", &show_args, show,
		CMD_NO_DB,
		"shopctl config show\n"
		"shopctl config show http.listen --field value" },
	{ "check", "report every error of the configuration at once", &check_args, check,
		CMD_NO_DB,
		"shopctl config check\n"
		"shopctl config check /etc/shop/shop.yaml" },
	{ 0 },
};
