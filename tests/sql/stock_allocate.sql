-- From where an order is sent: by areas that warehouses serve and by each policy.
BEGIN;
SELECT plan(27);

INSERT INTO warehouse (code, country, priority) VALUES ('AMS', 'NL', 1), ('BER', 'DE', 2),
	('NYC', 'US', 3);
INSERT INTO product (handle, title, status) VALUES ('t', 'T', 'active');
INSERT INTO variant (product_id, sku, title, options) SELECT id, s, s, ARRAY[s]
	FROM product, unnest('{AA,BB,CC}'::text[]) s WHERE handle = 't';
INSERT INTO price (variant_id, currency, amount) SELECT id, 'EUR', 100 FROM variant;
INSERT INTO stock (variant_id, warehouse_id, on_hand)
	SELECT v.id, w.id, n FROM (VALUES ('AA', 'AMS', 50), ('AA', 'BER', 50), ('AA', 'NYC', 50),
		('BB', 'BER', 50), ('BB', 'NYC', 40), ('CC', 'AMS', 10), ('CC', 'NYC', 3)) x (sku, code, n)
	JOIN variant v USING (sku) JOIN warehouse w USING (code);

CREATE SEQUENCE pg_temp.n START 5;
-- Places of an order, and no trace of it.
CREATE FUNCTION pg_temp.sent(lines text, address text, fn text DEFAULT 'order_place')
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	made bigint := nextval('pg_temp.n') << 10;
	r record;
BEGIN
	EXECUTE format('SELECT * FROM api.%I($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
		$13, $14, $15, $16, $17, $18, 15%s)', fn, CASE fn WHEN 'order_place' THEN
			', NULL, NULL, NULL' END) INTO r
	USING ARRAY[made], ARRAY[7::bigint], ARRAY['k' || made], ARRAY['\x00'::bytea],
		ARRAY[NULL::text], ARRAY[0::bigint], ARRAY['EUR'], ARRAY[-1::bigint], ARRAY['a@b.c'],
		ARRAY['A'], ARRAY[NULL::text], ARRAY['en'], ARRAY[address], ARRAY[NULL::text],
		ARRAY['0af7651916cd43dd8448eb211c80319c'],
		ARRAY(SELECT 1::bigint FROM regexp_split_to_table(lines, ' ')),
		ARRAY(SELECT split_part(l, ':', 1) FROM regexp_split_to_table(lines, ' ') l),
		ARRAY(SELECT split_part(l, ':', 2)::bigint FROM regexp_split_to_table(lines, ' ') l);
	RAISE EXCEPTION USING ERRCODE = 'ZZ001', MESSAGE = coalesce(r.message, (SELECT
		string_agg(concat_ws(' ', l.sku, w.code, l.qty), ', ' ORDER BY l.n) FROM order_line l
		JOIN warehouse w ON w.id = l.warehouse_id WHERE l.order_id = made));
EXCEPTION WHEN SQLSTATE 'ZZ001' OR SQLSTATE 'SH409' OR SQLSTATE '23514' THEN
	RETURN SQLERRM;
END $$;
CREATE FUNCTION pg_temp.serves(code text, areas text) RETURNS void LANGUAGE sql AS
	$$ SELECT FROM api.warehouse_set($1, NULL, NULL, NULL, $2, NULL, NULL) $$;

SELECT is(pg_temp.sent('AA:1', '{"country":"DE"}', 'order_place_fast'), 'AA AMS 1',
	'the lowest number first, on the fast path');
SELECT is(pg_temp.sent('AA:60 BB:1', '{"country":"DE"}'), 'AA AMS 50, AA BER 10, BB BER 1',
	'and on the exact one, with the rest from the next');
SELECT is(bool_or(routed), false, 'no checkout looks at addresses') FROM warehouse;

SELECT pg_temp.serves('AMS', 'nl, be');
SELECT is(bool_and(routed), true, 'an area makes them look') FROM warehouse;
SELECT is(pg_temp.sent('AA:1', '{"country":"NL"}', 'order_place_fast'),
	'a promotion or a tax is live, or from where an order is sent depends on where to',
	'the fast path leaves it alone');
SELECT is(pg_temp.sent('AA:1', '{"country":"NL"}'), 'AA AMS 1', 'it sends to its area');
SELECT is(pg_temp.sent('AA:1', '{"country":"DE"}'), 'AA BER 1', 'and not to others');
SELECT is(pg_temp.sent('AA:1', NULL), 'AA AMS 1', 'no address could be anywhere');
SELECT is(pg_temp.sent('AA:120', '{"country":"DE"}'),
	'only 100 of AA left in warehouses that send there', 'what lies elsewhere is not there');
SELECT pg_temp.serves(c, 'US-CA,US-NV') FROM unnest('{AMS,BER,NYC}'::text[]) c;
SELECT is(pg_temp.sent('AA:1', '{"country":"US","state":"ca"}'), 'AA AMS 1',
	'a part of a country');
SELECT is(pg_temp.sent('AA:1', '{"country":"US","state":"US-NV"}'), 'AA AMS 1',
	'as some write it');
SELECT is(pg_temp.sent('AA:1', '{"country":"US","state":"NY"}'),
	'only 0 of AA left in warehouses that send there', 'and not another part');
SELECT is(pg_temp.sent('AA:1', '{"country":"CA"}'),
	'only 0 of AA left in warehouses that send there', 'and no country of that name');
SELECT pg_temp.serves(c, 'everywhere') FROM unnest('{AMS,BER,NYC}'::text[]) c;
SELECT is(bool_or(routed), false, 'without areas nobody looks') FROM warehouse;

SELECT FROM api.warehouse_policy('nearest');
SELECT is(pg_temp.sent('AA:1', '{"country":"US"}'), 'AA NYC 1', 'the nearest by country');
SELECT is(pg_temp.sent('AA:1', '{"country":"CZ"}'), 'AA BER 1', 'across a border');
SELECT is(pg_temp.sent('AA:1', '{"country":"US","latitude":52.5,"longitude":13.4}'), 'AA BER 1',
	'or by its coordinates');
SELECT is(pg_temp.sent('AA:1', '{"country":"XK"}'), 'AA AMS 1',
	'of a country that nobody knows the first that is asked');
SELECT FROM api.warehouse_set('AMS', NULL, NULL, NULL, NULL, '40.0,-74.5', NULL);
SELECT is(pg_temp.sent('AA:1', '{"country":"US","latitude":41,"longitude":-74}'), 'AA AMS 1',
	'a warehouse lies where it says');
SELECT is(pg_temp.sent('BB:45', '{"country":"US"}'), 'BB NYC 40, BB BER 5',
	'what the nearest lacks comes from the next');

SELECT FROM api.warehouse_policy('fewest_splits');
SELECT is(pg_temp.sent('AA:1 BB:1', '{"country":"US"}'), 'AA BER 1, BB BER 1',
	'one warehouse rather than the first');
SELECT is(pg_temp.sent('AA:1 BB:1 CC:1', '{"country":"US"}'), 'AA NYC 1, BB NYC 1, CC NYC 1',
	'the only one that has all of it');
SELECT is(pg_temp.sent('BB:45 CC:5', '{"country":"US"}'), 'BB BER 45, CC AMS 5',
	'two when no one has it all, each line whole');
SELECT is(pg_temp.sent('AA:120 CC:12', '{"country":"US"}'),
	'AA AMS 50, AA BER 50, AA NYC 20, CC AMS 10, CC NYC 2', 'all of them when it takes all');
SELECT is(pg_temp.sent('AA:151', '{"country":"US"}'),
	'only 150 of AA left in warehouses that send there', 'more than all have is refused');
SELECT pg_temp.serves('BER', 'DE');
SELECT is(pg_temp.sent('AA:1 BB:1', '{"country":"US"}'), 'AA NYC 1, BB NYC 1',
	'of those that send there');

UPDATE warehouse SET open = false;
SELECT is(pg_temp.sent('AA:1', NULL, 'order_place_fast') || '; ' || pg_temp.sent('AA:1', NULL),
	'a promotion or a tax is live, or from where an order is sent depends on where to; '
	'only 0 of AA left', 'with every warehouse closed nothing is sent');
SELECT * FROM finish();
ROLLBACK;
