/* Events that never came. */
#include "domain/webhook_pull.h"

#include "domain/webhook_receipt.h"

#include <string.h>

struct place {
	int64_t n; /* from 1 */
};
static const struct shape place_shape = SHAPE(place, FIELD(place, n));

static enum err missing_of_mode(struct op *op, const char *provider, bool livemode,
	const struct webhook_listed *events, size_t n, struct rows *out)
{
	const char **ids = op_alloc(op, (n + 1) * sizeof *ids);
	struct texts names = { ids, n };

	for (size_t i = 0; i < n; i++)
		ids[i] = events[i].livemode == livemode ? events[i].event_id : NULL;
	return db_rows(op, "webhook_missing", &place_shape, out, V(provider),
		V(livemode), V(names));
}

enum err webhook_missing(
	struct op *op, const char *provider, struct webhook_listed *events, size_t *n)
{
	struct webhook_listed *kept = op_alloc(op, (*n + 1) * sizeof *kept);
	struct rows rows;
	size_t count = 0;

	for (int livemode = 0; livemode < 2; livemode++) {
		TRY(missing_of_mode(op, provider, livemode, events, *n, &rows));
		for (size_t i = 0; i < rows.n; i++) {
			const struct place *p = row_at(&place_shape, rows, i);

			kept[count++] = events[p->n - 1];
		}
	}
	memcpy(events, kept, count * sizeof *kept);
	*n = count;
	return OK;
}

enum err webhook_pull(
	struct op *op, const char *provider, const struct webhook_listed *e)
{
	struct webhook_receipt r = { .provider = provider,
		.account = e->account,
		.livemode = e->livemode,
		.event_id = e->event_id,
		.type = e->type,
		.object_id = e->object_id,
		.api_version = e->api_version,
		.body = { e->body, strlen(e->body) },
		.pulled = true };

	return webhook_receive(op, &r);
}

enum err webhook_pull_on(struct op *op, const char *payload)
{
	struct json_text json = { payload };

	return db_do(op, "webhook_pull_on", V(json));
}
