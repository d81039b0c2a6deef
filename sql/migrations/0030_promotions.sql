-- Promotions, the coupons that ask for them, and who used which.
--
-- A promotion is a row: what it gives, to which baskets, when, how often and for how much
-- money.  checkout_quote() is the only reader that turns it into money.

CREATE TABLE promotion (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name        text COLLATE "C" NOT NULL, -- BF26
	title       text NOT NULL,             -- what customers read
	kind        text NOT NULL,
	percent_bp  bigint NOT NULL DEFAULT 0, -- 1050 is 10.5 %
	amount      bigint NOT NULL DEFAULT 0, -- off the basket, minor units
	buy_qty     bigint NOT NULL DEFAULT 0,
	get_qty     bigint NOT NULL DEFAULT 0, -- the cheapest ones, percent_bp off
	currency    char(3),                   -- of amount, min_total and budget; null: any
	automatic   boolean NOT NULL,          -- every basket, or only who brings a coupon
	stacking    text NOT NULL DEFAULT 'combinable',
	priority    bigint NOT NULL DEFAULT 100, -- the lowest is tried first
	enabled     boolean NOT NULL DEFAULT false,
	starts_at   timestamptz NOT NULL DEFAULT '-infinity',
	ends_at     timestamptz NOT NULL DEFAULT 'infinity',
	min_total   bigint NOT NULL DEFAULT 0, -- of what it covers, before any discount
	min_qty     bigint NOT NULL DEFAULT 0,
	first_order boolean NOT NULL DEFAULT false,
	uses_max    bigint,
	uses_per_customer bigint,
	budget      bigint,
	used        bigint NOT NULL DEFAULT 0, -- its redemptions that count
	spent       bigint NOT NULL DEFAULT 0, -- and what they took off; mixed without currency
	created_at  timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT promotion_name_is_unique UNIQUE (name),
	CONSTRAINT promotion_name_is_short CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$'),
	CONSTRAINT promotion_kind_is_known CHECK (kind IN ('percentage', 'amount',
		'buy_x_get_y', 'free_shipping')),
	CONSTRAINT promotion_gives_what_its_kind_says CHECK (CASE kind
		WHEN 'percentage' THEN percent_bp > 0 AND amount = 0 AND buy_qty = 0 AND get_qty = 0
		WHEN 'amount' THEN amount > 0 AND percent_bp = 0 AND buy_qty = 0 AND get_qty = 0
		WHEN 'buy_x_get_y' THEN buy_qty > 0 AND get_qty > 0 AND percent_bp > 0 AND amount = 0
		ELSE percent_bp = 0 AND amount = 0 AND buy_qty = 0 AND get_qty = 0 END),
	CONSTRAINT promotion_percent_is_within_bounds CHECK (percent_bp BETWEEN 0 AND 10000),
	CONSTRAINT promotion_money_has_a_currency CHECK (currency IS NOT NULL
		OR (amount = 0 AND min_total = 0 AND budget IS NULL)),
	CONSTRAINT promotion_stacking_is_known CHECK (stacking IN ('exclusive', 'combinable')),
	CONSTRAINT promotion_range_is_not_empty CHECK (starts_at < ends_at),
	CONSTRAINT promotion_numbers_are_not_negative CHECK (min_total >= 0 AND min_qty >= 0
		AND buy_qty BETWEEN 0 AND 1000 AND get_qty BETWEEN 0 AND 1000
		AND uses_max >= 0 AND uses_per_customer > 0 AND budget >= 0),
	CONSTRAINT promotion_within_its_uses CHECK (used >= 0 AND used <= uses_max),
	CONSTRAINT promotion_within_its_budget CHECK (spent >= 0 AND spent <= budget)
) WITH (fillfactor = 50);
-- What a checkout asks of every batch: is anything automatic live?
CREATE INDEX promotion_automatic ON promotion (ends_at) WHERE automatic AND enabled;

-- What a promotion covers: of the kinds that it names it must be one of each.  Lines that
-- it gets are taken off; without any, those that it buys.
CREATE TABLE promotion_scope (
	promotion_id bigint NOT NULL REFERENCES promotion,
	role         text NOT NULL,
	kind         text NOT NULL,
	ref          bigint NOT NULL, -- category, brand, variant or customer
	PRIMARY KEY (promotion_id, role, kind, ref),
	CONSTRAINT promotion_scope_role_is_known CHECK (role IN ('buy', 'get')),
	CONSTRAINT promotion_scope_kind_is_known CHECK (kind IN ('category', 'brand', 'sku')
		OR (kind = 'customer' AND role = 'buy'))
);

CREATE TABLE coupon (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	promotion_id bigint NOT NULL REFERENCES promotion,
	code         text COLLATE "C" NOT NULL, -- upper case: SPRING25 is spring25
	uses_max     bigint,
	used         bigint NOT NULL DEFAULT 0,
	ends_at      timestamptz NOT NULL DEFAULT 'infinity',
	enabled      boolean NOT NULL DEFAULT true,
	created_at   timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT coupon_code_is_unique UNIQUE (code),
	CONSTRAINT coupon_code_is_folded CHECK (code ~ '^[A-Z0-9][A-Z0-9_.-]{1,63}$'),
	CONSTRAINT coupon_uses_are_positive CHECK (uses_max > 0),
	CONSTRAINT coupon_within_its_uses CHECK (used >= 0 AND used <= uses_max)
) WITH (fillfactor = 70);
CREATE INDEX coupon_promotion ON coupon (promotion_id);

-- A promotion that an order used.  It counts from the checkout on, and no longer once the
-- order expired or was canceled before any of its money was taken.  Money that comes late
-- takes it again, or pays nothing.
CREATE TABLE redemption (
	order_id     bigint NOT NULL,
	promotion_id bigint NOT NULL,
	coupon_id    bigint,
	who          text NOT NULL, -- the customer, or the digest of a guest's address
	currency     char(3) NOT NULL,
	amount       bigint NOT NULL, -- off the lines, or the shipping that was not charged
	state        text NOT NULL DEFAULT 'used',
	created_at   timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT redemption_once_an_order PRIMARY KEY (order_id, promotion_id),
	CONSTRAINT redemption_amount_is_not_negative CHECK (amount >= 0),
	CONSTRAINT redemption_state_is_known CHECK (state IN ('used', 'released'))
);
CREATE INDEX redemption_promotion ON redemption (promotion_id, who, state);
CREATE INDEX redemption_coupon ON redemption (coupon_id) WHERE coupon_id IS NOT NULL;

INSERT INTO state_edge VALUES
	('redemption', 'used',     'release', 'released', 'keep'),
	('redemption', 'released', 'retake',  'used',     'keep');

-- What checkout_quote() says of promotions: who of the asked gets one, and why not.
CREATE TYPE promotion_use AS (n bigint, promotion_id bigint, coupon_id bigint, who text,
	amount bigint);
CREATE TYPE promotion_verdict AS (n bigint, promotion text, code text, reason text,
	message text);

-- Whether it is somebody's first order.  Guests, whom nobody looks up, cost nothing here.
CREATE INDEX orders_customer ON orders (customer_id) WHERE customer_id IS NOT NULL;

-- The fast path of checkout asks whether any tax comes on top of prices.
CREATE INDEX tax_rate_added ON tax_rate (valid_until) WHERE NOT included;

-- Sales by promotion and by coupon: what was paid with it, as by customer.
ALTER TABLE rollup_item_hour DROP CONSTRAINT rollup_item_kind_is_known,
	ADD CONSTRAINT rollup_item_kind_is_known CHECK (kind IN ('product', 'warehouse', 'customer',
		'promotion', 'coupon'));
CREATE OR REPLACE VIEW sale_part AS
	SELECT f.entry_id, f.xid, f.at, f.currency, k.kind, k.item, 0 AS orders, n.qty AS units,
		0::bigint AS returned, n.qty * n.unit_price - n.discount AS gross,
		0::bigint AS refunds
	FROM sale_fact f JOIN order_line n ON n.order_id = f.order_id
	CROSS JOIN LATERAL (VALUES ('product', n.sku), ('warehouse', n.warehouse_id::text))
		AS k (kind, item)
	WHERE f.orders = 1
	UNION ALL
	SELECT f.entry_id, f.xid, f.at, f.currency, k.kind, k.item, 0, 0, f.direction * x.qty, 0,
		f.direction * (x.amount - x.tax)
	FROM sale_fact f JOIN refund_line x ON x.refund_id = f.refund_id
	JOIN order_line n ON n.order_id = f.order_id AND n.n = x.n
	CROSS JOIN LATERAL (VALUES ('product', n.sku), ('warehouse', n.warehouse_id::text))
		AS k (kind, item)
	WHERE f.direction <> 0
	UNION ALL
	SELECT f.entry_id, f.xid, f.at, f.currency, 'customer', coalesce(o.customer_id::text, ''),
		f.orders, CASE WHEN f.orders = 1 THEN (SELECT sum(n.qty)::bigint FROM order_line n
			WHERE n.order_id = f.order_id) ELSE 0 END,
		CASE WHEN f.direction <> 0 THEN f.direction * (SELECT coalesce(sum(x.qty), 0)::bigint
			FROM refund_line x WHERE x.refund_id = f.refund_id) ELSE 0 END,
		f.gross, f.refunds
	FROM sale_fact f JOIN orders o ON o.id = f.order_id
	WHERE f.corrections = 0
	UNION ALL
	SELECT f.entry_id, f.xid, f.at, f.currency, k.kind, k.item,
		f.orders, CASE WHEN f.orders = 1 THEN (SELECT sum(n.qty)::bigint FROM order_line n
			WHERE n.order_id = f.order_id) ELSE 0 END,
		CASE WHEN f.direction <> 0 THEN f.direction * (SELECT coalesce(sum(x.qty), 0)::bigint
			FROM refund_line x WHERE x.refund_id = f.refund_id) ELSE 0 END,
		f.gross, f.refunds
	FROM sale_fact f JOIN redemption r ON r.order_id = f.order_id
	JOIN promotion p ON p.id = r.promotion_id LEFT JOIN coupon c ON c.id = r.coupon_id
	CROSS JOIN LATERAL (VALUES ('promotion', p.name COLLATE "default"),
		('coupon', c.code COLLATE "default")) AS k (kind, item)
	WHERE f.corrections = 0 AND k.item IS NOT NULL;
