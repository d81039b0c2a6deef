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
	gross      bigint NOT NULL DEFAULT 0,
	PRIMARY KEY (day, variant_id, currency)
);
CREATE TABLE rollup_watermark (
	name     text PRIMARY KEY,
	position bigint NOT NULL DEFAULT 0,
	at       timestamptz NOT NULL DEFAULT now()
);
