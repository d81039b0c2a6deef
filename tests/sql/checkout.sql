-- Checkout called as anybody with the right may call it: arrays of any shape.
BEGIN;
SELECT plan(16);

INSERT INTO warehouse (code, priority, open) VALUES ('T1', 1, true), ('T2', 2, true),
	('T0', 0, false);
INSERT INTO product (handle, title, status) VALUES ('t', 'T', 'active');
INSERT INTO variant (product_id, sku, title, options) SELECT id, s, 'Title of ' || s, ARRAY[s]
	FROM product, unnest('{AA,BB}'::text[]) s WHERE handle = 't';
INSERT INTO price (variant_id, currency, amount)
	SELECT id, 'EUR', 250 FROM variant WHERE sku IN ('AA', 'BB');
INSERT INTO price (variant_id, currency, amount)
	SELECT id, 'KWD', 9000000000 FROM variant WHERE sku = 'BB';
INSERT INTO stock (variant_id, warehouse_id, on_hand)
	SELECT v.id, w.id, CASE w.code WHEN 'T1' THEN 3 ELSE 100000000 END
	FROM variant v, warehouse w WHERE sku IN ('AA', 'BB') AND w.code LIKE 'T_';

-- The optimistic path takes no coupons and no shipping method.
CREATE FUNCTION pg_temp.codes(fn text) RETURNS text LANGUAGE sql AS $$
	SELECT CASE fn WHEN 'order_place' THEN ', ''{}'', ''{}'', NULL' ELSE '' END
$$;

-- One order of these lines by the function named; what became of it.
CREATE FUNCTION pg_temp.try(fn text, id bigint, currency text, skus text[], qtys bigint[],
	expected bigint DEFAULT -1) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	r record;
BEGIN
	EXECUTE format('SELECT * FROM api.%I($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
		$13, $14, $15, $16, $17, $18, 15%s)', fn, pg_temp.codes(fn)) INTO r
	USING ARRAY[id << 10], ARRAY[7::bigint], ARRAY['k' || id], ARRAY['\x00'::bytea],
		ARRAY[NULL::text], ARRAY[0::bigint], ARRAY[currency], ARRAY[expected], ARRAY['a@b.c'], ARRAY['A'],
		ARRAY[NULL::text], ARRAY['en'], ARRAY[NULL::text], ARRAY[NULL::text],
		ARRAY['0af7651916cd43dd8448eb211c80319c'],
		array_fill(1::bigint, ARRAY[cardinality(skus)]), skus, qtys;
	RETURN concat_ws(' ', r.status, r.rule, r.message, r.total);
EXCEPTION WHEN OTHERS THEN
	RETURN SQLERRM;
END $$;

SELECT is(pg_temp.try('order_place', 1, 'EUR', '{AA,BB}', '{1,2}'), 'placed (750,EUR)',
	'an order costs the sum of its lines');
SELECT is(pg_temp.try('order_place_fast', 2, 'EUR', '{AA,BB}', '{1,1}', 500), 'placed (500,EUR)',
	'so it does on the fast path, when the total was expected');
SELECT is(pg_temp.try('order_place_fast', 3, 'EUR', '{AA}', '{1}', 249),
	'an order of the batch needs a closer look', 'another total is not placed fast');
SELECT is(pg_temp.try('order_place', 3, 'EUR', '{AA}', '{1}', 249),
	'refused order_total_is_agreed the total is 250 EUR in minor units, not 249',
	'and the exact path says what it is');
SELECT is(pg_temp.try('order_place', 4, 'EUR', '{}', '{}'),
	'refused order_has_lines an order needs a line', 'no lines, no order');
SELECT is(pg_temp.try('order_place', 5, 'EUR', '{AA}', '{-1}'),
	'refused line_is_within_bounds -1 of AA cannot be ordered', 'nobody sells us stock');
SELECT is(pg_temp.try('order_place', 6, 'KWD', '{BB}', '{1000000}'),
	'placed (9000000000000000,KWD)', 'the largest sum fits');
SELECT is(pg_temp.try('order_place', 7, 'GBP', '{AA}', '{1}'),
	'refused price_is_set AA has no price in GBP', 'a price is one of its currency');
SELECT is(pg_temp.try('order_place', 8, 'EUR', '{AA,AA}', '{2,2}'), 'placed (1000,EUR)',
	'a SKU may come twice');
SELECT is((SELECT string_agg(concat_ws(' ', w.code, l.qty), ', ' ORDER BY l.n)
	FROM order_line l JOIN warehouse w ON w.id = l.warehouse_id WHERE order_id = 8 << 10),
	'T1 1, T2 1, T2 2', 'what the first warehouse lacks comes from the next');
SELECT is((SELECT count(*) FROM stock s JOIN warehouse w ON w.id = s.warehouse_id
	WHERE w.code = 'T0' AND s.reserved > 0), 0::bigint, 'a closed warehouse is not asked');
INSERT INTO price (variant_id, currency, amount, valid_until)
	SELECT id, 'EUR', 199, now() + interval '1 day' FROM variant WHERE sku = 'AA';
SELECT is(pg_temp.try('order_place_fast', 9, 'EUR', '{AA,BB}', '{1,1}'),
	'an order of the batch needs a closer look', 'two prices at once are not placed fast');
SELECT is(pg_temp.try('order_place', 9, 'EUR', '{AA,BB}', '{1,1}'), 'placed (449,EUR)',
	'of two prices at once the one that ends first holds');
SELECT is_empty($$ SELECT * FROM api.order_place('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}',
	'{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', 15, '{}', '{}', '{}') $$, 'no orders, no answers');
-- One batch with one cart under two keys, and a third order of another cart.
CREATE FUNCTION pg_temp.carts(fn text, carts text[], keys text[]) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	said text;
BEGIN
	EXECUTE format('SELECT string_agg(concat_ws('' '', status, rule), '', '' ORDER BY n) FROM api.%I(
		ARRAY[100, 101, 102] , ARRAY[7, 7, 7], $2, array_fill(''\x00''::bytea, ARRAY[3]), $1,
		ARRAY[0, 0, 0], array_fill(''EUR''::text, ARRAY[3]), ARRAY[-1, -1, -1],
		array_fill(''a@b.c''::text, ARRAY[3]), array_fill(''A''::text, ARRAY[3]),
		array_fill(NULL::text, ARRAY[3]), array_fill(''en''::text, ARRAY[3]),
		array_fill(NULL::text, ARRAY[3]), array_fill(NULL::text, ARRAY[3]),
		array_fill(NULL::text, ARRAY[3]), ARRAY[1, 2, 3], array_fill(''BB''::text, ARRAY[3]),
		ARRAY[1, 1, 1], 15%s)', fn, pg_temp.codes(fn)) INTO said USING carts, keys;
	RETURN said;
EXCEPTION WHEN unique_violation THEN
	RETURN SQLERRM;
END $$;
SELECT is(pg_temp.carts('order_place_fast', '{1/a,1/a,NULL}', '{a,b,c}'),
	'duplicate key value violates unique constraint "cart_used_once"', 'one cart is not placed twice fast');
SELECT is(pg_temp.carts('order_place', '{1/a,1/a,NULL}', '{a,b,c}'),
	'placed, refused cart_used_once, placed', 'and the exact path says who was second');
SELECT * FROM finish();
ROLLBACK;
