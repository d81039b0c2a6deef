/* The certificates that webhooks are signed with. */
#include "domain/webhook_certificate.h"

#include "db/db.h"

static const struct shape found_shape = SHAPE(webhook_certificate,
	FIELD(webhook_certificate, state), FIELD(webhook_certificate, pem));

static const struct shape wish_shape = SHAPE(webhook_certificate_wish,
	FIELD(webhook_certificate_wish, id), FIELD(webhook_certificate_wish, provider),
	FIELD(webhook_certificate_wish, url), FIELD(webhook_certificate_wish, state));

enum err webhook_certificate_find(struct op *op, const char *provider, const char *url,
	struct webhook_certificate *out)
{
	return db_one(
		op, "webhook_certificate_find", &found_shape, out, V(provider), V(url));
}

enum err webhook_certificate_load(
	struct op *op, int64_t id, struct webhook_certificate_wish *out)
{
	return db_one(op, "webhook_certificate_load", &wish_shape, out, V(id));
}

enum err webhook_certificate_record(struct op *op, int64_t id, const char *pem,
	struct stamp valid[2], const char *note)
{
	return db_do(op, "webhook_certificate_record", V(id), V(pem), V(valid[0]),
		V(valid[1]), V(note));
}
