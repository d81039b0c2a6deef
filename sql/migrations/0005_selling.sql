-- Orders.  A line is its own reservation: it names its warehouse and its stock state.
-- The hot tables carry no foreign keys: only the functions insert, and fsck proves it.

CREATE TABLE orders (
	id           bigint PRIMARY KEY,
	client_id    bigint NOT NULL,  -- api_client; 0 is the operator's own hand
	key          text COLLATE "C" NOT NULL, -- Idempotency-Key, scoped to the client
	fingerprint  bytea NOT NULL,   -- sha256 of the request it was placed with
	customer_id  bigint,
	state        text NOT NULL DEFAULT 'pending',
	currency     char(3) NOT NULL,
	subtotal     bigint NOT NULL,
	discount     bigint NOT NULL DEFAULT 0,
	shipping     bigint NOT NULL DEFAULT 0,
	tax          bigint NOT NULL DEFAULT 0,
	total        bigint NOT NULL,
	trace        text,
	created_at   timestamptz NOT NULL DEFAULT now(),
	expires_at   timestamptz NOT NULL,
	closed_at    timestamptz,      -- when it left pending for good or was ended
	CONSTRAINT order_key_used_once UNIQUE (client_id, key),
	CONSTRAINT order_total_adds_up CHECK (total = subtotal - discount + shipping + tax),
	CONSTRAINT order_total_is_not_negative CHECK (total >= 0 AND subtotal >= 0
		AND discount >= 0 AND shipping >= 0 AND tax >= 0),
	CONSTRAINT order_state_is_known CHECK (state IN ('pending', 'expiring', 'canceling',
		'paid', 'on_hold', 'shipped', 'delivered', 'canceled', 'expired'))
) WITH (fillfactor = 85);
CREATE INDEX orders_newest ON orders (created_at, id);

CREATE TABLE order_line (
	order_id     bigint NOT NULL,
	n            smallint NOT NULL,
	variant_id   bigint NOT NULL,
	warehouse_id bigint NOT NULL,
	slice        smallint NOT NULL DEFAULT 0,
	stock_state  text NOT NULL DEFAULT 'active',
	qty          bigint NOT NULL,
	unit_price   bigint NOT NULL,
	discount     bigint NOT NULL DEFAULT 0,
	tax          bigint NOT NULL DEFAULT 0,
	sku          text NOT NULL,
	title        text NOT NULL,
	PRIMARY KEY (order_id, n),
	CONSTRAINT order_line_qty_is_positive CHECK (qty > 0),
	CONSTRAINT order_line_price_is_not_negative CHECK (unit_price >= 0 AND discount >= 0
		AND tax >= 0),
	CONSTRAINT order_line_stock_state_is_known CHECK (stock_state IN ('active',
		'committed', 'consumed', 'released'))
) WITH (fillfactor = 85);

-- Whom the order belongs to: the only personal data of an order, so that it can be erased.
CREATE TABLE order_contact (
	order_id bigint PRIMARY KEY,
	email    text NOT NULL,
	name     text NOT NULL DEFAULT '',
	phone    text,
	locale   text NOT NULL DEFAULT 'en',
	address  jsonb
);

-- The graph of an order's states, and what each edge does to its stock.  The only
-- function that changes a state, order_move, does nothing that is not written here.
CREATE TABLE order_edge (
	from_state text NOT NULL,
	event      text NOT NULL,
	to_state   text NOT NULL,
	stock      text NOT NULL,
	PRIMARY KEY (from_state, event),
	CONSTRAINT order_edge_stock_is_known CHECK (stock IN ('keep', 'commit', 'release',
		'reserve'))
);
INSERT INTO order_edge VALUES
	('pending',   'captured',   'paid',      'commit'),
	('pending',   'due',        'expiring',  'keep'),
	('pending',   'cancel',     'canceling', 'keep'),
	('expiring',  'captured',   'paid',      'commit'),
	('expiring',  'voided',     'expired',   'release'),
	('expiring',  'grace_over', 'expired',   'release'),
	('canceling', 'captured',   'canceled',  'release'), -- and the money goes back
	('canceling', 'voided',     'canceled',  'release'),
	('canceling', 'grace_over', 'canceled',  'release'),
	('expired',   'captured',   'paid',      'reserve'), -- all lines or none
	('paid',      'cancel',     'canceled',  'release'), -- and the money goes back
	('paid',      'hold',       'on_hold',   'keep'),
	('on_hold',   'unhold',     'paid',      'keep'),
	('on_hold',   'cancel',     'canceled',  'release');

-- What happened to an order, append-only.  Placing it is the order row itself.
CREATE TABLE order_event (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	order_id   bigint NOT NULL,
	at         timestamptz NOT NULL DEFAULT now(),
	event      text NOT NULL,
	from_state text,
	to_state   text,
	actor      text NOT NULL,
	detail     jsonb
);
CREATE INDEX order_event_order ON order_event (order_id, id);
