-- The conditions of --where over the catalog.
BEGIN;
SELECT plan(34);

INSERT INTO brand (slug, name) VALUES ('best-pet', 'Best Pet');
INSERT INTO category (path, name) VALUES ('pets', 'Pets'), ('pets/food', 'Food'), ('petshop', 'Petshop');
INSERT INTO product (handle, title, brand_id, category_id, status, tags, attributes, updated_at)
SELECT x.h, x.t, (SELECT id FROM brand b WHERE b.slug = x.b), (SELECT id FROM category c WHERE c.path = x.c),
	x.s, x.tags, x.a, now() - x.age
FROM (VALUES ('dog', 'Dog Food', 'best-pet', 'pets/food', 'active', '{Sale,dry}'::text[], '{"colour": "Red"}'::jsonb,
		interval '1 day'),
	('cat', 'Cat Food', NULL, 'pets', 'draft', '{}', '{}', interval '60 days'),
	('shed', 'Shed', NULL, 'petshop', 'active', '{dry}', '{}', interval '2 hours'),
	('bare', 'No variant', NULL, NULL, 'draft', '{}', '{}', interval '3 hours')) AS x(h, t, b, c, s, tags, a, age);
INSERT INTO variant (product_id, sku, title, options, weight_grams, cost_minor, cost_currency,
	attributes)
SELECT p.id, x.sku, x.sku, ARRAY[x.sku], x.w, x.cost, 'EUR', x.a
FROM (VALUES ('dog', 'DOG-1', 1000, 700, '{}'::jsonb), ('dog', 'DOG-5', 5000, 2200, '{"colour": "blue"}'),
	('cat', 'CAT-1', 1000, NULL, '{}'), ('shed', 'SHED', 90000, 1, '{}')) AS x(h, sku, w, cost, a)
	JOIN product p ON p.handle = x.h;
INSERT INTO price (variant_id, currency, amount) SELECT v.id, 'EUR', x.a
FROM (VALUES ('DOG-1', 999), ('DOG-5', 2999), ('CAT-1', 2000)) AS x(s, a) JOIN variant v ON v.sku = x.s;
INSERT INTO warehouse (code) VALUES ('CAT-W');
INSERT INTO stock (variant_id, warehouse_id, on_hand, reserved) SELECT v.id, w.id, 10, 8
FROM variant v, warehouse w WHERE v.sku = 'DOG-1' AND w.code = 'CAT-W';

CREATE FUNCTION pg_temp.found(VARIADIC conditions text[]) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(coalesce(v.sku, p.handle), ' ' ORDER BY coalesce(v.sku, p.handle) COLLATE "C")
	FROM catalog_match(conditions) m JOIN product p ON p.id = m.product_id
		LEFT JOIN variant v ON v.id = m.variant_id
$$;
SELECT is(pg_temp.found('brand=Best Pet'), 'DOG-1 DOG-5', 'a brand by its name');
SELECT is(pg_temp.found('brand!=best-pet'), 'CAT-1 SHED bare', 'none is another');
SELECT is(pg_temp.found('category=pets'), 'CAT-1 DOG-1 DOG-5', 'a category and those below it, not petshop');
SELECT is(pg_temp.found('category = Pets > Food'), 'DOG-1 DOG-5', 'by its title');
SELECT is(pg_temp.found('category!=pets'), 'SHED bare', 'or outside');
SELECT is(pg_temp.found('status=ACTIVE'), 'DOG-1 DOG-5 SHED', 'case does not count');
SELECT is(pg_temp.found('title~food', 'status=draft'), 'CAT-1', 'all conditions hold');
SELECT is(pg_temp.found('title!~food'), 'SHED bare', 'not a part');
SELECT is(pg_temp.found('tag=sale'), 'DOG-1 DOG-5', 'one of the tags');
SELECT is(pg_temp.found('tag!=dry'), 'CAT-1 bare', 'none of the tags');
SELECT is(pg_temp.found('tag~al'), 'DOG-1 DOG-5', 'a part of one');
SELECT is(pg_temp.found('attribute.colour=red'), 'DOG-1', 'the variant''s own goes before the product''s');
SELECT is(pg_temp.found('attribute.colour=blue'), 'DOG-5', 'so here');
SELECT is(pg_temp.found('price<20EUR'), 'DOG-1', 'a price');
SELECT is(pg_temp.found('price<=20.00 EUR'), 'CAT-1 DOG-1', 'or as much');
SELECT is(pg_temp.found('price!=20EUR'), 'DOG-1 DOG-5 SHED bare', 'no price is another one');
SELECT is(pg_temp.found('price>=0USD'), NULL, 'nothing has a price in it');
SELECT is(pg_temp.found('cost>7EUR'), 'DOG-5', 'what it cost');
SELECT is(pg_temp.found('weight>=5000'), 'DOG-5 SHED', 'grams');
SELECT is(pg_temp.found('on_hand=0'), 'CAT-1 DOG-5 SHED bare', 'nothing on a shelf is 0');
SELECT is(pg_temp.found('available<=2', 'on_hand>0'), 'DOG-1', 'what is reserved is not available');
SELECT is(pg_temp.found('updated>30d'), 'DOG-1 DOG-5 SHED bare', 'since thirty days ago');
SELECT is(pg_temp.found('updated<2000-01-01'), NULL, 'a date');
SELECT is(pg_temp.found('sku~DOG'), 'DOG-1 DOG-5', 'SKUs');
SELECT is(pg_temp.found('title~'' OR true --'), NULL, 'a value is a value');

CREATE FUNCTION pg_temp.refused(condition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	rule text;
BEGIN
	PERFORM pg_temp.found(condition);
	RETURN 'taken';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS rule = CONSTRAINT_NAME;
	RETURN rule;
END $$;
SELECT is(pg_temp.refused('colour=red'), 'where_is_readable', 'an unknown key');
SELECT is(pg_temp.refused('attribute=red'), 'where_is_readable', 'an attribute has a name');
SELECT is(pg_temp.refused('brand.x=red'), 'where_is_readable', 'and nothing else has');
SELECT is(pg_temp.refused('price<20'), 'where_is_readable', 'an amount has a currency');
SELECT is(pg_temp.refused('price<20XXZ'), 'where_is_readable', 'that is one');
SELECT is(pg_temp.refused('weight>heavy'), 'where_is_readable', 'a number is one');
SELECT is(pg_temp.refused('updated>2026-13-45'), 'where_is_readable', 'a day is one');
SELECT is(pg_temp.refused('title<a'), 'where_operator_fits', 'texts have no order');
SELECT is(pg_temp.refused('price~1EUR'), 'where_operator_fits', 'numbers have no parts');
SELECT * FROM finish();
ROLLBACK;
