-- What customers find: by words, in spite of mistakes, filtered, counted, page by page.
BEGIN;
SELECT plan(37);

INSERT INTO warehouse (code, open) VALUES ('S1', true), ('S2', false);
INSERT INTO brand (slug, name) VALUES ('acme', 'Acmé'), ('zeta', 'Zeta');
INSERT INTO category (path, name) VALUES ('pets', 'Pets'), ('home', 'Home');
INSERT INTO category (parent_id, path, name) SELECT id, 'pets/food', 'Food' FROM category
	WHERE path = 'pets';
INSERT INTO product (handle, title, description, brand_id, category_id, tags, attributes,
	status, created_at)
SELECT h, t, d, (SELECT id FROM brand b WHERE b.slug = x.b),
	(SELECT id FROM category c WHERE c.path = x.c), g, a::jsonb, s, now() - n * interval '1 day'
FROM (VALUES
	('dog-dry', 'Dog Food, dry', 'Crunchy. <b>Salmon</b> inside', 'acme', 'pets/food',
		'{sale}'::text[], '{"taste": ["beef", "rice"]}', 'active', 1),
	('dog-wet', 'Dog Food, wet', 'Soft', 'zeta', 'pets/food', '{}', '{"taste": "beef"}',
		'active', 2),
	('cat-bed', 'Cat bed', 'Also liked by a small dog', 'zeta', 'pets', '{}',
		'{"taste": "none"}', 'active', 3),
	('lamp', 'Crème lamp', 'For dogs of all sizes', NULL, 'home', '{}', '{}', 'active', 4),
	('hidden', 'Dog draft', '', NULL, 'pets', '{}', '{}', 'draft', 5))
	AS x (h, t, d, b, c, g, a, s, n);
INSERT INTO variant (product_id, sku, title, sellable)
	SELECT id, upper(handle) || '-1', title, status = 'active' FROM product;
INSERT INTO variant (product_id, sku, title, options)
	SELECT id, 'LAMP-XL', title, '{xl}' FROM product WHERE handle = 'lamp';
UPDATE product SET option_names = '{size}' WHERE handle = 'lamp';
INSERT INTO price (variant_id, currency, amount)
	SELECT id, 'EUR', 1000 * id - 1000 * (SELECT min(id) - 1 FROM variant) FROM variant;
INSERT INTO stock (variant_id, warehouse_id, on_hand)
SELECT v.id, w.id, 5 FROM variant v, warehouse w
WHERE (v.sku, w.code) IN (('DOG-DRY-1', 'S1'), ('CAT-BED-1', 'S2'), ('LAMP-XL', 'S1'));

-- Handles of a page.
CREATE FUNCTION pg_temp.found(q text, category text DEFAULT NULL, brands text[] DEFAULT NULL,
	attributes text[] DEFAULT NULL, low bigint DEFAULT NULL, high bigint DEFAULT NULL,
	stocked boolean DEFAULT false, sort text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(string_agg(i->>'handle', ' ' ORDER BY n), '')
	FROM api.search_query($1, $2, $3, 'EUR', low, high, $4, stocked, $8, NULL, NULL, 20) s,
		jsonb_array_elements(s.items) WITH ORDINALITY AS t (i, n)
$$;
-- All pages, one product each; gives up after ten.
CREATE FUNCTION pg_temp.paged(q text, sort text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	s record;
	place text;
	all_of text[] := '{}';
BEGIN
	FOR i IN 1 .. 10 LOOP
		SELECT * INTO s FROM api.search_query(q, NULL, NULL, 'EUR', NULL, NULL, NULL, false,
			sort, NULL, place, 1);
		all_of := all_of || (s.items->0->>'handle');
		EXIT WHEN s.next IS NULL;
		place := s.next;
	END LOOP;
	RETURN array_to_string(all_of, ' ');
END $$;

SELECT is(pg_temp.found('dog'), '', 'nothing is found before the index is written');
SELECT is((SELECT r.changed FROM api.search_reindex(0, 100) r), 4::bigint,
	'the index has a row for each active product');
SELECT api.search_reindex((SELECT max(id) FROM product), 100);
SELECT is_empty($$ SELECT * FROM api.search_verify(0, 100) v WHERE v.product IS NOT NULL $$,
	'each row says what it should');
SELECT is_empty($$ SELECT * FROM api.search_verify_terms() $$, 'so do the counts of words');

SELECT is(pg_temp.found('dog food'), 'dog-wet dog-dry', 'words of a title are found');
SELECT is(pg_temp.found('dog'), 'dog-wet dog-dry lamp cat-bed',
	'a title goes before a description, and a draft is not found');
SELECT is(pg_temp.found('salmon'), 'dog-dry', 'so are those between the tags of a description');
SELECT is(pg_temp.found('CREME'), 'lamp', 'accents and case do not matter');
SELECT is(pg_temp.found('acme'), 'dog-dry', 'nor do they in the name of a brand');
SELECT is(pg_temp.found('foods'), 'dog-wet dog-dry', 'nor does the ending of a word');
SELECT is(pg_temp.found('cru'), 'dog-dry', 'the last word may be typed half');
SELECT is(pg_temp.found('cru dog'), '', 'another one may not');
SELECT is(pg_temp.found('dgo food'), 'dog-wet dog-dry', 'two letters may change places');
SELECT is(pg_temp.found('salmn'), 'dog-dry', 'one may be missing');
SELECT is((SELECT s.corrected FROM api.search_query('dgo food', NULL, NULL, 'EUR', NULL,
	NULL, NULL, false, NULL, NULL, NULL, 20) s), 'dog food', 'and the answer says so');
SELECT is(pg_temp.found('lamp-xl'), 'lamp', 'a SKU is found');
SELECT is(pg_temp.found('the of'), 'lamp cat-bed dog-wet dog-dry',
	'words that say nothing ask for nothing');
SELECT is(pg_temp.found('xyzzy'), '', 'what is nowhere is not found');
SELECT is(pg_temp.found('''); DROP TABLE \ | & ! : *'), '', 'what means something in a query is a word here');

SELECT is(pg_temp.found(NULL, 'pets'), 'cat-bed dog-wet dog-dry', 'a category holds those below it');
SELECT is(pg_temp.found('dog', 'pets/food', '{zeta}'), 'dog-wet', 'filters are all kept');
SELECT is(pg_temp.found(NULL, NULL, '{acme,zeta}', '{Taste=Beef,taste=none}'),
	'cat-bed dog-wet dog-dry', 'values of one attribute are alternatives, and so are brands');
SELECT is(pg_temp.found(NULL, NULL, NULL, '{taste=beef,tag=sale}'), 'dog-dry',
	'attributes with two names are both wanted');
SELECT is(pg_temp.found(NULL, NULL, NULL, '{size=xl}'), 'lamp', 'an option is an attribute');
SELECT is(pg_temp.found(NULL, low => 2000, high => 3000, sort => 'price'), 'dog-wet cat-bed',
	'a price range has both its ends');
SELECT is(pg_temp.found(NULL, stocked => true), 'lamp dog-dry',
	'stock in a closed warehouse is none');
SELECT throws_ok($$ SELECT pg_temp.found('dog', 'toys') $$, 'SH404', NULL,
	'a category that is not there is named');
SELECT throws_ok($$ SELECT pg_temp.found('dog', NULL, NULL, '{red}') $$, 'SH422', NULL,
	'a filter that is no pair is named');

SELECT is(ARRAY(SELECT pg_temp.paged(NULL, s) FROM unnest('{name,newest,price,price-desc}'::text[])
	WITH ORDINALITY u (s, i) ORDER BY i), ARRAY['cat-bed lamp dog-dry dog-wet',
	'dog-dry dog-wet cat-bed lamp', 'dog-dry dog-wet cat-bed lamp',
	'lamp cat-bed dog-wet dog-dry'], 'pages follow each other in each order');
SELECT is(pg_temp.paged('dog', NULL), pg_temp.found('dog'), 'by relevance as well');
-- With so many products that match, a page is found by walking them.
UPDATE search_term SET products = 100000 WHERE term IN ('=', 'dog');
SELECT is(ARRAY(SELECT pg_temp.paged(NULL, s) FROM unnest('{name,newest,price,price-desc}'::text[])
	WITH ORDINALITY u (s, i) ORDER BY i), ARRAY['cat-bed lamp dog-dry dog-wet',
	'dog-dry dog-wet cat-bed lamp', 'dog-dry dog-wet cat-bed lamp',
	'lamp cat-bed dog-wet dog-dry'], 'however they are found');
SELECT throws_ok(format($$ SELECT api.search_query('dog', NULL, NULL, 'EUR', NULL, NULL, NULL,
	false, 'name', NULL, %L, 1) $$, c), 'SH422', NULL, 'a cursor of somebody''s own is refused: ' || c)
FROM (VALUES ('name~0~1~00000000')) v (c);

SELECT is((SELECT string_agg((f->>'value') || (f->>'products'), ' ' ORDER BY i) FROM api.search_query(
	NULL, NULL, NULL, 'EUR', NULL, NULL, NULL, false, NULL, '{brand}', NULL, 1) s,
	jsonb_array_elements(s.facets->'brand') WITH ORDINALITY AS t (f, i)), 'zeta2 acme1',
	'a facet counts all pages');

-- What changes makes a job, and the job writes the row.
DO $$ BEGIN
	PERFORM api.search_synonym_set('hound', '{dog}', false);
	PERFORM stock_move(stock_lock(v.id, w.id), 3, 'set', 'S1') FROM variant v, warehouse w
	WHERE v.sku = 'CAT-BED-1' AND w.code = 'S1';
	UPDATE product SET status = 'archived' WHERE handle = 'lamp';
	PERFORM search_touch(ARRAY(SELECT id FROM product WHERE handle = 'lamp'));
	PERFORM api.search_index(j.subject, j.payload) FROM job j WHERE j.kind = 'search.refresh';
END $$;
SELECT is(pg_temp.found(NULL, stocked => true), 'cat-bed dog-dry',
	'what came into stock is found there, and what was archived is not');
SELECT is(pg_temp.found('hound'), 'dog-wet dog-dry cat-bed', 'a synonym finds what it means');
UPDATE search_fact SET name = 'stale' WHERE name = 'cat bed';
SELECT is((SELECT v.product || ' ' || v.what FROM api.search_verify(0, 100) v
	WHERE v.product IS NOT NULL), 'cat-bed facts', 'a row that says something else is found');
UPDATE search_fact SET name = 'cat bed' WHERE name = 'stale';

-- Whoever changes a product says so.
DELETE FROM job;
DELETE FROM job_unique;
DO $$ BEGIN
	PERFORM api.product_set('{dog-dry}', NULL, '{title=Wolf food}', NULL);
	PERFORM api.price_set('CAT-BED-1', ROW(777, 'EUR')::amount, NULL, NULL);
	PERFORM api.brand_set('zeta', 'Omega');
	PERFORM api.category_set('pets/food', 'Treats');
	PERFORM api.search_index(j.subject, j.payload) FROM job j WHERE j.kind = 'search.refresh';
END $$;
SELECT is(pg_temp.found('wolf') || ', ' || pg_temp.found('omega treat') || ', '
	|| pg_temp.found(NULL, low => 777, high => 777), 'dog-dry, dog-wet, cat-bed',
	'titles, brands, categories and prices are those of now');

SELECT * FROM finish();
ROLLBACK;
