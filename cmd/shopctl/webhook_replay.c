/* shopctl webhook replay: look into events again, or see what that would change. */
#include "adapters/provider.h"
#include "base/cli.h"
#include "base/out.h"
#include "domain/webhook.h"
#include "shopctl/webhook.h"

#include <string.h>

struct replay_args {
	const char *webhook;
	struct stamp since;
};

const struct shape webhook_replay_args = SHAPE(replay_args,
	FIELD(replay_args, webhook, "WEBHOOK", "its number, or the provider's evt_...",
		FIELD_OPERAND),
	FIELD(replay_args, since, "TIME", "all that came since: 2026-11-20, 2h"));

/* Ask the provider, as the job would. */
static enum err preview(struct op *op, const struct webhook_event *w, struct rows *out)
{
	struct provider_event e = { w->type, w->object_id, w->body, NULL, NULL, NULL };
	struct provider_call call = { 0 };
	struct provider_answer got = { 0 };
	const struct provider *p;

	*out = (struct rows){ 0 };
	TRY(provider_find(op, w->provider, &p));
	if (p->event(op, &e) != OK) {
		fault_clear(op);
		e.action = "";
		e.why = "it names nothing that can be asked for";
	}
	if (!*e.action) {
		out_note(op, "%s: %s", w->event_id, e.why ? e.why : "ignored");
		return OK;
	}
	call.action = e.action;
	call.ref = e.ref;
	TRY(p->call(op, &call, &got));
	if (strcmp(got.verdict, "done") != 0) {
		out_note(op, "%s: the provider says %s%s%s", w->event_id, got.verdict,
			got.error ? ", " : "", got.error ? got.error : "");
		return OK;
	}
	return webhook_preview(op, w->id,
		op_strndup(op, e.action, strcspn(e.action, ".")),
		(struct json_text){ got.facts }, out);
}

static enum err show_changes(struct op *op, struct rows chosen)
{
	struct rows changes;

	TRY(out_begin(op, &webhook_change_shape));
	for (size_t i = 0; i < chosen.n && !cli_interrupted(); i++) {
		const struct webhook_event *w = row_at(&webhook_event_shape, chosen, i);

		TRY(preview(op, w, &changes));
		for (size_t k = 0; k < changes.n; k++)
			TRY(out_row(op, row_at(&webhook_change_shape, changes, k)));
		if (!changes.n)
			out_note(op, "%s would change nothing", w->event_id);
	}
	return out_end(op);
}

static enum err replay_all(struct op *op, struct rows chosen)
{
	TRY(out_begin(op, &webhook_replayed_shape));
	for (size_t i = 0; i < chosen.n && !cli_interrupted(); i++) {
		const struct webhook_event *w = row_at(&webhook_event_shape, chosen, i);
		struct webhook_replayed r;

		TRY(webhook_replay(op, w->id, op->reason, &r));
		TRY(out_row(op, &r));
	}
	return out_end(op);
}

enum err webhook_replay_run(struct op *op, const void *args)
{
	const struct replay_args *a = args;
	struct rows chosen;

	if (!a->webhook == !a->since.us) {
		fail(op, E_USAGE, "options_agree",
			"a replay is of one webhook or of all since a time");
		return fail_hint(op, "shopctl webhook replay --since 2h");
	}
	TRY(webhook_chosen(op, a->webhook, a->since, &chosen));
	return op->dry_run ? show_changes(op, chosen) : replay_all(op, chosen);
}
