-- Sales by everything that people ask for, the orders of another shop's past, and what
-- visitors do.

-- What came back, counted on the day it came back (returned) and on the day of its sale
-- (corrections).  rest: what rounding to the currency's unit left out of imported amounts.
ALTER TABLE rollup_sales_hour
	ADD returned    bigint NOT NULL DEFAULT 0,
	ADD corrections bigint NOT NULL DEFAULT 0,
	ADD rest        numeric NOT NULL DEFAULT 0;
ALTER TABLE rollup_sales_day
	ADD returned    bigint NOT NULL DEFAULT 0,
	ADD corrections bigint NOT NULL DEFAULT 0,
	ADD rest        numeric NOT NULL DEFAULT 0;

-- Sales of each product (its SKU), from each warehouse, to each customer.  Brands and
-- categories are what the catalogue says today of these products, and have no sums that
-- could be behind it.
DROP TABLE rollup_product_day;
CREATE TABLE rollup_item_hour (
	kind     text NOT NULL,
	hour     timestamptz NOT NULL,
	item     text COLLATE "C" NOT NULL, -- '': a guest
	currency char(3) NOT NULL,
	orders   bigint NOT NULL DEFAULT 0, -- of customers only
	units    bigint NOT NULL DEFAULT 0,
	returned bigint NOT NULL DEFAULT 0,
	gross    bigint NOT NULL DEFAULT 0, -- of lines: no tax, no shipping; of customers: paid
	refunds  bigint NOT NULL DEFAULT 0,
	rest     numeric NOT NULL DEFAULT 0,
	PRIMARY KEY (kind, hour, item, currency),
	CONSTRAINT rollup_item_kind_is_known CHECK (kind IN ('product', 'warehouse', 'customer'))
);

-- One day of the ledger is found without reading the others; next to nothing to keep.
CREATE INDEX ledger_entry_day ON ledger_entry USING brin (effective_at)
	WITH (pages_per_range = 16);
CREATE INDEX ledger_entry_refund ON ledger_entry (refund_id) WHERE refund_id IS NOT NULL;

DROP VIEW sale_counted, sale_fact;

-- Money that paid its order: a surplus capture is no sale.  An order captured in parts is
-- sold with the first of them.
CREATE VIEW sale_capture AS
	SELECT e.id AS entry_id, e.xid, e.order_id AS entry_order, e.effective_at AS at,
		l.currency, l.amount, p.order_id, p.id AS payment_id,
		NOT EXISTS (SELECT FROM ledger_entry b WHERE b.order_id = e.order_id
			AND b.payment_id = e.payment_id AND b.id < e.id AND b.key LIKE 'cap:%') AS first
	FROM ledger_entry e
	JOIN ledger_line l ON l.entry_id = e.id AND l.account IN ('psp:clearing', 'bank')
	JOIN payment p ON p.id = e.payment_id AND p.applied
	WHERE e.key LIKE 'cap:%';

-- What the ledger knows of sales: captures, refunds on the day they were made, and the
-- same refunds once more on the day of the sale that they correct.  A refund that failed
-- is taken back (direction -1).  What was bought is in the order's lines.
CREATE VIEW sale_fact AS
	SELECT c.entry_id, c.xid, c.at, c.currency, c.order_id, NULL::bigint AS refund_id,
		c.first::int AS orders, c.amount AS gross, 0::bigint AS refunds,
		0::bigint AS corrections, 0 AS direction
	FROM sale_capture c
	UNION ALL
	SELECT e.id, e.xid, e.effective_at, l.currency, p.order_id, r.id, 0, 0, -l.amount, 0,
		-sign(l.amount)::int
	FROM ledger_entry e
	JOIN ledger_line l ON l.entry_id = e.id AND l.account IN ('psp:clearing', 'bank')
	JOIN refund r ON r.id = e.refund_id
	JOIN payment p ON p.id = r.payment_id AND p.applied
	UNION ALL
	SELECT e.id, e.xid, c.at, l.currency, c.order_id, r.id, 0, 0, 0, -l.amount, 0
	FROM ledger_entry e
	JOIN ledger_line l ON l.entry_id = e.id AND l.account IN ('psp:clearing', 'bank')
	JOIN refund r ON r.id = e.refund_id
	JOIN sale_capture c ON c.entry_order = r.order_id AND c.payment_id = r.payment_id
		AND c.first;

-- The same by product, warehouse and customer.
CREATE VIEW sale_part AS
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
	WHERE f.corrections = 0;

-- Those entries that have been added up.
CREATE VIEW sale_counted AS
	SELECT f.* FROM rollup_watermark w, sale_fact f
	WHERE w.name = 'sales' AND (f.entry_id <= w.moved_done OR (f.entry_id > w.moved_id
		AND (f.xid, f.entry_id) <= (w.position, w.position_id)));
CREATE VIEW sale_part_counted AS
	SELECT f.* FROM rollup_watermark w, sale_part f
	WHERE w.name = 'sales' AND (f.entry_id <= w.moved_done OR (f.entry_id > w.moved_id
		AND (f.xid, f.entry_id) <= (w.position, w.position_id)));

-- Orders of the time before this shop: closed, without stock and without payments, so
-- that they are no orders here and bend none of their rules.  Reports and recommendations
-- read them beside the orders.
CREATE TABLE sale_history (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	source      text NOT NULL, -- which system they come from
	external_id text COLLATE "C" NOT NULL,
	at          timestamptz NOT NULL,
	currency    char(3) NOT NULL,
	customer    text COLLATE "C" NOT NULL DEFAULT '', -- a number of that system; '': a guest
	country     text NOT NULL DEFAULT '',
	digest      text NOT NULL, -- of its lines as they came
	run_id      bigint NOT NULL,
	CONSTRAINT history_order_is_imported_once UNIQUE (source, external_id)
);
CREATE INDEX sale_history_at ON sale_history (at);
CREATE TABLE sale_history_line (
	history_id bigint NOT NULL,
	n          integer NOT NULL,
	sku        text COLLATE "C" NOT NULL,
	title      text NOT NULL,
	qty        bigint NOT NULL,  -- negative: it came back
	unit_price numeric NOT NULL, -- as it came, with parts of a cent
	amount     bigint NOT NULL,  -- qty * unit_price, rounded
	rest       numeric NOT NULL, -- and what rounding left out, in minor units
	PRIMARY KEY (history_id, n)
);

-- What visitors do, by day.  The name of an event is its sender's: sent twice it is kept
-- once.
CREATE TABLE behaviour_event (
	at          timestamptz NOT NULL,
	id          text COLLATE "C" NOT NULL,
	type        text NOT NULL,
	session     text COLLATE "C" NOT NULL,
	customer_id bigint,
	sku         text COLLATE "C",
	query       text,
	order_id    bigint,
	client_id   bigint NOT NULL,
	xid         xid8 NOT NULL DEFAULT pg_current_xact_id(), -- the funnels' watermark
	CONSTRAINT event_is_kept_once PRIMARY KEY (at, id),
	CONSTRAINT event_type_is_known CHECK (type IN ('view', 'search', 'add_to_cart',
		'begin_checkout', 'purchase'))
) PARTITION BY RANGE (at);
CREATE INDEX behaviour_event_xid ON behaviour_event (xid);
INSERT INTO setting VALUES ('event.keep_days', '90');

CREATE TABLE rollup_funnel_day (
	day      date NOT NULL,
	step     text NOT NULL,
	n        smallint NOT NULL, -- its place in the funnel; 0: beside it
	sessions bigint NOT NULL,   -- that came so far, in this order
	events   bigint NOT NULL,
	PRIMARY KEY (day, step)
);
INSERT INTO rollup_watermark (name) VALUES ('funnel');
INSERT INTO job_schedule (name, kind, every) VALUES ('rollup.funnel', 'rollup.funnel', '1 min');
