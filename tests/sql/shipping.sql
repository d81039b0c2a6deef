-- What sending costs by known figures: which zone a place is in, which rate a basket has,
-- and what an order that chose one remembers.
BEGIN;
SELECT plan(46);

INSERT INTO warehouse (code) VALUES ('T1');
INSERT INTO product (handle, title, status) VALUES ('t', 'T', 'active');
INSERT INTO variant (product_id, sku, title, options, weight_grams, requires_shipping)
SELECT id, s, s, ARRAY[s], g, g > 0 FROM product, (VALUES ('LIGHT', 400), ('HEAVY', 5000),
	('CARD', 0)) AS x (s, g) WHERE handle = 't';
INSERT INTO price (variant_id, currency, amount)
	SELECT id, 'EUR', CASE sku WHEN 'HEAVY' THEN 3000 ELSE 1000 END FROM variant;
INSERT INTO stock (variant_id, warehouse_id, on_hand)
	SELECT v.id, w.id, 100 FROM variant v, warehouse w WHERE sku IN ('LIGHT', 'HEAVY', 'CARD');

SELECT lives_ok($$ SELECT api.shipping_zone_set('DE', 'Germany', '{de}'),
	api.shipping_zone_set('SYLT', NULL, '{DE:25 980,DE:2599*}'),
	api.shipping_zone_set('EU', NULL, '{FR,NL}'),
	api.shipping_zone_set('US', NULL, '{US}'),
	api.shipping_zone_set('WEST', NULL, '{US-CA,US-HI,US-CA:90}'),
	api.shipping_zone_set('WORLD', NULL, '{*}') $$, 'zones are made');
CREATE FUNCTION pg_temp.zone(country text, region text DEFAULT NULL, postcode text DEFAULT NULL)
RETURNS text LANGUAGE sql AS $$
	SELECT z.code FROM shipping_zone z WHERE z.id = shipping_zone_of($1, $2, $3)
$$;
SELECT is(pg_temp.zone('DE'), 'DE', 'a country');
SELECT is(pg_temp.zone('de', 'BE', '10115'), 'DE', 'in any case, in any region');
SELECT is(pg_temp.zone('DE', 'SH', '25980'), 'SYLT', 'a postcode before its country');
SELECT is(pg_temp.zone('DE', NULL, '2 5997'), 'SYLT', 'the beginning of one, blanks or not');
SELECT is(pg_temp.zone('DE', NULL, '25981'), 'DE', 'and no other');
SELECT is(pg_temp.zone('US', 'NY'), 'US', 'a region that no zone names is its country''s');
SELECT is(pg_temp.zone('US', 'ca'), 'WEST', 'a region before its country');
SELECT is(pg_temp.zone('US', 'US-HI'), 'WEST', 'named with its country, too');
SELECT is(pg_temp.zone('NZ'), 'WORLD', 'the rest of the world');
SELECT is(pg_temp.zone(NULL), NULL, 'nowhere is nowhere');
SELECT is(pg_temp.zone(''), NULL, 'and so is no country');
SELECT throws_like($$ SELECT api.shipping_zone_set('X', NULL, '{FR}') $$, 'FR is in zone EU',
	'a place is in one zone');
SELECT throws_like($$ SELECT api.shipping_zone_set('X', NULL, '{Europe}') $$,
	'"Europe" is no area', 'what is no place is refused');
SELECT throws_like($$ SELECT api.shipping_zone_set('X', NULL, '{}') $$, 'zone X has no area',
	'a zone has a place');

-- zone method currency price per_kg free_above weights totals
CREATE FUNCTION pg_temp.rate(zone text, method text, price bigint, per_kg bigint, free bigint,
	w1 bigint, w2 bigint, t1 bigint, t2 bigint, since timestamptz DEFAULT NULL,
	until timestamptz DEFAULT NULL) RETURNS bigint LANGUAGE sql AS $$
	SELECT id FROM api.shipping_rate_set($1, $2, NULL, 'EUR', $3, $4, $5, $6, $7, $8, $9,
		$10, $11)
$$;
SELECT lives_ok($$ SELECT pg_temp.rate('DE', 'standard', 490, 0, 5000, 0, 5000, 0, NULL),
	pg_temp.rate('DE', 'standard', 990, 150, NULL, 5000, NULL, 0, NULL, '-infinity'),
	pg_temp.rate('DE', 'express', 1490, 0, NULL, 0, NULL, 0, 10000),
	pg_temp.rate('DE', 'express', 0, 0, NULL, 0, NULL, 10000, NULL, '-infinity'),
	pg_temp.rate('SYLT', 'standard', 1990, 0, NULL, 0, NULL, 0, NULL) $$, 'rates are laid');

CREATE FUNCTION pg_temp.offers(country text, postcode text, weight bigint, goods bigint,
	at timestamptz DEFAULT now()) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(r.method || ' ' || r.price, ', ' ORDER BY r.method)
	FROM shipping_rates_of(ARRAY[$1], '{NULL}', ARRAY[$2], '{EUR}', ARRAY[$3], ARRAY[$4], $5) r
$$;
SELECT is(pg_temp.offers('DE', NULL, 400, 1000), 'express 1490, standard 490', 'a light basket');
SELECT is(pg_temp.offers('DE', NULL, 4999, 4999), 'express 1490, standard 490', 'below each bound');
SELECT is(pg_temp.offers('DE', NULL, 400, 5000), 'express 1490, standard 0', 'free from a total on');
SELECT is(pg_temp.offers('DE', NULL, 5000, 5000), 'express 1490, standard 990', 'at the bound of weight');
SELECT is(pg_temp.offers('DE', NULL, 5001, 5000), 'express 1490, standard 1140', 'a begun kilogram');
SELECT is(pg_temp.offers('DE', NULL, 6000, 5000), 'express 1490, standard 1140', 'a whole one');
SELECT is(pg_temp.offers('DE', NULL, 6001, 5000), 'express 1490, standard 1290', 'and the next');
SELECT is(pg_temp.offers('DE', NULL, 400, 10000), 'express 0, standard 0', 'at the bound of a total');
SELECT is(pg_temp.offers('DE', '25980', 400, 1000), 'standard 1990', 'an island has its own');
SELECT is(pg_temp.offers('FR', NULL, 400, 1000), NULL, 'a zone without rates offers nothing');
SELECT is((SELECT string_agg(n || ' ' || method || ' ' || price, ', ' ORDER BY n, method)
	FROM shipping_rates_of('{DE,FR,DE}', '{NULL,NULL,NULL}', '{NULL,NULL,25980}',
		'{EUR,EUR,EUR}', '{400,400,400}', '{1000,1000,1000}', now())),
	'1 express 1490, 1 standard 490, 3 standard 1990', 'many baskets at once');

SELECT throws_ok($$ SELECT pg_temp.rate('DE', 'standard', 1, 0, NULL, 4000, 6000, 0, NULL) $$,
	'23P01', NULL, 'bands never overlap');
SELECT throws_like($$ SELECT pg_temp.rate('XX', 'standard', 1, 0, NULL, 0, NULL, 0, NULL) $$,
	'there is no shipping zone XX', 'a rate is of a zone');
SELECT throws_ok($$ SELECT pg_temp.rate('DE', 'slow', -1, 0, NULL, 0, NULL, 0, NULL) $$,
	'23514', NULL, 'no price is negative');
SELECT lives_ok($$ SELECT pg_temp.rate('DE', 'standard', 290, 0, NULL, 0, 5000, 0, NULL,
	now() + interval '1 day', now() + interval '2 days') $$, 'a sale is scheduled');
SELECT is(ARRAY[pg_temp.offers('DE', NULL, 400, 100),
	pg_temp.offers('DE', NULL, 400, 100, now() + interval '1 day'),
	pg_temp.offers('DE', NULL, 400, 100, now() + interval '2 days')],
	'{"express 1490, standard 490","express 1490, standard 290","express 1490, standard 490"}'::text[],
	'and what it was before goes on behind it');

-- One order a SKU and its number.
CREATE FUNCTION pg_temp.buy(id bigint, sku text, qty bigint, address text, choice text)
RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', o.status, o.rule, o.message, o.total) FROM api.order_place(
		ARRAY[$1 << 10], '{7}', ARRAY['k' || $1], ARRAY['\x00'::bytea], '{NULL}', '{0}', '{EUR}',
		'{-1}', '{a@b.c}', '{A}', '{NULL}', '{en}', ARRAY[$4], '{NULL}', '{NULL}', '{1}',
		ARRAY[$2], ARRAY[$3], 15, '{}', '{}', ARRAY[$5]) o
$$;
SELECT is(pg_temp.buy(1, 'LIGHT', 2, '{"country":"DE"}', NULL), 'placed (2000,EUR)',
	'who chooses nothing pays nothing');
SELECT is(pg_temp.buy(2, 'LIGHT', 2, '{"country":"DE"}', 'standard'), 'placed (2490,EUR)',
	'what was chosen is paid');
SELECT is((SELECT shipping FROM orders WHERE id = 2048), 490::bigint, 'the order has it');
SELECT is((SELECT concat_ws(' ', method, weight, goods, price, charged) FROM order_shipping
	WHERE order_id = 2048), 'standard 800 2000 490 490', 'and remembers why');
SELECT is(pg_temp.buy(3, 'HEAVY', 2, '{"country":"DE","postal_code":"25980"}', 'standard'),
	'placed (7990,EUR)', 'where it goes counts');
SELECT is(pg_temp.buy(4, 'LIGHT', 1, '{"country":"DE"}', 'pigeon'),
	'refused shipping_method_is_offered pigeon does not send 400 g for 10.00 EUR to DE',
	'no such method');
SELECT is(pg_temp.buy(4, 'LIGHT', 1, NULL, 'standard'), 'refused shipping_method_is_offered '
	'what it costs to send depends on the country, and the address has none', 'no address');
SELECT is(pg_temp.buy(4, 'CARD', 1, NULL, 'standard'), 'placed (1000,EUR)',
	'what needs no shipping is sent for nothing');
SELECT is(pg_temp.buy(5, 'HEAVY', 2, '{"country":"DE"}', 'standard'), 'placed (7740,EUR)',
	'ten kilograms: five begun ones over five');
INSERT INTO promotion (name, title, kind, automatic, enabled)
	VALUES ('FREE', 'Free', 'free_shipping', true, true);
SELECT is(pg_temp.buy(6, 'LIGHT', 2, '{"country":"DE"}', 'standard'), 'placed (2000,EUR)',
	'a promotion may pay for it');
SELECT is((SELECT concat_ws(' ', price, charged) FROM order_shipping WHERE order_id = 6144),
	'490 0', 'which the order remembers, too');
SELECT throws_like($$ SELECT pg_temp.rate('DE', 'standard', 1, 0, NULL, 0, 5000, 0, NULL,
	'-infinity') $$, 'rate % was paid by orders%', 'a rate that was paid is not taken back');
SELECT throws_like($$ SELECT api.shipping_zone_remove('DE') $$, 'zone DE has rates',
	'a zone with rates stays');
SELECT lives_ok($$ SELECT api.shipping_zone_remove('EU') $$, 'one without goes');

SELECT * FROM finish();
ROLLBACK;
