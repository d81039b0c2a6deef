/* shopctl webhook: what the provider told us, and what we made of it. */
#include "domain/webhook.h"

#include "base/cli.h"
#include "base/out.h"

static const struct shape list_args = SHAPE(webhook_query,
	FIELD(webhook_query, state, "STATE", "only in this state", 0,
		"received|processed|ignored|parked|dead"),
	FIELD(webhook_query, type, "TYPE",
		"only of this type, payment_intent.succeeded"),
	FIELD(webhook_query, since, "TIME", "received since: 2026-11-20, 2h, 30d"),
	FIELD(webhook_query, limit, "N", "at most N, newest first", 0, NULL, "50"));

struct one {
	int64_t webhook;
};

static const struct shape one_args =
	SHAPE(one, FIELD(one, webhook, "WEBHOOK", "number of the webhook",
			   FIELD_OPERAND | FIELD_REQUIRED));

static enum err list(struct op *op, const void *args)
{
	struct rows rows;

	TRY(webhook_list(op, args, &rows));
	return out_rows(op, &webhook_shape, rows);
}

static enum err show(struct op *op, const void *args)
{
	const struct one *a = args;
	struct webhook_full w;

	TRY(webhook_get(op, a->webhook, &w));
	return out_one(op, &webhook_full_shape, &w);
}

const struct command webhook_commands[] = {
	{ "list", "webhooks, newest first", &list_args, list, 0,
		"shopctl webhook list --state parked\n"
		"shopctl webhook list --type payment_intent.succeeded --since 1h" },
	{ "show", "one webhook and what became of it", &one_args, show, 0,
		"shopctl webhook show 7\n"
		"shopctl webhook show 7 --format json" },
	{ 0 },
};
