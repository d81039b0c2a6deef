/* webhook.gaps: find the events that got lost on their way to us. */
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "domain/webhook_pull.h"
#include "shop-worker/kind.h"
#include "shop-worker/provider_step.h"

#include <string.h>

enum { PAGES = 8, SECOND = 1000000 };

/* What a run reads, as the schedule or the run before it says. */
struct pull {
	const char *provider, *after;
	int64_t hours, settle_s, undelivered_hours;
	int64_t since_s, until_s; /* of a run that goes on */
	bool undelivered;
};

static const struct shape pull_shape =
	SHAPE(pull, FIELD(pull, provider), FIELD(pull, after), FIELD(pull, hours),
		FIELD(pull, settle_s), FIELD(pull, undelivered_hours),
		FIELD(pull, since_s), FIELD(pull, until_s), FIELD(pull, undelivered));

/* The newest may still be on their way: the provider delivers in seconds. */
static void set_window(struct pull *pull)
{
	int64_t now = clock_now().us / SECOND;

	if (pull->since_s)
		return;
	pull->until_s = now - pull->settle_s;
	pull->since_s = now - 3600 * (pull->undelivered ? pull->undelivered_hours
							: pull->hours);
}

static enum err go_on(struct op *op, const struct pull *pull, const char *after)
{
	struct pull next = *pull;

	next.after = after;
	return webhook_pull_on(op, provider_facts(op, &pull_shape, &next));
}

static enum err store(struct op *op, const struct pull *pull,
	const struct provider_events *page, int64_t *found)
{
	struct webhook_listed *list = op_alloc(op, (page->n + 1) * sizeof *list);
	size_t n = 0;

	for (size_t i = 0; i < page->n; i++) {
		const struct provider_listed *e = &page->v[i];

		list[n++] = (struct webhook_listed){ e->event_id, e->type, e->object_id,
			e->api_version, e->account, e->body, e->livemode };
	}
	TRY(webhook_missing(op, pull->provider, list, &n));
	for (size_t i = 0; i < n; i++)
		TRY(webhook_pull(op, pull->provider, &list[i]));
	*found += (int64_t)n;
	return OK;
}

/* A few pages a run, so that the lease outlives it; the next run goes on. */
static enum err read_pages(struct op *op, const struct provider *p,
	const struct pull *pull, int64_t *found)
{
	struct provider_page ask = { { pull->since_s * SECOND },
		{ pull->until_s * SECOND }, pull->undelivered, pull->after };
	struct provider_events page;
	struct gate gate;

	for (int i = 0; i < PAGES; i++) {
		TRY(gate_pass(op, p, &gate));
		TRY(p->events(op, &ask, &page));
		gate_tell(op, &gate, page.away, page.error);
		if (strcmp(page.verdict, "done") != 0)
			return fail(op, E_AWAY, "provider_answers", "%s: %s", p->name,
				page.error);
		TRY(store(op, pull, &page, found));
		if (!page.next)
			return OK;
		ask.after = page.next;
	}
	return go_on(op, pull, ask.after);
}

static enum err run(struct op *op, const struct job *job)
{
	struct pull pull = { .provider = "stripe", .hours = 2, .settle_s = 300 };
	const struct provider *p;
	const struct json *payload;
	int64_t found = 0;

	if (job->payload) {
		TRY(json_parse(op, job->payload, strlen(job->payload), &payload));
		TRY(json_into(op, payload, &pull_shape, &pull));
	}
	TRY(provider_find(op, pull.provider, &p));
	if (!p->events)
		return OK;
	if (!pull.since_s && pull.undelivered_hours && !pull.undelivered) {
		struct pull other = pull;

		other.undelivered = true;
		TRY(go_on(op, &other, NULL));
	}
	set_window(&pull);
	TRY(read_pages(op, p, &pull, &found));
	if (found)
		log_event(op, LOG_WARNING, "webhooks_were_lost",
			"%lld events of %s had not come; they are stored now",
			(long long)found, p->name);
	return OK;
}

const struct job_kind webhook_gaps = {
	.kind = "webhook.gaps", .lease_s = 300, .tries = 5, .run = run
};
