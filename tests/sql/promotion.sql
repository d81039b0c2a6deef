-- What promotions take off: by known figures, and of random baskets that nothing of a cent is
-- lost, made up or taken twice.
BEGIN;
SELECT plan(26);
SELECT setseed(0.42);

INSERT INTO warehouse (code) VALUES ('W');
INSERT INTO brand (slug, name) VALUES ('acme', 'Acme');
INSERT INTO category (path, name) VALUES ('pets', 'Pets'), ('pets/food', 'Food'), ('petshops', 'Shops');
INSERT INTO product (handle, title, status, category_id, brand_id)
	SELECT 'p' || i, 'P', 'active', (SELECT id FROM category WHERE path = (ARRAY['pets', 'pets/food',
		'petshops'])[1 + i % 3]), CASE WHEN i % 2 = 0 THEN (SELECT id FROM brand) END
	FROM generate_series(1, 12) i;
INSERT INTO variant (product_id, sku, title, options)
	SELECT id, 'S' || substr(handle, 2), 'P', ARRAY[handle] FROM product WHERE handle ~ '^p\d';
INSERT INTO price (variant_id, currency, amount)
	SELECT v.id, c.code, CASE WHEN c.code = 'KWD' THEN 10 ELSE 1 END * (1 + (random() * 9999)::bigint)
	FROM variant v, (VALUES ('EUR'), ('JPY'), ('KWD')) c (code);
UPDATE price SET amount = 999 WHERE currency = 'EUR' AND variant_id = (SELECT id FROM variant WHERE sku = 'S1');
UPDATE price SET amount = 333 WHERE currency = 'EUR' AND variant_id = (SELECT id FROM variant WHERE sku = 'S2');
INSERT INTO stock (variant_id, warehouse_id, on_hand) SELECT v.id, w.id, 1000000 FROM variant v, warehouse w;

-- The quote of one basket: "discount of each line | total | promotions | why not".
CREATE FUNCTION pg_temp.quote(skus text[], qtys bigint[], codes text[] DEFAULT '{}',
	currency text DEFAULT 'EUR', customer bigint DEFAULT 0) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' | ', q.discounts::text, q.totals[1], (SELECT string_agg(p.name || ' ' || u.amount, ', ' ORDER BY u.i)
		FROM unnest(q.uses) WITH ORDINALITY AS u(n, promotion_id, coupon_id, who, amount, i)
		JOIN promotion p ON p.id = u.promotion_id), (SELECT string_agg(
		concat_ws(' ', v.code, v.reason), ', ') FROM unnest(q.verdicts) v))
	FROM checkout_quote(ARRAY[$4], ARRAY[$5], ARRAY['a@b.c'], ARRAY[NULL::text], ARRAY[NULL::text],
		ARRAY[NULL::text], NULL, array_fill(1::bigint, ARRAY[cardinality($3)]), $3,
		array_fill(1::bigint, ARRAY[cardinality($1)]), $1, $2) q
$$;
-- Make a promotion of these columns, live, with a coupon of its name unless it is automatic.
CREATE FUNCTION pg_temp.promote(name text, kind text, more jsonb, automatic boolean DEFAULT false)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	p promotion := jsonb_populate_record(NULL::promotion, jsonb_build_object('name', $1, 'title', $1,
		'kind', $2, 'automatic', $4, 'enabled', true, 'stacking', 'combinable', 'priority', 100,
		'percent_bp', 0, 'amount', 0, 'buy_qty', 0, 'get_qty', 0, 'min_total', 0, 'min_qty', 0,
		'first_order', false, 'starts_at', '-infinity', 'ends_at', 'infinity', 'used', 0, 'spent', 0,
		'created_at', now(), 'id', coalesce((SELECT max(q.id) FROM promotion q), 0) + 1) || $3);
BEGIN
	INSERT INTO promotion OVERRIDING SYSTEM VALUE SELECT p.*;
	INSERT INTO coupon (promotion_id, code) SELECT p.id, upper($1) WHERE NOT $4;
	RETURN p.id;
END $$;

SELECT is(pg_temp.quote('{S1,S2}', '{2,3}'), '{0,0} | 2997', 'no promotion, no discount');
SELECT pg_temp.promote('TEN', 'percentage', '{"percent_bp": 1000}');
SELECT is(pg_temp.quote('{S1,S2}', '{2,3}', '{ten}'), '{200,100} | 2697 | TEN 300',
	'a percentage is taken of the basket once and split by largest remainder');
SELECT pg_temp.promote('FIVE', 'amount', '{"amount": 500, "currency": "EUR", "priority": 50}');
SELECT is(pg_temp.quote('{S1,S2}', '{2,3}', '{TEN,FIVE}'), '{500,250} | 2247 | FIVE 500, TEN 250',
	'one after the other by priority, each of what was left');
SELECT is(pg_temp.quote('{S2}', '{1}', '{FIVE}'), '{333} | 0 | FIVE 333', 'never more than there is');
SELECT is(pg_temp.quote('{S2}', '{1}', '{FIVE}', 'JPY'), '{0} | ' || (SELECT amount FROM price JOIN variant ON id = variant_id
	WHERE sku = 'S2' AND currency = 'JPY') || ' | FIVE other_currency', 'an amount is in its currency');
SELECT pg_temp.promote('THREE', 'buy_x_get_y', '{"buy_qty": 2, "get_qty": 1, "percent_bp": 10000}');
SELECT is(pg_temp.quote('{S1,S2}', '{2,3}', '{THREE}'), '{0,333} | 2664 | THREE 333',
	'of five pieces one is free, the cheapest');
SELECT is(pg_temp.quote('{S1,S2}', '{3,3}', '{THREE}'), '{0,666} | 3330 | THREE 666', 'of six two');
SELECT is(pg_temp.quote('{S1}', '{2}', '{THREE}'), '{0} | 1998 | THREE below_minimum_quantity', 'of two none');
SELECT pg_temp.promote('GIFT', 'buy_x_get_y', '{"buy_qty": 2, "get_qty": 1, "percent_bp": 5000}');
INSERT INTO promotion_scope SELECT p.id, r, 'sku', v.id FROM promotion p, variant v,
	(VALUES ('buy', 'S1'), ('get', 'S2')) x (r, s) WHERE p.name = 'GIFT' AND sku = s;
SELECT is(pg_temp.quote('{S1,S2}', '{4,3}', '{GIFT}'), '{0,333} | 4662 | GIFT 333',
	'what is gotten may be another SKU, at a part of its price');
SELECT pg_temp.promote('PETS', 'percentage', '{"percent_bp": 5000}');
INSERT INTO promotion_scope SELECT p.id, 'buy', 'category', c.id FROM promotion p, category c
	WHERE p.name = 'PETS' AND path = 'pets';
SELECT ok(pg_temp.quote('{S1,S2}', '{1,1}', '{PETS}') LIKE '{500,0} | 832 %',
	'a category is what is below it, too, and not what begins like it');
SELECT promotion_scope_merged('category', a.id, b.id) FROM category a, category b
	WHERE a.path = 'pets' AND b.path = 'petshops';
SELECT ok(pg_temp.quote('{S1,S2}', '{1,1}', '{PETS}') LIKE '{0,166} | 1166 %'
	OR pg_temp.quote('{S1,S2}', '{1,1}', '{PETS}') LIKE '{0,167} | 1165 %',
	'a category that is merged into another takes its promotions along');
SELECT pg_temp.promote('SHUT', 'percentage', '{"percent_bp": 2000, "stacking": "exclusive", "priority": 1}');
SELECT is(pg_temp.quote('{S1}', '{1}', '{TEN,SHUT}'), '{200} | 799 | SHUT 200 | TEN not_combinable',
	'an exclusive one is alone');
UPDATE promotion SET priority = 999 WHERE name = 'SHUT';
SELECT is(pg_temp.quote('{S1}', '{1}', '{TEN,SHUT}'), '{100} | 899 | TEN 100 | SHUT not_combinable',
	'and comes too late behind another');
SELECT pg_temp.promote('FREE', 'free_shipping', '{}');
SELECT is(pg_temp.quote('{S1}', '{1}', '{FREE}'), '{0} | 999 | FREE no_shipping',
	'without shipping there is none to give');
SELECT is((SELECT concat_ws(' ', a.waived::text, a.offs::text, (a.uses[1]).amount)
	FROM promotions_apply('{EUR,EUR}', '{a,b}', '{490,490}', '{2}', '{FREE}', '{1,2}',
		(SELECT array_agg(id) FROM variant WHERE sku IN ('S1', 'S2')), '{1,1}', '{999,333}') a),
	'{0,490} {0,0} 490', 'free shipping waives the shipping of its basket');
SELECT is(promotion_percent(1005, 1000, 'KWD'), 100::bigint,
	'three decimals are taken in steps that can be charged');

-- Random promotions over random baskets of all three currencies.
UPDATE promotion SET enabled = false;
SELECT pg_temp.promote('R' || i, k.kind, CASE k.kind
	WHEN 'percentage' THEN jsonb_build_object('percent_bp', 1 + (random() * 9999)::int)
	WHEN 'amount' THEN jsonb_build_object('amount', 1 + (random() * 30000)::int,
		'currency', (ARRAY['EUR', 'JPY', 'KWD'])[1 + i % 3])
	ELSE jsonb_build_object('buy_qty', 1 + i % 3, 'get_qty', 1 + i % 2, 'percent_bp', 2500 * (1 + i % 4)) END
	|| jsonb_build_object('priority', (random() * 9)::int, 'min_qty', i % 4, 'stacking',
		CASE i % 7 WHEN 0 THEN 'exclusive' ELSE 'combinable' END), i % 3 <> 0)
FROM generate_series(1, 24) i CROSS JOIN LATERAL (SELECT (ARRAY['percentage', 'amount', 'buy_x_get_y'])[1 + i / 3 % 3] AS kind) k;
INSERT INTO promotion_scope SELECT p.id, 'buy', 'sku', v.id FROM promotion p, variant v
	WHERE p.name ~ '^R\d*[05]$' AND v.id % 2 = p.id % 2;
CREATE TEMP TABLE line AS SELECT b::bigint AS o, 'S' || 1 + (random() * 11)::int AS sku, 1 + (random() * 6)::bigint AS qty
	FROM generate_series(1, 200) b, generate_series(1, 5) n WHERE n <= 1 + b % 5 ORDER BY b;
CREATE TEMP TABLE ask AS SELECT (SELECT array_agg((ARRAY['EUR', 'JPY', 'KWD'])[1 + b % 3] ORDER BY b) FROM generate_series(1, 200) b) AS currencies,
	(SELECT array_agg(b ORDER BY b) FROM generate_series(1, 200, 2) b)::bigint[] AS co,
	(SELECT array_agg('r' || 3 * (1 + b % 8) ORDER BY b) FROM generate_series(1, 200, 2) b) AS cc,
	(SELECT array_agg(o ORDER BY o, sku, qty) FROM line) AS lo, (SELECT array_agg(sku ORDER BY o, sku, qty) FROM line) AS ls,
	(SELECT array_agg(qty ORDER BY o, sku, qty) FROM line) AS lq;
CREATE TEMP TABLE answer AS SELECT a.lo, a.lq, q.* FROM ask a, checkout_quote(a.currencies,
	array_fill(0::bigint, '{200}'), array_fill('a@b.c'::text, '{200}'), array_fill(NULL::text, '{200}'),
	array_fill(NULL::text, '{200}'), array_fill(NULL::text, '{200}'), NULL, a.co, a.cc, a.lo, a.ls, a.lq) q;
SELECT ok((SELECT cardinality(uses) > 150 FROM answer), 'many of them got something');
SELECT is_empty($$ SELECT * FROM answer, unnest(lq, prices, discounts) u(q, p, d)
	WHERE d < 0 OR d > q * p $$, 'no line gets less than nothing or more than it costs');
SELECT is_empty($$ SELECT i FROM answer, generate_series(1, 200) i WHERE discounts_of[i] <> (SELECT sum(d)
	FROM unnest(lo, discounts) u(o, d) WHERE o = i) OR totals[i] <> (SELECT sum(q * p - d)
	FROM unnest(lo, lq, prices, discounts) u(o, q, p, d) WHERE o = i) OR totals[i] < 0 $$,
	'lines add up to their basket');
SELECT is_empty($$ SELECT i FROM answer, generate_series(1, 200) i WHERE discounts_of[i] <> coalesce((SELECT sum(u.amount)
	FROM unnest(uses) u WHERE u.n = i), 0) $$, 'and so does what each promotion gave');
SELECT is_empty($$ SELECT n FROM answer, unnest(uses) u JOIN promotion p ON p.id = u.promotion_id
	GROUP BY n HAVING bool_or(p.stacking = 'exclusive') AND count(*) > 1 $$, 'an exclusive one was alone');
SELECT is_empty($$ SELECT b FROM ask a, answer s, generate_series(1, 200, 9) b, checkout_quote(ARRAY[a.currencies[b]], '{0}',
	'{a@b.c}', '{NULL}', '{NULL}', '{NULL}', NULL, CASE WHEN b % 2 = 1 THEN '{1}'::bigint[] ELSE '{}' END,
	CASE WHEN b % 2 = 1 THEN ARRAY[a.cc[(b + 1) / 2]] ELSE '{}' END,
	array_fill(1::bigint, ARRAY[(SELECT count(*) FROM unnest(a.lo) o WHERE o = b)::int]),
	ARRAY(SELECT sku FROM unnest(a.lo, a.ls) WITH ORDINALITY AS u(o, sku, i) WHERE o = b ORDER BY i),
	ARRAY(SELECT qty FROM unnest(a.lo, a.lq) WITH ORDINALITY AS u(o, qty, i) WHERE o = b ORDER BY i)) q
	WHERE q.totals[1] <> s.totals[b] $$, 'alone a basket has the same answer as among others');

-- The same baskets ordered and refunded unit by unit.
CREATE TEMP TABLE placed AS SELECT p.* FROM ask a, answer s, api.order_place(
	ARRAY(SELECT b * 1024 FROM generate_series(1, 200) b)::bigint[], array_fill(7::bigint, '{200}'),
	ARRAY(SELECT 'k' || b FROM generate_series(1, 200) b), array_fill('\x00'::bytea, '{200}'),
	array_fill(NULL::text, '{200}'), array_fill(0::bigint, '{200}'), a.currencies, array_fill(-1::bigint, '{200}'),
	ARRAY(SELECT 'a' || b || '@b.c' FROM generate_series(1, 200) b), array_fill(''::text, '{200}'), array_fill(NULL::text, '{200}'),
	array_fill('en'::text, '{200}'), array_fill(NULL::text, '{200}'), array_fill('manual:9'::text, '{200}'), array_fill(NULL::text, '{200}'),
	a.lo, a.ls, a.lq, 15, a.co, a.cc, NULL) p;
SELECT is_empty($$ SELECT n FROM placed, answer WHERE status = 'placed' AND (total).minor <> totals[n] $$,
	'an order costs what its quote said');
SELECT is_empty($$ SELECT * FROM fsck_orders(NULL) WHERE code IN ('O1', 'O2', 'O8') $$, 'and it adds up');
SELECT is_empty($$ SELECT o.id FROM orders o WHERE o.total <> (SELECT sum(r.amount) FROM refund_by_units(o.id,
	(SELECT jsonb_agg(jsonb_build_object('sku', l.sku, 'qty', l.qty)) FROM order_line l WHERE l.order_id = o.id)) r) $$,
	'all units given back are all that was paid');

-- A coupon with one use left, and a batch that wants it: the first of them has it.
SELECT pg_temp.promote('LAST', 'percentage', '{"percent_bp": 1000, "uses_max": 1}');
UPDATE promotion SET enabled = name = 'LAST';
SELECT is((SELECT string_agg(concat_ws(' ', n, status, rule), ', ' ORDER BY n) FROM api.order_place(
	ARRAY[1000, 1001, 1002]::bigint[], '{7,7,7}', '{l1,l2,l3}', array_fill('\x00'::bytea, '{3}'),
	array_fill(NULL::text, '{3}'), '{0,0,0}', '{EUR,EUR,EUR}', '{-1,-1,-1}', '{a@b.c,d@b.c,e@b.c}', array_fill(''::text, '{3}'),
	array_fill(NULL::text, '{3}'), '{en,en,en}', array_fill(NULL::text, '{3}'), array_fill(NULL::text, '{3}'),
	array_fill(NULL::text, '{3}'), '{1,2,3}', '{S1,S1,S1}', '{1,1,1}', 15, '{1,2}', '{LAST,LAST}', NULL)),
	'1 placed, 2 refused checkout_is_asked_again, 3 placed', 'of a batch one has the last use, and the next is asked again');
SELECT * FROM finish();
ROLLBACK;
