/* A webhook as the door takes it in. */
#include "domain/webhook_receipt.h"

struct stored {
	int64_t id;
	bool duplicate;
};
static const struct shape stored_shape =
	SHAPE(stored, FIELD(stored, id), FIELD(stored, duplicate));

enum err webhook_receive(struct op *op, struct webhook_receipt *e)
{
	struct stored s;

	TRY(db_one(op, "webhook_receive", &stored_shape, &s, V(e->provider),
		V(e->account), V(e->livemode), V(e->event_id), V(e->type),
		V(e->object_id), V(e->api_version), V(e->body), V(e->headers),
		V(e->pulled)));
	e->id = s.id;
	e->duplicate = s.duplicate;
	return OK;
}
