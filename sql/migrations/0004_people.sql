-- Customers, and the programs that may call the door.

CREATE TABLE customer (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	email      text NOT NULL, -- folded to lower case
	name       text NOT NULL DEFAULT '',
	phone      text,
	locale     text NOT NULL DEFAULT 'en',
	provider_customer text, -- the payment provider's own customer, for saved methods
	created_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT customer_email_is_unique UNIQUE (email),
	CONSTRAINT customer_email_is_folded CHECK (email = lower(email) AND email LIKE '%_@_%')
);

CREATE TABLE address (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	customer_id bigint NOT NULL REFERENCES customer,
	kind        text NOT NULL DEFAULT 'shipping',
	address     jsonb NOT NULL,
	CONSTRAINT address_kind_is_known CHECK (kind IN ('shipping', 'billing'))
);
CREATE INDEX address_customer ON address (customer_id);

CREATE TABLE api_client (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name       text NOT NULL,
	key_id     text NOT NULL,  -- the public part of the key
	key_hash   bytea NOT NULL, -- sha256 of the whole key, which has full entropy
	scopes     text[] NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	created_by text NOT NULL,
	expires_at timestamptz,
	revoked_at timestamptz,
	CONSTRAINT api_client_name_is_not_empty CHECK (name <> ''),
	CONSTRAINT api_client_key_is_unique UNIQUE (key_id),
	CONSTRAINT api_client_hash_is_sha256 CHECK (length(key_hash) = 32)
);
