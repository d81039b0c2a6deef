/*
 * RULE(name, words for a person, remedy).  Names are those of constraints and
 * of refusals; the same on the command line, in HTTP problems and dead letters.
 * Sorted by name; included by rule.c.
 */
RULE(action_is_confirmed, "what cannot be undone is confirmed first", "add --yes")
RULE(answer_in_time, "the database answers before the deadline",
	"repeat with the same idempotency key; see: shopctl doctor")
RULE(api_client_hash_is_sha256, "an api key is kept as its sha256 only", NULL)
RULE(api_client_key_is_unique, "no two api keys share an id", "create the client again")
RULE(api_client_name_is_not_empty, "an api client has a name", "give it one")
RULE(config_is_valid, "every key of the configuration is known and makes sense",
	"shopctl config check")
RULE(customer_email_is_folded, "an e-mail address is kept in lower case and has an @",
	"correct the address")
RULE(customer_email_is_unique, "one customer an e-mail address", "use the existing customer")
RULE(database_is_up, "the database can be reached",
	"check PGHOST, PGDATABASE, PGUSER or database.conninfo")
RULE(migration_is_final, "a migration does not change once it was applied",
	"restore the file and write a new migration")
RULE(order_key_used_once, "an idempotency key opens one order", "send a new key")
RULE(role_may_call, "the database role is allowed what it asks",
	"connect as a role that may; roles and grants: shopctl(1)")
RULE(schema_is_current, "programs and database have the same schema",
	"run: shopctl migrate up")
RULE(stock_never_oversold, "no more is promised than lies in the warehouses",
	"shopctl stock show SKU")
