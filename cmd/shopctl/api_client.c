/* shopctl api-client: the programs that may call the door. */
#include "domain/api_client.h"

#include "base/cli.h"
#include "base/out.h"

struct create {
	const char *name;
	struct texts scope;
	struct stamp expires;
};

static const struct shape create_args = SHAPE(create,
	FIELD(create, name, "NAME", "what the client is called",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(create, scope, "SCOPE", "what it may do; repeat for several",
		FIELD_REQUIRED, "checkout|events|catalog|inventory"),
	FIELD(create, expires, "TIME", "when its key ends; without: never"));

struct one {
	const char *key_id;
};

static const struct shape one_args =
	SHAPE(one, FIELD(one, key_id, "KEY_ID", "the part of the key after the mode",
			   FIELD_OPERAND | FIELD_REQUIRED));

static enum err create(struct op *op, const void *args)
{
	const struct create *a = args;
	struct api_client_made made;

	TRY(api_client_create(op, a->name, a->scope, a->expires, &made));
	out_note(op, "this is the only time that the key is shown");
	return out_one(op, &api_client_made_shape, &made);
}

static enum err list(struct op *op, const void *args)
{
	struct rows rows;

	(void)args;
	TRY(api_client_list(op, &rows));
	return out_rows(op, &api_client_shape, rows);
}

static enum err revoke(struct op *op, const void *args)
{
	const struct one *a = args;
	struct api_client c;

	TRY(api_client_revoke(op, a->key_id, &c));
	return out_one(op, &api_client_shape, &c);
}

const struct command api_client_commands[] = {
	{ "create", "let a program in and print its key, once", &create_args, create,
		CMD_MUTATES,
		"shopctl api-client create storefront --scope checkout\n"
		"KEY=$(shopctl api-client create kiosk --scope checkout --field key)",
		"The key is for the mode of stripe.livemode.  Only its digest is kept: "
		"a lost "
		"key is replaced by a new client." },
	{ "list", "who may call the door, newest first", NULL, list, 0,
		"shopctl api-client list\n"
		"shopctl api-client list --format json" },
	{ "revoke", "refuse a key from now on", &one_args, revoke, CMD_MUTATES,
		"shopctl api-client revoke 4fJ2kq9Z\n"
		"shopctl api-client revoke 4fJ2kq9Z --reason 'storefront was replaced'",
		"The door notices within 30 seconds." },
	{ 0 },
};
