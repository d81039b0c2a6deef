/* shopctl webhook gaps: compare the provider's list of events with ours. */
#include "adapters/provider.h"
#include "base/cli.h"
#include "base/out.h"
#include "domain/webhook_pull.h"
#include "shopctl/webhook.h"

#include <string.h>

enum { PAGES_MAX = 2000 };

struct gaps_args {
	const char *provider;
	struct stamp since;
	bool undelivered, fetch;
};

const struct shape webhook_gaps_args = SHAPE(gaps_args,
	FIELD(gaps_args, provider, "NAME", "whose events", 0, NULL, "stripe"),
	FIELD(gaps_args, since, "TIME", "made since: 2026-11-20, 24h", 0, NULL, "24h"),
	FIELD(gaps_args, undelivered, NULL,
		"only those that the provider knows as undelivered"),
	FIELD(gaps_args, fetch, NULL, "store them, and have them looked into"));

static const struct shape gap_shape =
	SHAPE(webhook_listed, FIELD(webhook_listed, event_id),
		FIELD(webhook_listed, type), FIELD(webhook_listed, object_id),
		FIELD(webhook_listed, api_version), FIELD(webhook_listed, livemode));

static enum err next_page(struct op *op, const struct provider *p,
	struct provider_page *ask, struct webhook_listed **list, size_t *n)
{
	struct provider_events page;

	TRY(p->events(op, ask, &page));
	if (strcmp(page.verdict, "done") != 0)
		return fail(
			op, E_AWAY, "provider_answers", "%s: %s", p->name, page.error);
	*list = op_alloc(op, (page.n + 1) * sizeof **list);
	for (size_t i = 0; i < page.n; i++) {
		const struct provider_listed *e = &page.v[i];

		(*list)[i] =
			(struct webhook_listed){ e->event_id, e->type, e->object_id,
				e->api_version, e->account, e->body, e->livemode };
	}
	*n = page.n;
	ask->after = page.next;
	return webhook_missing(op, p->name, *list, n);
}

static enum err report(struct op *op, const char *provider, bool fetch,
	const struct webhook_listed *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (fetch)
			TRY(webhook_pull(op, provider, &list[i]));
		TRY(out_row(op, &list[i]));
	}
	return OK;
}

enum err webhook_gaps_run(struct op *op, const void *args)
{
	const struct gaps_args *a = args;
	struct provider_page ask = { .since = a->since, .undelivered = a->undelivered };
	const struct provider *p;
	struct webhook_listed *list = NULL;
	size_t n = 0, total = 0;
	int pages = 0;

	TRY(provider_find(op, a->provider, &p));
	if (!p->events)
		return fail(op, E_REFUSED, "provider_keeps_a_list",
			"%s has no list of its events", p->name);
	TRY(out_begin(op, &gap_shape));
	do {
		TRY(next_page(op, p, &ask, &list, &n));
		TRY(report(op, p->name, a->fetch, list, n));
		total += n;
	} while (ask.after && ++pages < PAGES_MAX && !cli_interrupted());
	TRY(out_end(op));
	out_note(op, "%zu events never came%s", total,
		total && a->fetch ? "; they are stored now" : "");
	return total && !a->fetch ? E_NO : OK;
}
