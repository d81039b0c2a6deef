/* The programs that may call the door, and their keys. */
#include "domain/api_client.h"

#include "base/config.h"
#include "base/id.h"
#include "db/db.h"

#include <string.h>

const struct shape api_client_shape = SHAPE(api_client,
	FIELD(api_client, id, .flags = FIELD_ID | FIELD_HIDDEN),
	FIELD(api_client, key_id), FIELD(api_client, name), FIELD(api_client, scopes),
	FIELD(api_client, state), FIELD(api_client, created_at),
	FIELD(api_client, created_by, .flags = FIELD_HIDDEN),
	FIELD(api_client, expires_at), FIELD(api_client, revoked_at));

const struct shape api_client_made_shape = SHAPE(api_client_made,
	FIELD(api_client_made, id, .flags = FIELD_ID | FIELD_HIDDEN),
	FIELD(api_client_made, key_id), FIELD(api_client_made, name),
	FIELD(api_client_made, key));

/* A row of api_client_find; the digest travels as hex. */
struct found {
	int64_t id;
	const char *hash;
	struct texts scopes;
	struct stamp expires_at;
};
static const struct shape found_shape = SHAPE(found, FIELD(found, id),
	FIELD(found, hash), FIELD(found, scopes), FIELD(found, expires_at));

static const char *const scopes[] = { "checkout", "events", "catalog", "inventory" };

unsigned api_scope(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof scopes / sizeof *scopes; i++)
		if (strcmp(scopes[i], name) == 0)
			return 1U << i;
	return 0;
}

/* base62, which cannot be mistaken for a separator. */
static bool is_base62(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!((s[i] >= '0' && s[i] <= '9') || (s[i] >= 'a' && s[i] <= 'z') ||
			    (s[i] >= 'A' && s[i] <= 'Z')))
			return false;
	return true;
}

bool api_key_read(const char *key, bool live, char key_id[API_KEY_ID + 1])
{
	const char *prefix = live ? "sk_live_" : "sk_test_";
	const char *id = key + strlen(prefix), *secret = id + API_KEY_ID + 1;

	if (strlen(key) != strlen(prefix) + API_KEY_ID + 1 + API_KEY_SECRET ||
		strncmp(key, prefix, strlen(prefix)) != 0 ||
		!is_base62(id, API_KEY_ID) || id[API_KEY_ID] != '_' ||
		!is_base62(secret, API_KEY_SECRET))
		return false;
	memcpy(key_id, id, API_KEY_ID);
	key_id[API_KEY_ID] = 0;
	return true;
}

enum err api_client_create(struct op *op, const char *name, struct texts wanted,
	struct stamp expires_at, struct api_client_made *out)
{
	const char *id = id_token(op, API_KEY_ID);
	const char *key = op_printf(op, "sk_%s_%s_%s",
		op->config->stripe.livemode ? "live" : "test", id,
		id_token(op, API_KEY_SECRET));
	unsigned char hash[SHA256_BYTES];
	struct bytes digest = { hash, sizeof hash };
	struct api_client made;

	sha256(key, strlen(key), hash);
	TRY(db_one(op, "api_client_create", &api_client_shape, &made, V(name), V(id),
		V(digest), V(wanted), V(expires_at)));
	*out = (struct api_client_made){ made.id, made.name, made.key_id, key };
	return OK;
}

enum err api_client_list(struct op *op, struct rows *out)
{
	return db_rows_values(op, "api_client_list", &api_client_shape, out, NULL, 0);
}

enum err api_client_revoke(struct op *op, const char *key_id, struct api_client *out)
{
	return db_one(op, "api_client_revoke", &api_client_shape, out, V(key_id));
}

static int hex_digit(char c)
{
	return c >= 'a' ? c - 'a' + 10 : c - '0';
}

enum err api_client_find(struct op *op, const char *key_id, struct api_key *out)
{
	struct found f;
	size_t i;

	TRY(db_one(op, "api_client_find", &found_shape, &f, V(key_id)));
	if (!f.hash || strlen(f.hash) != 2 * sizeof out->hash)
		return fail(op, E_BROKEN, "api_client_hash_is_sha256",
			"key %s has no hash", key_id);
	*out = (struct api_key){ .id = f.id, .expires_at = f.expires_at };
	for (i = 0; i < sizeof out->hash; i++)
		out->hash[i] = (unsigned char)(hex_digit(f.hash[2 * i]) << 4 |
					       hex_digit(f.hash[2 * i + 1]));
	for (i = 0; i < f.scopes.n; i++)
		out->scopes |= api_scope(f.scopes.v[i]);
	return OK;
}
