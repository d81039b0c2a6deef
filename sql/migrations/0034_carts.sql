-- Carts that we keep for storefronts, and what other systems say of the shelves.

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

-- A cart belongs to the program that made it, and to a customer once one signed in.  Its
-- name cannot be guessed; its version counts its changes.
CREATE TABLE cart (
	id          text COLLATE "C" PRIMARY KEY, -- ct_ and 24 letters and digits
	client_id   bigint NOT NULL,
	customer_id bigint,
	currency    char(3) NOT NULL,
	version     bigint NOT NULL DEFAULT 1,
	coupons     text[] NOT NULL DEFAULT '{}',
	state       text NOT NULL DEFAULT 'open',
	order_id    bigint,
	into_id     text COLLATE "C", -- the customer's, which has its lines now
	created_at  timestamptz NOT NULL DEFAULT now(),
	updated_at  timestamptz NOT NULL DEFAULT now(),
	expires_at  timestamptz NOT NULL,
	CONSTRAINT cart_state_is_known CHECK (state IN ('open', 'ordered', 'merged')),
	CONSTRAINT ordered_cart_has_an_order CHECK ((state = 'ordered') = (order_id IS NOT NULL)),
	CONSTRAINT cart_coupons_are_few CHECK (cardinality(coupons) <= 10)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX customer_has_one_cart ON cart (client_id, customer_id, currency)
	WHERE state = 'open' AND customer_id IS NOT NULL;
CREATE INDEX cart_expires ON cart (expires_at);

CREATE TABLE cart_line (
	cart_id  text COLLATE "C" NOT NULL REFERENCES cart ON DELETE CASCADE,
	sku      text COLLATE "C" NOT NULL,
	qty      bigint NOT NULL,
	added_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT cart_line_is_one_sku PRIMARY KEY (cart_id, sku),
	CONSTRAINT cart_line_is_within_bounds CHECK (qty BETWEEN 1 AND 1000000)
);

INSERT INTO job_schedule (name, kind, every) VALUES
	('housekeeping.cart_purge', 'housekeeping.cart_purge', '1 h'),
	('housekeeping.inventory_purge', 'housekeeping.inventory_purge', '1 h');
