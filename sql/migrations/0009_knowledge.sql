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
-- position.  Transaction numbers mean nothing in another cluster, so the first fold
-- after a dump was restored elsewhere starts over.
CREATE TABLE rollup_watermark (
	name     text PRIMARY KEY,
	position xid8 NOT NULL DEFAULT '0',
	cluster  bigint NOT NULL DEFAULT 0, -- system identifier of the cluster
	at       timestamptz NOT NULL DEFAULT now()
);
INSERT INTO rollup_watermark (name) VALUES ('sales');
INSERT INTO job_schedule (name, kind, every) VALUES ('rollup.sales', 'rollup.sales', '2 s');
