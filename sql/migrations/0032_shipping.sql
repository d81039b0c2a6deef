-- What it costs to send an order somewhere, what its customer chose, and whom the worker
-- asks where parcels are.

-- Places that are served at the same prices.
CREATE TABLE shipping_zone (
	id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	code text COLLATE "C" NOT NULL,
	name text NOT NULL,
	CONSTRAINT shipping_zone_code_is_unique UNIQUE (code),
	CONSTRAINT shipping_zone_code_is_a_word CHECK (code ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$'),
	CONSTRAINT shipping_zone_has_a_name CHECK (name <> '')
);

-- A country, a part of it, or the postcodes of it that begin so; no country is the rest of
-- the world.  Each place is in one zone, so that the most specific one is one.
CREATE TABLE shipping_area (
	zone_id  bigint NOT NULL REFERENCES shipping_zone,
	country  text NOT NULL,
	region   text NOT NULL DEFAULT '',
	postcode text NOT NULL DEFAULT '', -- without blanks, in capitals
	CONSTRAINT shipping_area_is_in_one_zone PRIMARY KEY (country, region, postcode),
	CONSTRAINT shipping_area_is_known CHECK (country ~ '^([A-Z]{2})?$'
		AND region ~ '^([A-Z0-9]{1,3})?$' AND postcode ~ '^([A-Z0-9-]{1,12})?$'
		AND (country <> '' OR region = '' AND postcode = ''))
);
CREATE INDEX shipping_area_zone ON shipping_area (zone_id);

-- A way to send things into a zone: standard, express.
CREATE TABLE shipping_method (
	id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	zone_id  bigint NOT NULL REFERENCES shipping_zone,
	code     text COLLATE "C" NOT NULL,
	currency char(3) NOT NULL REFERENCES currency,
	name     text NOT NULL, -- what customers read
	CONSTRAINT shipping_method_is_unique UNIQUE (zone_id, code, currency),
	CONSTRAINT shipping_method_code_is_a_word
		CHECK (code ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$'),
	CONSTRAINT shipping_method_has_a_name CHECK (name <> '')
);

-- What it costs within bands of weight and of the goods' price, for a time: from each
-- bound on, and below the other.  Orders name the rate that they paid: none is changed
-- once it holds, it ends and another follows.
CREATE TABLE shipping_rate (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	method_id    bigint NOT NULL REFERENCES shipping_method,
	weight_from  bigint NOT NULL DEFAULT 0, -- grams
	weight_until bigint,                    -- null: without end, as below
	total_from   bigint NOT NULL DEFAULT 0, -- minor units
	total_until  bigint,
	price        bigint NOT NULL,
	per_kg       bigint NOT NULL DEFAULT 0, -- for each begun kilogram over weight_from
	free_above   bigint,                    -- goods of so much are sent for nothing
	valid_from   timestamptz NOT NULL DEFAULT '-infinity',
	valid_until  timestamptz NOT NULL DEFAULT 'infinity',
	CONSTRAINT shipping_band_is_not_empty CHECK (weight_from >= 0 AND total_from >= 0
		AND weight_from < coalesce(weight_until, 9223372036854775807)
		AND total_from < coalesce(total_until, 9223372036854775807)),
	CONSTRAINT shipping_price_is_within_bounds CHECK (price BETWEEN 0 AND 10000000000
		AND per_kg BETWEEN 0 AND 10000000000 AND free_above >= 0),
	CONSTRAINT shipping_rate_range_is_not_empty CHECK (valid_from < valid_until),
	CONSTRAINT shipping_rates_never_overlap EXCLUDE USING gist (
		int8range(method_id, method_id, '[]') WITH &&,
		int8range(weight_from, weight_until) WITH &&,
		int8range(total_from, total_until) WITH &&,
		tstzrange(valid_from, valid_until) WITH &&) DEFERRABLE
);

-- What a customer chose, and what that cost when the order was placed.
CREATE TABLE order_shipping (
	order_id bigint PRIMARY KEY,
	rate_id  bigint NOT NULL,
	method   text NOT NULL,
	name     text NOT NULL,
	weight   bigint NOT NULL, -- grams
	goods    bigint NOT NULL, -- their price before discounts
	price    bigint NOT NULL, -- of the rate
	charged  bigint NOT NULL, -- what promotions left of it
	CONSTRAINT order_shipping_within_its_price CHECK (charged BETWEEN 0 AND price)
);

-- What checkout_quote() says of a basket's choice: its rate, or why it has none.
CREATE TYPE shipping_choice AS (rate_id bigint, method text, name text, weight bigint,
	goods bigint, price bigint, refusal text);

-- When a carrier is asked next about a parcel; null: nobody is asked.
ALTER TABLE shipment ADD poll_at timestamptz;
INSERT INTO queue (name) VALUES ('shipment');
