/* shopctl webhook: what the provider told us, and what we made of it. */
#include "shopctl/webhook.h"

#include "adapters/stripe_signature.h"
#include "base/cli.h"
#include "base/config.h"
#include "base/file.h"
#include "base/out.h"
#include "domain/webhook.h"

#include <stdio.h>

enum { BODY_MAX = 1 << 20, SECRETS_MAX = 65536 };

struct list_args {
	const char *state, *type;
	bool parked;
	struct stamp since;
	int64_t limit;
};

static const struct shape list_args = SHAPE(list_args,
	FIELD(list_args, state, "STATE", "only in this state", 0,
		"received|processed|ignored|parked|dead"),
	FIELD(list_args, parked, NULL, "only those that no order belongs to yet"),
	FIELD(list_args, type, "TYPE", "only of this type, payment_intent.succeeded"),
	FIELD(list_args, since, "TIME", "received since: 2026-11-20, 2h, 30d"),
	FIELD(list_args, limit, "N", "at most N, newest first", 0, NULL, "50"));

struct show_args {
	const char *webhook;
	bool body;
};

static const struct shape show_args = SHAPE(show_args,
	FIELD(show_args, webhook, "WEBHOOK", "its number, or the provider's evt_...",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(show_args, body, NULL, "its bytes as they came, and nothing else"));

struct verify_args {
	const char *payload, *header, *secret_file;
	struct stamp at;
};

static const struct shape verify_args = SHAPE(verify_args,
	FIELD(verify_args, payload, "FILE", "the body as it came; - is standard input",
		FIELD_REQUIRED),
	FIELD(verify_args, header, "TEXT", "what Stripe-Signature said",
		FIELD_REQUIRED),
	FIELD(verify_args, secret_file, "FILE",
		"with the signing secrets; else stripe.webhook_secret_file"),
	FIELD(verify_args, at, "TIME", "as if it came then, and not now"));

static enum err list(struct op *op, const void *args)
{
	const struct list_args *a = args;
	struct webhook_query q = { a->parked ? "parked" : a->state, a->type, a->since,
		a->limit };
	struct rows rows;

	if (a->parked && a->state)
		return fail(op, E_USAGE, "options_agree",
			"--parked is a state, and --state another");
	TRY(webhook_list(op, &q, &rows));
	return out_rows(op, &webhook_shape, rows);
}

static enum err show_body(struct op *op, const char *webhook)
{
	struct text bytes;

	TRY(webhook_body(op, webhook, &bytes));
	if (fwrite(bytes.s, 1, bytes.n, stdout) != bytes.n || fflush(stdout) != 0)
		return fail(op, E_OUTPUT, "result_is_written", "%m");
	return OK;
}

static enum err show(struct op *op, const void *args)
{
	const struct show_args *a = args;
	struct webhook_full w;

	if (a->body)
		return show_body(op, a->webhook);
	TRY(webhook_get(op, a->webhook, &w));
	return out_one(op, &webhook_full_shape, &w);
}

static enum err read_secrets(struct op *op, const char *file, struct texts *out)
{
	const char *text;

	if (file && strcmp(file, "-") == 0)
		TRY(file_read_text(op, file, SECRETS_MAX, &text));
	else
		TRY(secret_read(op,
			file ? file : op->config->stripe.webhook_secret_file,
			"stripe_webhook_secret", &text));
	return stripe_signature_secrets(op, text, out);
}

/* No database: what is checked is bytes against secrets. */
static enum err verify(struct op *op, const void *args)
{
	const struct verify_args *a = args;
	struct stripe_signed s = { .header = a->header, .now = a->at };
	struct texts secrets = { 0 };
	struct text payload;
	enum err e;

	if (!s.now.us)
		s.now = clock_now();
	TRY(file_read(op, a->payload, BODY_MAX, &payload));
	TRY(read_secrets(op, a->secret_file, &secrets));
	s.body = payload.s;
	s.n = payload.n;
	e = stripe_signature_check_at(
		op, secrets, &s, op->config->stripe.webhook_tolerance_s);
	if (e != OK && e != E_USAGE)
		return e;
	out_note(op, "%s", e == OK ? "signed by the provider" : op->fault.text);
	fault_clear(op);
	return e == OK ? OK : E_NO;
}

const struct command webhook_commands[] = {
	{ "list", "webhooks, newest first", &list_args, list, 0,
		"shopctl webhook list --parked\n"
		"shopctl webhook list --type payment_intent.succeeded --since 1h" },
	{ "show", "one webhook and what became of it", &show_args, show, 0,
		"shopctl webhook show 7\n"
		"shopctl webhook show evt_1Nabc --body",
		"Shows the body and the headers that tell where it came from. --body "
		"prints the bytes as they were signed, for webhook verify." },
	{ "replay", "look into webhooks again", &webhook_replay_args,
		webhook_replay_run, CMD_MUTATES | CMD_REASON,
		"shopctl webhook replay evt_1Nabc --reason 'fixed the stock' "
		"--dry-run\n"
		"shopctl webhook replay --since 2h --reason 'after the outage'",
		"The job looks into each again, as when it came; what it did before "
		"it does not do twice. With --dry-run the provider is asked now, and "
		"what would change is shown as it is and as it would be." },
	{ "verify", "whether the provider signed these bytes", &verify_args, verify,
		CMD_NO_DB,
		"shopctl webhook verify --payload event.json --header "
		"\"t=1700000000,v1=...\"\n"
		"shopctl webhook show 7 --body | shopctl webhook verify --payload - "
		"--header \"t=1700000000,v1=...\" --at 2023-11-14T22:13:20Z",
		"Needs no network and no database. Exit status 0: signed; 1: not, or "
		"not within stripe.webhook_tolerance_s of now (or of --at)." },
	{ "gaps", "events that the provider has and we never got", &webhook_gaps_args,
		webhook_gaps_run, CMD_MUTATES,
		"shopctl webhook gaps --since 24h\n"
		"shopctl webhook gaps --since 3d --undelivered --fetch",
		"Exit status 0: none; 1: some, and they are listed. With --fetch they "
		"are stored as if they had come, and their jobs look into them. The "
		"job webhook.gaps does so every hour by itself." },
	{ 0 },
};
