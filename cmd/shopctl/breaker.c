/* shopctl breaker: whether providers are asked, by themselves or by hand. */
#include "domain/breaker.h"

#include "base/cli.h"
#include "base/out.h"

struct one {
	const char *provider;
	int64_t seconds;
};
#define PROVIDER                                                                       \
	FIELD(one, provider, "PROVIDER", "its name: stripe, mail, webhook:3",          \
		FIELD_OPERAND | FIELD_REQUIRED)
static const struct shape trip_args = SHAPE(one, PROVIDER,
	FIELD(one, seconds, "N", "then one call tries; 0: until it is reset", 0, NULL,
		"0"));
static const struct shape reset_args = SHAPE(one, PROVIDER);

static enum err list(struct op *op, const void *args)
{
	struct rows rows;

	(void)args;
	TRY(breaker_list(op, NULL, &rows));
	return out_rows(op, &breaker_shape, rows);
}

static enum err show(struct op *op, const char *provider)
{
	struct rows rows;

	TRY(breaker_list(op, provider, &rows));
	return out_one(op, &breaker_shape, rows.items);
}

static enum err trip(struct op *op, const void *args)
{
	const struct one *a = args;

	TRY(breaker_trip(op, a->provider, a->seconds, op->reason));
	return show(op, a->provider);
}

static enum err reset(struct op *op, const void *args)
{
	const struct one *a = args;

	TRY(breaker_reset(op, a->provider));
	return show(op, a->provider);
}

const struct command breaker_commands[] = {
	{ "list", "each provider: asked or not, since when, what waits for it", NULL,
		list, 0,
		"shopctl breaker list\n"
		"shopctl breaker list --format json",
		"closed: calls go. open: none goes until probe_at. half_open: one call "
		"tries, and what becomes of it decides. Jobs wait that long and burn "
		"no try; checkouts go on. mail and sms are the relay and the API of "
		"short "
		"messages; webhook:ID is an endpoint, each with a breaker of its "
		"own." },
	{ "trip", "ask a provider nothing, for a time or until it is reset", &trip_args,
		trip, CMD_MUTATES | CMD_REASON,
		"shopctl breaker trip stripe --seconds 600 --reason 'they repair'\n"
		"shopctl breaker trip paypal --reason 'our account is locked' "
		"--dry-run" },
	{ "reset", "ask a provider again, and let what waited go at once", &reset_args,
		reset, CMD_MUTATES | CMD_REASON,
		"shopctl breaker reset stripe --reason 'they are back'\n"
		"shopctl breaker reset stripe --reason 'they are back' --dry-run" },
	{ 0 },
};
