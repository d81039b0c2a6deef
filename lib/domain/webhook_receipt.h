/* A webhook as the door takes it in: stored before anybody says 200. */
#ifndef DOMAIN_WEBHOOK_RECEIPT_H
#define DOMAIN_WEBHOOK_RECEIPT_H

#include "db/db.h"

struct webhook_receipt {
	const char *provider, *account; /* account: NULL is our own */
	bool livemode;
	const char *event_id, *type; /* NULL: the bytes are no event */
	const char *object_id, *api_version;
	struct bytes body;        /* as it came */
	struct json_text headers; /* those that tell where it came from */
	bool pulled; /* nobody sent it: we found it in the provider's list */
	/* answered */
	int64_t id;
	bool duplicate;
};

/* Store it, or count one more delivery of it; its job is enqueued with it. */
enum err webhook_receive(struct op *op, struct webhook_receipt *e);

#endif
