/* The programs that may call the door, and their keys. */
#ifndef DOMAIN_API_CLIENT_H
#define DOMAIN_API_CLIENT_H

#include "base/field.h"
#include "base/op.h"
#include "base/sha.h"

/* sk_{live|test}_{id}_{secret}: the id is public, the secret is never stored. */
enum { API_KEY_ID = 8, API_KEY_SECRET = 32 };

struct api_client {
	int64_t id;
	const char *name, *key_id;
	struct texts scopes;
	struct stamp created_at, expires_at, revoked_at;
	const char *created_by, *state; /* active, expired, revoked */
};
extern const struct shape api_client_shape;

/* A client just made, with the only copy of its key. */
struct api_client_made {
	int64_t id;
	const char *name, *key_id, *key;
};
extern const struct shape api_client_made_shape;

/* What the door must know of a key. */
struct api_key {
	int64_t id; /* of the client */
	unsigned scopes;
	struct stamp expires_at;
	unsigned char hash[SHA256_BYTES];
};

/*
 * Make a client and its key, for the mode of stripe.livemode.  E_DATA for an
 * unknown scope (api_client_scope_is_known) or none.
 */
enum err api_client_create(struct op *op, const char *name, struct texts scopes,
	struct stamp expires_at, struct api_client_made *out);

enum err api_client_list(struct op *op, struct rows *out);

/* From now on the key is refused; the door notices within 30 seconds. */
enum err api_client_revoke(struct op *op, const char *key_id, struct api_client *out);

/* E_NOT_FOUND when there is no such key that is still good. */
enum err api_client_find(struct op *op, const char *key_id, struct api_key *out);

/* Whether the text is a key of this mode by its form; its id goes to *key_id. */
bool api_key_read(const char *key, bool live, char key_id[API_KEY_ID + 1]);

/* The bit of a scope, 0 when there is none of that name. */
unsigned api_scope(const char *name);

#endif
