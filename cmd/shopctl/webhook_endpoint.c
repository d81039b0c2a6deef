/* shopctl webhook-endpoint: programs of others that hear what happens here. */
#include "domain/webhook_endpoint.h"

#include "adapters/webhook_out.h"
#include "base/cli.h"
#include "base/config.h"
#include "base/id.h"
#include "base/out.h"
#include "domain/notification.h"

#include <string.h>

enum { SECRET_DIGITS = 32, SECRET_LEAST = 24 };

struct create {
	const char *url, *secret_file;
	struct texts events;
};

static const struct shape create_args = SHAPE(create,
	FIELD(create, url, "URL", "https://...", FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(create, events, "EVENT", "what it hears; repeat for several",
		FIELD_REQUIRED, NOTIFICATION_EVENTS),
	FIELD(create, secret_file, "FILE",
		"with the secret that signs; without: one is made and shown"));

struct made {
	int64_t id;
	const char *url, *secret;
	struct stamp old_until;
};

static const struct shape made_shape = SHAPE(made, FIELD(made, id, .flags = FIELD_ID),
	FIELD(made, url), FIELD(made, secret));

/* One from a file is not shown again; one that we make is shown this once. */
static enum err secret_of(
	struct op *op, const char *file, const char **secret, const char **shown)
{
	*shown = NULL;
	if (!file) {
		*shown = *secret =
			op_printf(op, "whsec_%s", id_token(op, SECRET_DIGITS));
		out_note(op, "this is the only time that the secret is shown");
		return OK;
	}
	TRY(secret_read(op, file, "webhook_out_secret", secret));
	if (strlen(*secret) >= SECRET_LEAST)
		return OK;
	return fail(op, E_DATA, "webhook_endpoint_secret_is_long",
		"the secret in %s has less than %d characters", file, SECRET_LEAST);
}

static enum err create(struct op *op, const void *args)
{
	const struct create *a = args;
	struct webhook_endpoint e;
	const char *secret;
	struct made m;

	TRY(webhook_url_check(op, a->url));
	TRY(secret_of(op, a->secret_file, &secret, &m.secret));
	TRY(webhook_endpoint_create(op, a->url, a->events, secret, &e));
	m.id = e.id;
	m.url = e.url;
	return out_one(op, &made_shape, &m);
}

struct one {
	int64_t id;
};

static const struct shape one_args = SHAPE(
	one, FIELD(one, id, "ID", "of the endpoint", FIELD_OPERAND | FIELD_REQUIRED));

static enum err list(struct op *op, const void *args)
{
	struct rows rows;

	(void)args;
	TRY(webhook_endpoint_list(op, &rows));
	return out_rows(op, &webhook_endpoint_shape, rows);
}

static enum err show(struct op *op, const void *args)
{
	const struct one *a = args;
	struct webhook_endpoint e;

	TRY(webhook_endpoint_show(op, a->id, &e));
	return out_one(op, &webhook_endpoint_shape, &e);
}

static enum err turn(struct op *op, const struct one *a, bool on)
{
	struct webhook_endpoint e;

	TRY(webhook_endpoint_switch(op, a->id, on, &e));
	return out_one(op, &webhook_endpoint_shape, &e);
}

static enum err enable(struct op *op, const void *args)
{
	return turn(op, args, true);
}

static enum err disable(struct op *op, const void *args)
{
	return turn(op, args, false);
}

struct rotate {
	int64_t id;
	const char *secret_file;
};

static const struct shape rotate_args = SHAPE(rotate,
	FIELD(rotate, id, "ID", "of the endpoint", FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(rotate, secret_file, "FILE",
		"with the next secret; without: one is made and shown"));

static const struct shape rotated_shape =
	SHAPE(made, FIELD(made, id, .flags = FIELD_ID), FIELD(made, secret),
		FIELD(made, old_until));

static enum err rotate(struct op *op, const void *args)
{
	const struct rotate *a = args;
	struct made m = { .id = a->id };
	const char *secret;

	TRY(secret_of(op, a->secret_file, &secret, &m.secret));
	TRY(webhook_endpoint_rotate(op, a->id, secret, &m.old_until));
	return out_one(op, &rotated_shape, &m);
}

static const struct shape delivery_args = SHAPE(delivery_query,
	FIELD(delivery_query, endpoint, "ID", "only to this endpoint"),
	FIELD(delivery_query, notification, "ID", "only of this notification"),
	FIELD(delivery_query, since, "TIME", "since then, or so long back"),
	FIELD(delivery_query, limit, "N", "at most N, newest first", 0, NULL, "50"));

static enum err deliveries(struct op *op, const void *args)
{
	struct rows rows;

	TRY(webhook_endpoint_deliveries(op, args, &rows));
	return out_rows(op, &webhook_delivery_shape, rows);
}

struct hear {
	int64_t id;
	struct texts events;
};

static const struct shape hear_args = SHAPE(hear,
	FIELD(hear, id, "ID", "of the endpoint", FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(hear, events, "EVENT", "what it hears; repeat for several",
		FIELD_REQUIRED, NOTIFICATION_EVENTS));

static enum err hear(struct op *op, const void *args)
{
	const struct hear *a = args;
	struct webhook_endpoint e;

	TRY(webhook_endpoint_hear(op, a->id, a->events, &e));
	return out_one(op, &webhook_endpoint_shape, &e);
}

static const struct shape replay_args = SHAPE(replay_query,
	FIELD(replay_query, endpoint, "ID", "of the endpoint",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(replay_query, event, "EVENT", "only of this event", 0,
		NOTIFICATION_EVENTS),
	FIELD(replay_query, since, "TIME", "only what happened since then"),
	FIELD(replay_query, all, NULL, "also what arrived"));

static enum err replay(struct op *op, const void *args)
{
	struct rows rows;

	TRY(webhook_endpoint_replay(op, args, &rows));
	return out_rows(op, &notification_shape, rows);
}

const struct command webhook_endpoint_commands[] = {
	{ "create", "send events to a program of others", &create_args, create,
		CMD_MUTATES,
		"shopctl webhook-endpoint create https://example.com/hooks --events "
		"shipped --events delivered\n"
		"shopctl webhook-endpoint create https://example.com/stock --events "
		"low_stock --secret-file hook.secret",
		"An event is a POST of JSON with Shop-Signature: t=TIME,v1=HMAC, the "
		"hex HMAC-SHA256 of \"TIME.BODY\" under the secret; a 2xx within "
		"webhook_out.timeout_ms takes it. Repeats have the same id." },
	{ "list", "who hears what, and how it goes", NULL, list, 0,
		"shopctl webhook-endpoint list\n"
		"shopctl webhook-endpoint list --format json" },
	{ "show", "one endpoint", &one_args, show, 0,
		"shopctl webhook-endpoint show 1\n"
		"shopctl webhook-endpoint show 1 --format json" },
	{ "enable", "send again what happens from now on", &one_args, enable,
		CMD_MUTATES,
		"shopctl webhook-endpoint enable 1\n"
		"shopctl webhook-endpoint enable 1 --reason 'they moved' --dry-run",
		"What happened meanwhile is sent by replay." },
	{ "disable", "send nothing more there", &one_args, disable, CMD_MUTATES,
		"shopctl webhook-endpoint disable 1 --reason 'contract ended'\n"
		"shopctl webhook-endpoint disable 1 --dry-run" },
	{ "hear", "send other events there from now on", &hear_args, hear, CMD_MUTATES,
		"shopctl webhook-endpoint hear 1 --events shipped --events "
		"refund_sent\n"
		"shopctl webhook-endpoint hear 1 --events low_stock --dry-run",
		"The list replaces the one before; what is on its way arrives." },
	{ "rotate", "sign with another secret; for a day the old one signs too",
		&rotate_args, rotate, CMD_MUTATES,
		"shopctl webhook-endpoint rotate 1\n"
		"shopctl webhook-endpoint rotate 1 --secret-file hook.secret" },
	{ "deliveries", "every attempt and how it ended, newest first", &delivery_args,
		deliveries, 0,
		"shopctl webhook-endpoint deliveries --endpoint 1 --since 1d\n"
		"shopctl webhook-endpoint deliveries --notification 7" },
	{ "replay", "send what failed there, or was missed while disabled",
		&replay_args, replay, CMD_MUTATES,
		"shopctl webhook-endpoint replay 1 --since 3d\n"
		"shopctl webhook-endpoint replay 1 --event shipped --all --dry-run",
		"The events are the same bytes under the same ids." },
	{ 0 },
};
