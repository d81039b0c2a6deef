/* The configuration: every error at once with its place; secrets only from private
 * files. */
#include "test.h"

#include "base/config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void gone(void *file)
{
	unlink(file);
	free(file);
}

static const char *file_of(struct op *op, const char *text, mode_t mode)
{
	char *name = strdup("/dev/shm/shop-config-XXXXXX");
	int fd = mkstemp(name);

	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	fchmod(fd, mode);
	close(fd);
	op_defer(op, gone, name);
	return name;
}

/* The faults of a file, with its name left out. */
static const char *faults(struct op *op, const char *text)
{
	const char *file = file_of(op, text, 0600), *all = "", *p;
	struct config *c;

	if (config_load(op, file, &c) == OK)
		return "none";
	for (p = op->fault.text; *p; p++) {
		if (!strncmp(p, file, strlen(file)))
			p += strlen(file);
		all = op_printf(op, "%s%c", all, *p);
	}
	return all;
}

TEST_NO_DB(every_error_is_told_at_once_with_its_place)
{
	SAME(":1:1: there is no section \"htpp\"; did you mean \"http\"?\n"
	     ":4:3: there is no key \"lisen\"; did you mean \"listen\"?\n"
	     ":5:3: http.threads: \"many\" is not a whole number\n"
	     ":6:3: http.threads is given twice\n"
	     ":8: shop.currency is not an ISO 4217 code",
		faults(op, "htpp:\n  listen: x\nhttp:\n  lisen: y\n  threads: many\n"
			   "  threads: 3\nshop:\n  currency: EURO\n"));
}

TEST_NO_DB(a_file_that_is_not_yaml_is_told_where)
{
	CHECK(strstr(faults(op, "http:\n  listen: [\n"), ":3:1: ") != NULL);
}

TEST_NO_DB(values_say_where_they_come_from)
{
	const char *file = file_of(op, "http:\n  listen: unix:/x\n", 0600);
	struct config *c;
	struct rows all;
	size_t i, seen = 0;

	setenv("SHOP_HTTP_THREADS", "3", 1);
	CHECK(config_load(op, file, &c) == OK);
	unsetenv("SHOP_HTTP_THREADS");
	SAME("unix:/x", c->http.listen);
	SAME(3, c->http.threads);
	CHECK(config_values(op, c, &all) == OK);
	for (i = 0; i < all.n; i++) {
		const struct config_value *v = row_at(&config_value_shape, all, i);

		if (!strcmp(v->key, "http.listen") && ++seen)
			SAME(op_printf(op, "%s:2", file), (char *)(uintptr_t)v->source);
		if (!strcmp(v->key, "http.threads") && ++seen)
			SAME("SHOP_HTTP_THREADS", v->source);
		if (!strcmp(v->key, "http.batchers") && ++seen)
			SAME("default", v->source);
	}
	SAME(3, (int64_t)seen);
}

TEST_NO_DB(a_secret_that_others_can_read_is_refused)
{
	const char *secret = NULL;

	CHECK(secret_read(op, file_of(op, "s3cret\n", 0600), "x", &secret) == OK);
	SAME("s3cret", secret);
	CHECK(secret_read(op, file_of(op, "s3cret\n", 0640), "x", &secret) == E_CONFIG);
	SAME("secret_is_private", op->fault.rule);
	fault_clear(op);
	CHECK(secret_read(op, "/nonexistent/x", "x", &secret) == E_CONFIG);
	SAME("secret_is_there", op->fault.rule);
	fault_clear(op);
	CHECK(secret_read(op, file_of(op, "\n", 0600), "x", &secret) == E_CONFIG);
	SAME("secret_is_not_empty", op->fault.rule);
}
