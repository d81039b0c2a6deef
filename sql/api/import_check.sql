-- What a staged row must be before anything is written; each check names its rows.

CREATE FUNCTION import_product_check(run bigint, warehouse text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	has record;
	refused bigint;
BEGIN
	-- One look at all rows saves many: most files have none of these.
	SELECT bool_or(s.handle IS NULL AND s.sku IS NOT NULL) AS bare_skus,
		bool_or(s.on_hand IS NOT NULL AND s.warehouse IS NULL) AS bare_stock,
		bool_or(s.derived) AS derived
	INTO has FROM import_stage s;
	PERFORM import_link();
	IF has.bare_skus THEN -- the file speaks of products by their SKUs
		UPDATE import_stage s SET handle = coalesce((SELECT p.handle FROM variant v
			JOIN product p ON p.id = v.product_id WHERE v.sku = s.sku), slug(s.sku))
		WHERE s.handle IS NULL AND s.sku IS NOT NULL;
	END IF;
	IF has.bare_stock THEN
		UPDATE import_stage s SET warehouse = (warehouse_named($2)).code
		WHERE s.on_hand IS NOT NULL AND s.warehouse IS NULL;
	END IF;
	IF has.derived THEN
		PERFORM import_find_skus();
	END IF;
	PERFORM import_keys(run);
	PERFORM import_check_products();
	PERFORM import_check_variants();
	PERFORM import_check_places();
	-- A refused row carries no product for the others, which may refuse them as well.
	refused := 0;
	LOOP
		IF refused < (SELECT count(*) FROM import_reject) THEN
			DELETE FROM import_stage s USING import_reject r WHERE r.line = s.line;
			PERFORM import_keys(run);
		END IF;
		refused := (SELECT count(*) FROM import_reject);
		PERFORM import_check_heads();
		EXIT WHEN refused = (SELECT count(*) FROM import_reject);
	END LOOP;
END $$;

-- A row without a SKU is about the variant with its options, if there is one; and
-- about the product alone, if nothing in it belongs to a variant.
CREATE FUNCTION import_find_skus() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	UPDATE import_stage s SET sku = v.sku
	FROM product p JOIN variant v ON v.product_id = p.id
	WHERE s.derived AND p.handle = s.handle AND v.options = coalesce(s.options, '{}')
		AND v.sku <> s.sku;
	UPDATE import_stage s SET sku = NULL
	FROM product p
	WHERE s.derived AND p.handle = s.handle
		AND coalesce(s.options::text, s.barcode, s.weight_grams::text, s.tax_class,
			s.requires_shipping::text, s.cost::text, s.variant_image,
			s.variant_attributes::text, s.price::text, s.on_hand::text) IS NULL
		AND NOT EXISTS (SELECT FROM variant v WHERE v.sku = s.sku AND v.product_id = p.id);
	-- A product that has no variant gets none from a row that prices and counts nothing.
	UPDATE import_stage s SET sku = NULL
	FROM product p
	WHERE s.derived AND p.handle = s.handle AND s.price IS NULL AND s.on_hand IS NULL
		AND coalesce(s.barcode, '') = '' AND coalesce(s.options, '{}') = '{}'
		AND NOT EXISTS (SELECT FROM variant v WHERE v.product_id = p.id);
END $$;

-- The distinct handles and SKUs of the file, with what the shop has of them and the
-- numbers of what it has not.
CREATE FUNCTION import_keys(run bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM import_analyze(run, 'line, head_line, handle, sku, options');
	DROP TABLE IF EXISTS pg_temp.import_handle, pg_temp.import_sku;
	CREATE TEMPORARY TABLE import_handle ON COMMIT DROP AS
	SELECT n.handle, n.rows, n.first_line, n.line, n.old IS NULL AS fresh,
		coalesce(n.old, nextval('product_id_seq')) AS id
	FROM (SELECT h.*, p.id AS old
		FROM (SELECT s.handle, count(*) AS rows, min(s.line) AS first_line,
				min(s.line) FILTER (WHERE s.line = s.head_line) AS line
			FROM import_stage s WHERE s.handle IS NOT NULL GROUP BY s.handle) h
			LEFT JOIN product p ON p.handle = h.handle
		ORDER BY h.first_line) n;
	CREATE TEMPORARY TABLE import_sku ON COMMIT DROP AS
	SELECT n.sku, n.rows, n.line, n.product_id, n.old IS NULL AS fresh,
		coalesce(n.old, nextval('variant_id_seq')) AS id
	FROM (SELECT k.*, v.product_id, v.id AS old
		FROM (SELECT s.sku, count(*) AS rows, min(s.line) AS line
			FROM import_stage s WHERE s.sku IS NOT NULL GROUP BY s.sku) k
			LEFT JOIN variant v ON v.sku = k.sku
		ORDER BY k.line) n;
	ANALYZE import_handle, import_sku;
END $$;

-- Rows that say what a product is agree with the first that does.  With one that
-- does not, the rows that follow it are refused too: they belong to another product.
CREATE FUNCTION import_check_products() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM import_handle h WHERE h.rows > 1) THEN
		RETURN;
	END IF;
	INSERT INTO import_reject
	SELECT s.line, d.name, 'product_fields_agree', format(
		'%s is "%s" here and "%s" on line %s of the same handle', d.name,
		left(d.here, 40), left(d.there, 40), f.line),
		'give the other product a handle of its own, or leave the cell empty'
	FROM import_handle h JOIN import_stage s ON s.handle = h.handle
		JOIN import_stage f ON f.line = h.line,
		LATERAL (SELECT * FROM (VALUES ('title', s.title, f.title),
				('brand', s.brand, f.brand), ('category', s.category, f.category),
				('type', s.type, f.type), ('status', s.status, f.status),
				('tags', array_to_string(s.tags, ', '), array_to_string(f.tags, ', ')),
				('option names', array_to_string(s.option_names, ', '),
					array_to_string(f.option_names, ', ')),
				('description', s.description, f.description)) AS t (name, here, there)
			WHERE t.here <> t.there AND t.here <> '' LIMIT 1) AS d
	WHERE h.rows > 1 AND s.line > f.line;
	INSERT INTO import_reject
	SELECT s.line, 'handle', 'product_fields_agree', format(
		'it belongs to the product on line %s, which was refused', s.head_line), ''
	FROM import_reject r JOIN import_stage s ON s.head_line = r.line AND s.line > r.line
	WHERE r.rule = 'product_fields_agree'
		AND NOT EXISTS (SELECT FROM import_reject o WHERE o.line = s.line);
END $$;

CREATE FUNCTION import_check_variants() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM import_handle h WHERE h.rows > 1 OR NOT h.fresh)
			AND NOT EXISTS (SELECT FROM import_sku k WHERE k.rows > 1 OR NOT k.fresh) THEN
		RETURN;
	END IF;
	INSERT INTO import_reject
	SELECT s.line, 'sku', 'variant_sku_is_unique', format(
		'SKU %s is another variant on line %s', s.sku, f.line),
		'give each variant a SKU of its own'
	FROM import_sku k JOIN import_stage s ON s.sku = k.sku
		JOIN import_stage f ON f.line = k.line
	WHERE k.rows > 1 AND s.line > k.line
		AND (s.handle <> f.handle OR s.options <> f.options)
		AND NOT EXISTS (SELECT FROM import_reject o WHERE o.line = s.line);
	INSERT INTO import_reject
	SELECT s.line, 'sku', 'sku_stays_with_its_product', format(
		'SKU %s belongs to the product %s', s.sku, p.handle),
		'use that handle, or a new SKU'
	FROM import_sku k JOIN import_stage s ON s.sku = k.sku
		JOIN product p ON p.id = k.product_id
	WHERE p.handle <> s.handle;
	PERFORM import_check_options();
END $$;

-- A product's variants differ in their options, those of the file and those it has.
CREATE FUNCTION import_check_options() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	DROP TABLE IF EXISTS pg_temp.import_option;
	CREATE TEMPORARY TABLE import_option ON COMMIT DROP AS
	SELECT s.line, s.handle, s.sku, h.id, coalesce(s.options, '{}') AS options
	FROM import_handle h JOIN import_stage s ON s.handle = h.handle
		JOIN import_sku k ON k.sku = s.sku
	WHERE (h.rows > 1 OR NOT h.fresh) AND k.line = s.line
		AND (s.options IS NOT NULL OR k.fresh)
		AND NOT EXISTS (SELECT FROM import_reject r WHERE r.line = s.line);
	INSERT INTO import_reject
	SELECT o.line, 'option1_value', 'variant_options_are_unique', format(
		'%s has the variant "%s" already, %s', o.handle, array_to_string(o.options, ' / '),
		coalesce('on line ' || f.line, 'SKU ' || v.sku)),
		'change an option value, or use the same SKU'
	FROM import_option o
		LEFT JOIN (SELECT t.handle, t.options, min(t.line) AS line FROM import_option t
			GROUP BY t.handle, t.options) f
			ON f.handle = o.handle AND f.options = o.options AND f.line < o.line
		LEFT JOIN variant v ON v.product_id = o.id AND v.options = o.options
			AND v.sku <> o.sku
			AND NOT EXISTS (SELECT FROM import_option t WHERE t.sku = v.sku)
	WHERE f.line IS NOT NULL OR v.sku IS NOT NULL;
END $$;

-- Warehouses exist, each place and price is given once, nobody's reservation is cut.
CREATE FUNCTION import_check_places() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO import_reject
	SELECT s.line, 'warehouse', 'warehouse_exists',
		format('there is no warehouse %s', s.warehouse), 'shopctl warehouse list'
	FROM import_stage s LEFT JOIN warehouse w ON w.code = s.warehouse
	WHERE s.warehouse IS NOT NULL AND w.id IS NULL;
	IF NOT EXISTS (SELECT FROM import_sku k WHERE k.rows > 1 OR NOT k.fresh) THEN
		RETURN;
	END IF;
	INSERT INTO import_reject
	SELECT s.line, 'on_hand', 'stock_is_given_once', format(
		'line %s gives the stock of %s in %s, too', min(f.line), s.sku, s.warehouse),
		'leave one of the two'
	FROM import_sku k JOIN import_stage s ON s.sku = k.sku
		JOIN import_stage f ON f.sku = s.sku AND f.warehouse = s.warehouse
	WHERE k.rows > 1 AND s.on_hand <> f.on_hand AND f.line < s.line
		AND NOT EXISTS (SELECT FROM import_reject r WHERE r.line = s.line)
	GROUP BY s.line, s.sku, s.warehouse;
	INSERT INTO import_reject
	SELECT s.line, 'price', 'price_is_given_once', format(
		'line %s gives the %s price of %s, too', min(f.line), s.currency, s.sku),
		'leave one of the two'
	FROM import_sku k JOIN import_stage s ON s.sku = k.sku
		JOIN import_stage f ON f.sku = s.sku AND f.currency = s.currency
	WHERE k.rows > 1 AND s.price <> f.price AND f.line < s.line
		AND NOT EXISTS (SELECT FROM import_reject r WHERE r.line = s.line)
	GROUP BY s.line, s.sku, s.currency;
	INSERT INTO import_reject
	SELECT s.line, 'on_hand', 'stock_never_oversold', format(
		'%s of %s in %s are reserved', t.reserved, s.sku, s.warehouse),
		'shopctl stock show ' || s.sku
	FROM import_stage s JOIN import_sku k ON k.sku = s.sku
		JOIN stock t ON t.variant_id = k.id JOIN warehouse w ON w.id = t.warehouse_id
	WHERE NOT k.fresh AND w.code = s.warehouse AND s.on_hand < t.reserved;
END $$;

-- What is new has a title, and as many option values as its product has names.
CREATE FUNCTION import_check_heads() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	has record;
BEGIN
	SELECT bool_or(s.title IS NOT NULL) AS titles, bool_or(s.title IS NULL) AS gaps
	INTO has FROM import_stage s;
	IF has.gaps THEN
		INSERT INTO import_reject
		SELECT s.line, 'title', 'product_has_a_title', CASE WHEN s.head_line < s.line
			THEN format('the row that gives its title, line %s, was refused', s.head_line)
			ELSE format('the product %s is new and has no title', h.handle) END,
			CASE WHEN s.head_line < s.line THEN 'correct that row'
			ELSE 'write the title in the first row of the product' END
		FROM import_handle h JOIN import_stage s ON s.handle = h.handle
		WHERE s.title IS NULL AND h.fresh AND (h.line IS NULL OR NOT has.titles);
	END IF;
	-- A new product on one row was checked by whoever read the row.
	IF EXISTS (SELECT FROM import_handle h WHERE h.rows > 1 OR NOT h.fresh) THEN
		PERFORM import_check_option_names();
	END IF;
END $$;

CREATE FUNCTION import_check_option_names() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO import_reject
	SELECT s.line, 'option1_value', 'options_have_names', format(
		'%s option values for %s option names', cardinality(o.given),
		cardinality(o.names)), 'a variant has a value for each option of its product'
	FROM import_handle h JOIN import_stage s ON s.handle = h.handle
		JOIN import_sku k ON k.sku = s.sku
		LEFT JOIN import_stage f ON f.line = h.line
		LEFT JOIN product p ON p.id = h.id,
		LATERAL (SELECT coalesce(f.option_names, p.option_names, '{}') AS names,
			coalesce(s.options, CASE WHEN k.fresh AND k.line = s.line
				THEN '{}'::text[] END) AS given) o
	WHERE (h.rows > 1 OR NOT h.fresh) AND cardinality(o.given) <> cardinality(o.names)
		AND NOT EXISTS (SELECT FROM import_reject r WHERE r.line = s.line);
END $$;
