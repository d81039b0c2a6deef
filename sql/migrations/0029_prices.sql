-- The widening of prices: schedules, customers' price lists, taxes.

-- A scheduled price stands in the place of the standing one for a time; the standing one
-- goes on behind it.  Both are ranges of one table, so that what holds now is one row and
-- nothing has to be switched on when a schedule begins.
ALTER TABLE price ADD COLUMN scheduled boolean NOT NULL DEFAULT false;

-- What some customers pay instead of the shop's own price.
CREATE TABLE pricelist (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	code        text NOT NULL,
	name        text NOT NULL,
	currency    char(3) NOT NULL REFERENCES currency,
	priority    smallint NOT NULL DEFAULT 100, -- of a customer's lists the lowest is asked first
	valid_from  timestamptz NOT NULL DEFAULT '-infinity',
	valid_until timestamptz NOT NULL DEFAULT 'infinity',
	CONSTRAINT pricelist_code_is_unique UNIQUE (code),
	CONSTRAINT pricelist_code_is_a_word CHECK (code ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$'),
	CONSTRAINT pricelist_range_is_not_empty CHECK (valid_from < valid_until)
);

-- As in price: whoever writes closes one range before the next, and fsck proves it.
CREATE TABLE pricelist_price (
	pricelist_id bigint NOT NULL REFERENCES pricelist,
	variant_id   bigint NOT NULL,
	amount       bigint NOT NULL,
	valid_from   timestamptz NOT NULL DEFAULT '-infinity',
	valid_until  timestamptz NOT NULL DEFAULT 'infinity',
	CONSTRAINT pricelist_prices_never_overlap
		PRIMARY KEY (pricelist_id, variant_id, valid_until) INCLUDE (amount, valid_from),
	CONSTRAINT pricelist_price_is_not_negative CHECK (amount >= 0),
	CONSTRAINT pricelist_price_range_is_not_empty CHECK (valid_from < valid_until)
);

CREATE TABLE pricelist_customer (
	customer_id  bigint NOT NULL,
	pricelist_id bigint NOT NULL REFERENCES pricelist,
	CONSTRAINT pricelist_is_assigned_once PRIMARY KEY (customer_id, pricelist_id)
);
CREATE INDEX pricelist_customer_list ON pricelist_customer (pricelist_id);

-- Which rates a variant is taxed by; "shipping" is not a class but the standard rates that
-- shipping is taxed by, too.
CREATE TABLE tax_class (
	code text PRIMARY KEY,
	name text NOT NULL,
	CONSTRAINT tax_class_code_is_a_word CHECK (code ~ '^[a-z0-9][a-z0-9_-]{0,59}$'
		AND code <> 'shipping'),
	CONSTRAINT tax_class_has_a_name CHECK (name <> '')
);
INSERT INTO tax_class VALUES ('standard', 'Standard'), ('reduced', 'Reduced'),
	('exempt', 'Exempt');

-- Of the rates of one priority the most specific applies, of each priority one.
CREATE TABLE tax_rate (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	country     text NOT NULL,
	region      text NOT NULL DEFAULT '',    -- empty: the whole country
	postcodes   text[] NOT NULL DEFAULT '{}', -- empty: all; 100* is all that begin so
	tax_class   text NOT NULL REFERENCES tax_class,
	priority    smallint NOT NULL DEFAULT 1,
	name        text NOT NULL,
	ppm         integer NOT NULL,            -- millionths of the price: 88750 is 8.875 %
	included    boolean NOT NULL DEFAULT false, -- prices contain it; else it is added
	compound    boolean NOT NULL DEFAULT false, -- on the price and the taxes before it
	shipping    boolean NOT NULL DEFAULT true,  -- shipping is taxed by it, too
	valid_from  timestamptz NOT NULL DEFAULT '-infinity',
	valid_until timestamptz NOT NULL DEFAULT 'infinity',
	CONSTRAINT tax_rates_never_overlap
		UNIQUE (country, region, tax_class, priority, postcodes, valid_until),
	CONSTRAINT tax_rate_country_is_a_code CHECK (country ~ '^[A-Z]{2}$'),
	CONSTRAINT tax_rate_region_is_folded CHECK (region = upper(region)),
	CONSTRAINT tax_rate_has_a_name CHECK (name <> ''),
	CONSTRAINT tax_rate_is_a_share CHECK (ppm BETWEEN 0 AND 1000000),
	CONSTRAINT tax_rate_priority_is_small CHECK (priority BETWEEN 1 AND 99),
	CONSTRAINT tax_rate_range_is_not_empty CHECK (valid_from < valid_until)
);
