/* Questions to carriers, one api call before and one after. */
#include "domain/tracking.h"

#include "base/config.h"
#include "base/log.h"
#include "db/db.h"

static const struct shape wish_shape =
	SHAPE(tracking_wish, FIELD(tracking_wish, id), FIELD(tracking_wish, carrier),
		FIELD(tracking_wish, tracking), FIELD(tracking_wish, wanted));

enum err tracking_load(struct op *op, int64_t shipment, struct tracking_wish *out)
{
	return db_one(op, "shipment_poll_load", &wish_shape, out, V(shipment));
}

struct recorded {
	const char *state;
	int64_t heard;
};
static const struct shape recorded_shape =
	SHAPE(recorded, FIELD(recorded, state), FIELD(recorded, heard));

enum err tracking_record(
	struct op *op, int64_t shipment, const char *source, const char *events)
{
	struct json_text list = { events };
	struct recorded r;

	TRY(db_one(op, "shipment_poll_record", &recorded_shape, &r, V(shipment),
		V(source), V(list), V(op->config->carrier.poll_minutes)));
	if (r.heard)
		log_event(op, LOG_INFO, "tracking", "shipment %lld: %lld new, %s",
			(long long)shipment, (long long)r.heard, r.state);
	return OK;
}
