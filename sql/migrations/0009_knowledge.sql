-- Rollups: sums that are kept up to date by watermark and proven by recomputation.

CREATE TABLE rollup_sales_hour (
	hour     timestamptz NOT NULL,
	currency char(3) NOT NULL,
	orders   bigint NOT NULL DEFAULT 0,
	units    bigint NOT NULL DEFAULT 0,
	gross    bigint NOT NULL DEFAULT 0, -- paid orders' totals
	refunds  bigint NOT NULL DEFAULT 0,
	PRIMARY KEY (hour, currency)
);
CREATE TABLE rollup_sales_day (
	day      date NOT NULL,
	currency char(3) NOT NULL,
	orders   bigint NOT NULL DEFAULT 0,
	units    bigint NOT NULL DEFAULT 0,
	gross    bigint NOT NULL DEFAULT 0,
	refunds  bigint NOT NULL DEFAULT 0,
	PRIMARY KEY (day, currency)
);
CREATE TABLE rollup_product_day (
	day        date NOT NULL,
	variant_id bigint NOT NULL,
	currency   char(3) NOT NULL,
	units      bigint NOT NULL DEFAULT 0,
	gross      bigint NOT NULL DEFAULT 0, -- of the lines: no tax, no shipping
	PRIMARY KEY (day, variant_id, currency)
);

-- How far the ledger has been added up: every entry of a transaction older than
-- position, and of that one itself the ids up to position_id.  Transaction numbers
-- mean nothing in another cluster: after a dump was restored elsewhere, the entries up
-- to moved_id, which came with it, are added up by their ids, up to moved_done so far.
CREATE TABLE rollup_watermark (
	name        text PRIMARY KEY,
	position    xid8 NOT NULL DEFAULT '0',
	position_id bigint NOT NULL DEFAULT 0,
	cluster     bigint NOT NULL DEFAULT 0, -- system identifier of the cluster
	moved_id    bigint NOT NULL DEFAULT 0,
	moved_done  bigint NOT NULL DEFAULT 0,
	at          timestamptz NOT NULL DEFAULT now()
);
INSERT INTO rollup_watermark (name) VALUES ('sales');
INSERT INTO job_schedule (name, kind, every) VALUES ('rollup.sales', 'rollup.sales', '2 s');

-- What the ledger knows of sales.  Only money that paid its order counts: a surplus
-- capture and its refund are no sale.  What was bought is in the order's lines.
CREATE VIEW sale_fact AS
	SELECT e.id AS entry_id, e.xid, e.effective_at AS at, l.currency, p.order_id,
		1 AS orders, l.amount AS gross, 0::bigint AS refunds
	FROM ledger_entry e
	JOIN ledger_line l ON l.entry_id = e.id AND l.account = 'psp:clearing'
	JOIN payment p ON p.id = e.payment_id AND p.applied
	WHERE e.key LIKE 'cap:%'
	UNION ALL
	SELECT e.id, e.xid, e.effective_at, l.currency, p.order_id, 0, 0, -l.amount
	FROM ledger_entry e
	JOIN ledger_line l ON l.entry_id = e.id AND l.account IN ('psp:clearing', 'bank')
	JOIN refund r ON r.id = e.refund_id
	JOIN payment p ON p.id = r.payment_id AND p.applied;

-- Those of them that have been added up.
CREATE VIEW sale_counted AS
	SELECT f.* FROM rollup_watermark w, sale_fact f
	WHERE w.name = 'sales' AND (f.entry_id <= w.moved_done OR (f.entry_id > w.moved_id
		AND (f.xid, f.entry_id) <= (w.position, w.position_id)));
