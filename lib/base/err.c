/* The error table, unfolded into its three readings. */
#include "base/err.h"

#include <stddef.h>

static const struct {
	const char *name;
	int exit, http;
	enum job_fate job;
} table[] = {
#define X(code, exit, http, job) { #code, exit, http, job },
	ERRORS(X)
#undef X
};

int err_exit(enum err e)
{
	return table[e].exit;
}

int err_http(enum err e)
{
	return table[e].http;
}

enum job_fate err_job(enum err e)
{
	return table[e].job;
}

const char *err_name(enum err e)
{
	return table[e].name;
}
