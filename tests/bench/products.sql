-- n products that sell as products do: few words, brands and shelves are frequent, most
-- are rare.
SET search_path = shop, pg_temp;
SELECT setseed(0.5) \g /dev/null
INSERT INTO warehouse (code, country) VALUES ('AMS', 'NL');
INSERT INTO brand (slug, name) SELECT 'brand-' || i, 'Brand ' || i FROM generate_series(1, 500) i;
SELECT category_need(ARRAY(SELECT format('Dept %s > Shelf %s', d, s)
	FROM generate_series(1, 20) d, generate_series(1, 20) s)) \g /dev/null
CREATE TABLE public.vocabulary AS
SELECT i, (ARRAY['ba', 'co', 'di', 'fu', 'ga', 'hi', 'jo', 'ku', 'la', 'mi', 'no', 'pe', 'qua', 'ro',
		'su', 'ti', 'vo', 'we', 'xa', 'zi'])[1 + i % 20]
	|| (ARRAY['n', 'r', 's', 't', 'l', 'm', 'k', 'p', 'd', 'b'])[1 + (i / 20) % 10]
	|| (ARRAY['a', 'e', 'i', 'o', 'u'])[1 + (i / 200) % 5]
	|| (ARRAY['ter', 'mon', 'nel', 'gar', 'lix', 'pod', 'rug', 'fan', 'bex', 'sol'])[1 + (i / 1000) % 10]
	AS word
FROM generate_series(0, 9999) i;
CREATE UNIQUE INDEX ON public.vocabulary (i);
GRANT SELECT ON public.vocabulary TO PUBLIC;
GRANT USAGE ON SCHEMA public TO PUBLIC;
INSERT INTO product (handle, title, description, brand_id, category_id, tags, attributes, status,
	created_at)
SELECT 'p-' || g, initcap(t.words), d.words, (SELECT min(id) FROM brand)
		+ floor(500 * power(random(), 2))::int,
	(SELECT min(id) FROM category) + floor(420 * random())::int,
	ARRAY[(ARRAY['sale', 'new', 'eco', 'gift'])[1 + g % 4]], jsonb_build_object(
		'color', (ARRAY['red', 'blue', 'green', 'black', 'white'])[1 + floor(5 * random())::int]),
	'active', now() - random() * interval '900 days'
FROM generate_series(1, :n) g,
	LATERAL (SELECT string_agg(v.word, ' ') AS words FROM (SELECT
		floor(10000 * power(random(), 3))::int AS i FROM generate_series(1, 5) WHERE g > 0) x
		JOIN public.vocabulary v USING (i)) t,
	LATERAL (SELECT string_agg(v.word, ' ') AS words FROM (SELECT
		floor(10000 * power(random(), 3))::int AS i FROM generate_series(1, 25) WHERE g > 0) x
		JOIN public.vocabulary v USING (i)) d;
INSERT INTO variant (product_id, sku, title)
SELECT id, 'SKU-' || lpad(id::text, 7, '0'), title FROM product;
INSERT INTO price (variant_id, currency, amount)
SELECT id, 'EUR', 100 + floor(100000 * power(random(), 2))::int FROM variant;
INSERT INTO stock (variant_id, warehouse_id, on_hand)
SELECT v.id, w.id, CASE WHEN random() < 0.9 THEN 10 ELSE 0 END FROM variant v, warehouse w;
ANALYZE;
