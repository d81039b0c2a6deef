-- The widening of carts.

-- What systems beside the storefront said of the shelves, by their keys: said again, it
-- has the same answer.
CREATE TABLE inventory_key (
	client_id   bigint NOT NULL,
	key         text COLLATE "C" NOT NULL,
	fingerprint bytea NOT NULL,
	answer      jsonb,
	at          timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (client_id, key)
);
CREATE INDEX inventory_key_at ON inventory_key (at);
