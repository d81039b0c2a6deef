-- Writing what was staged and checked: only what is new or differs is touched.

CREATE FUNCTION import_product_write(run bigint, with_archive boolean) RETURNS import_counts
LANGUAGE plpgsql AS $$
DECLARE
	rows bigint;
	c import_counts;
BEGIN
	PERFORM import_names();
	PERFORM import_rows();
	PERFORM import_new_products();
	IF EXISTS (SELECT FROM import_handle h WHERE NOT h.fresh) THEN
		PERFORM import_update_products(run);
	END IF;
	PERFORM import_new_variants();
	PERFORM import_new_stock(run);
	IF EXISTS (SELECT FROM import_sku k WHERE NOT k.fresh) THEN
		PERFORM import_update_variants(run);
		PERFORM import_update_prices(run);
		PERFORM import_update_stock(run);
	END IF;
	PERFORM import_sales();
	PERFORM import_images(run);
	PERFORM search_touch(ARRAY(SELECT DISTINCT r.product_id FROM import_row r
		WHERE coalesce(r.new_variant, r.new_product) OR r.line IN (
			SELECT n.line FROM import_change n) ORDER BY 1));
	PERFORM import_note_new(run);
	c.products := (SELECT count(*) FROM import_handle h WHERE h.fresh);
	SELECT count(*), count(*) FILTER (WHERE coalesce(r.new_variant, r.new_product))
	INTO rows, c.created FROM import_row r;
	c.updated := (SELECT count(DISTINCT n.line) FROM import_change n
		JOIN import_row r ON r.line = n.line
		WHERE NOT coalesce(r.new_variant, r.new_product));
	c.unchanged := rows - c.created - c.updated;
	c.archived := CASE WHEN with_archive THEN import_archive(run) ELSE 0 END;
	RETURN c;
END $$;

-- What is new, for who takes it back.  Numbers are mostly in a row, which is one range.
CREATE FUNCTION import_note_new(run bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	UPDATE import_run i SET
		new_products = import_ranges(array(SELECT h.id FROM import_handle h WHERE h.fresh)),
		new_variants = import_ranges(array(SELECT k.id FROM import_sku k WHERE k.fresh))
	WHERE i.id = run;
END $$;

CREATE FUNCTION import_ranges(ids bigint[]) RETURNS int8multirange LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(CASE WHEN max(i) - min(i) + 1 = count(*)
		THEN int8multirange(int8range(min(i), max(i) + 1))
		ELSE (SELECT range_agg(int8range(j, j + 1)) FROM unnest(ids) j) END, '{}')
	FROM unnest(ids) i
$$;

-- Of two rows, what differs.
CREATE FUNCTION import_diff(INOUT before jsonb, INOUT after jsonb) LANGUAGE sql IMMUTABLE AS $$
	SELECT jsonb_object_agg(b.key, b.value), jsonb_object_agg(b.key, after -> b.key)
	FROM jsonb_each(before) b WHERE after ? b.key AND after -> b.key <> b.value
$$;

-- What the shop has and the file has not is not sold any more: products, and variants of
-- those that are in it.
CREATE FUNCTION import_archive(run bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	products bigint;
	variants bigint;
BEGIN
	INSERT INTO import_before (run_id, noun, id, name, before, after)
	SELECT run, 'product', p.id, p.handle, jsonb_build_object('status', p.status),
		'{"status": "archived"}'
	FROM product p WHERE p.status <> 'archived'
		AND NOT EXISTS (SELECT FROM import_handle h WHERE h.handle = p.handle);
	UPDATE product p SET status = 'archived', version = p.version + 1, updated_at = now()
	WHERE p.status <> 'archived'
		AND NOT EXISTS (SELECT FROM import_handle h WHERE h.handle = p.handle);
	GET DIAGNOSTICS products = ROW_COUNT;
	UPDATE variant v SET sellable = false FROM product p
	WHERE p.id = v.product_id AND p.status = 'archived' AND v.sellable;
	INSERT INTO import_before (run_id, noun, id, name, before, after)
	SELECT run, 'variant', v.id, v.sku, '{"archived": false}', '{"archived": true}'
	FROM import_handle h JOIN variant v ON v.product_id = h.id AND NOT v.archived
	WHERE NOT h.fresh AND NOT EXISTS (SELECT FROM import_sku k WHERE k.sku = v.sku);
	UPDATE variant v SET archived = true, sellable = false
	FROM import_handle h WHERE v.product_id = h.id AND NOT v.archived AND NOT h.fresh
		AND NOT EXISTS (SELECT FROM import_sku k WHERE k.sku = v.sku);
	GET DIAGNOSTICS variants = ROW_COUNT;
	PERFORM search_touch(ARRAY(SELECT DISTINCT t.id FROM (SELECT b.id FROM import_before b
			WHERE b.run_id = run AND b.after = '{"status": "archived"}'
		UNION ALL SELECT v.product_id FROM import_before b JOIN variant v ON v.id = b.id
			WHERE b.run_id = run AND b.after = '{"archived": true}') t ORDER BY 1));
	RETURN products + variants;
END $$;

-- Brands and categories are few: make the missing ones, keep their numbers at hand.
CREATE FUNCTION import_names() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	DROP TABLE IF EXISTS pg_temp.import_brand, pg_temp.import_category;
	CREATE TEMPORARY TABLE import_brand ON COMMIT DROP AS
	SELECT DISTINCT s.brand AS name, NULL::bigint AS id FROM import_stage s
	WHERE s.brand <> '';
	CREATE TEMPORARY TABLE import_category ON COMMIT DROP AS
	SELECT DISTINCT s.category AS name, NULL::bigint AS id FROM import_stage s
	WHERE s.category <> '';
	PERFORM brand_need(array(SELECT n.name FROM import_brand n ORDER BY n.name));
	PERFORM category_need(array(SELECT n.name FROM import_category n ORDER BY n.name));
	UPDATE import_brand n SET id = b.id FROM brand b WHERE b.slug = slug(n.name);
	UPDATE import_category n SET id = c.id FROM category c
	WHERE c.path = category_path(n.name);
	ANALYZE import_brand, import_category;
END $$;

-- The rows with the numbers of what they name: joined once, read by everything below.
-- What is given twice (a price, a quantity) counts once.
CREATE FUNCTION import_rows() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	DROP TABLE IF EXISTS pg_temp.import_change, pg_temp.import_row;
	CREATE TEMPORARY TABLE import_change (line bigint NOT NULL) ON COMMIT DROP;
	CREATE TEMPORARY TABLE import_row ON COMMIT DROP AS
	SELECT s.*, b.id AS brand_id, c.id AS category_id, h.id AS product_id,
		h.fresh AS new_product, h.first_line, s.line = h.line AS is_head,
		k.id AS variant_id, k.fresh AS new_variant, s.line = k.line AS is_variant,
		w.id AS warehouse_id, h.fresh AND s.line = h.line AS knows_product
	FROM import_stage s JOIN import_handle h ON h.handle = s.handle
		LEFT JOIN import_sku k ON k.sku = s.sku
		LEFT JOIN import_brand b ON b.name = s.brand
		LEFT JOIN import_category c ON c.name = s.category
		LEFT JOIN warehouse w ON w.code = s.warehouse;
	IF EXISTS (SELECT FROM import_sku k WHERE k.rows > 1) THEN
		UPDATE import_row r SET on_hand = NULL
		FROM (SELECT o.line, row_number() OVER (PARTITION BY o.variant_id, o.warehouse_id
				ORDER BY o.line) AS n FROM import_row o WHERE o.on_hand IS NOT NULL) d
		WHERE d.line = r.line AND d.n > 1;
		UPDATE import_row r SET price = NULL
		FROM (SELECT o.line, row_number() OVER (PARTITION BY o.variant_id, o.currency
				ORDER BY o.line) AS n FROM import_row o WHERE o.price IS NOT NULL) d
		WHERE d.line = r.line AND d.n > 1;
	END IF;
	ANALYZE import_row (line, variant_id, product_id, new_product, new_variant, is_head,
		is_variant, knows_product);
END $$;

CREATE FUNCTION import_new_products() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO product (id, handle, title, description, brand_id, category_id, type, tags,
		attributes, option_names, status) OVERRIDING SYSTEM VALUE
	SELECT r.product_id, r.handle, r.title, coalesce(r.description, ''), r.brand_id,
		r.category_id, coalesce(r.type, ''), coalesce(r.tags, '{}'),
		coalesce(r.attributes, '{}'), coalesce(r.option_names, '{}'),
		coalesce(r.status, 'draft')
	FROM import_row r WHERE r.knows_product;
END $$;

CREATE FUNCTION import_update_products(run bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	DROP TABLE IF EXISTS pg_temp.import_product_change;
	CREATE TEMPORARY TABLE import_product_change ON COMMIT DROP AS
	SELECT n.* FROM import_handle h
		JOIN import_row r ON r.line = coalesce(h.line, h.first_line)
		JOIN product p ON p.id = r.product_id,
		LATERAL (SELECT p.id, r.line, coalesce(r.title, p.title) AS title,
			coalesce(r.description, p.description) AS description,
			CASE WHEN r.brand IS NULL THEN p.brand_id ELSE r.brand_id END AS brand_id,
			CASE WHEN r.category IS NULL THEN p.category_id ELSE r.category_id END
				AS category_id,
			coalesce(r.type, p.type) AS type, coalesce(r.tags, p.tags) AS tags,
			p.attributes || coalesce(r.attributes, '{}') AS attributes,
			coalesce(r.option_names, p.option_names) AS option_names,
			coalesce(r.status, p.status) AS status) n
	WHERE NOT h.fresh
		AND (n.title, n.description, n.brand_id, n.category_id, n.type, n.tags, n.attributes,
			n.option_names, n.status) IS DISTINCT FROM (p.title, p.description, p.brand_id,
			p.category_id, p.type, p.tags, p.attributes, p.option_names, p.status);
	INSERT INTO import_before (run_id, noun, id, name, before, after)
	SELECT run, 'product', p.id, p.handle, d.before, d.after
	FROM import_product_change n JOIN product p ON p.id = n.id,
		import_diff(to_jsonb(p), to_jsonb(n)) d;
	UPDATE product p SET title = n.title, description = n.description,
		brand_id = n.brand_id, category_id = n.category_id, type = n.type, tags = n.tags,
		attributes = n.attributes, option_names = n.option_names, status = n.status,
		version = p.version + 1, updated_at = now()
	FROM import_product_change n WHERE p.id = n.id;
	INSERT INTO import_change SELECT n.line FROM import_product_change n;
	-- The title and status of a product show in all its variants.
	UPDATE variant v SET title = variant_title(p.title, v.options),
		sellable = p.status = 'active' AND NOT v.archived
	FROM import_product_change n JOIN product p ON p.id = n.id
	WHERE v.product_id = p.id AND (v.title, v.sellable) IS DISTINCT FROM
		(variant_title(p.title, v.options), p.status = 'active' AND NOT v.archived);
END $$;

-- What an order line shows of a variant.  STABLE as array_to_string is, to be inlined.
CREATE FUNCTION variant_title(title text, options text[]) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN options = '{}' THEN title
		ELSE title || ' - ' || array_to_string(options, ' / ') END
$$;

-- The row that carries a new product knows its title; the others look it up.
CREATE FUNCTION import_new_variants() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	UPDATE import_row r SET title = p.title, status = p.status FROM product p
	WHERE p.id = r.product_id AND r.is_variant AND r.new_variant
		AND r.knows_product IS NOT TRUE;
	INSERT INTO variant (id, product_id, sku, title, barcode, options, position,
		weight_grams, tax_class, requires_shipping, sellable, cost_minor, cost_currency,
		image_url, attributes) OVERRIDING SYSTEM VALUE
	SELECT r.variant_id, r.product_id, r.sku,
		variant_title(r.title, coalesce(r.options, '{}')), nullif(r.barcode, ''),
		coalesce(r.options, '{}'), r.line - r.first_line + 1 +
			CASE WHEN r.new_product THEN 0 ELSE (SELECT coalesce(max(o.position), 0)
				FROM variant o WHERE o.product_id = r.product_id) END,
		coalesce(r.weight_grams, 0), coalesce(r.tax_class, 'standard'),
		coalesce(r.requires_shipping, true), r.status IS NOT DISTINCT FROM 'active',
		nullif(r.cost, -1), CASE WHEN r.cost >= 0 THEN r.currency END,
		nullif(r.variant_image, ''), coalesce(r.variant_attributes, '{}')
	FROM import_row r WHERE r.new_variant AND r.is_variant;
	INSERT INTO price (variant_id, currency, amount, compare_at)
	SELECT r.variant_id, r.currency, r.price, nullif(r.compare_at, -1)
	FROM import_prices() r WHERE r.new_variant;
END $$;

CREATE FUNCTION import_update_variants(run bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	DROP TABLE IF EXISTS pg_temp.import_variant_change;
	CREATE TEMPORARY TABLE import_variant_change ON COMMIT DROP AS
	SELECT n.* FROM import_row r JOIN variant v ON v.id = r.variant_id,
		LATERAL (SELECT v.id, r.line, coalesce(r.options, v.options) AS options,
			CASE WHEN r.barcode IS NULL THEN v.barcode ELSE nullif(r.barcode, '') END
				AS barcode,
			coalesce(r.weight_grams, v.weight_grams) AS weight_grams,
			coalesce(r.tax_class, v.tax_class) AS tax_class,
			coalesce(r.requires_shipping, v.requires_shipping) AS requires_shipping,
			CASE WHEN r.cost IS NULL THEN v.cost_minor ELSE nullif(r.cost, -1) END
				AS cost_minor,
			CASE WHEN r.cost IS NULL THEN v.cost_currency
				WHEN r.cost >= 0 THEN r.currency END AS cost_currency,
			CASE WHEN r.variant_image IS NULL THEN v.image_url
				ELSE nullif(r.variant_image, '') END AS image_url,
			v.attributes || coalesce(r.variant_attributes, '{}') AS attributes) n
	WHERE NOT r.new_variant AND r.is_variant
		AND (n.options, n.barcode, n.weight_grams, n.tax_class, n.requires_shipping,
			n.cost_minor, n.cost_currency, n.image_url, n.attributes) IS DISTINCT FROM
			(v.options, v.barcode, v.weight_grams, v.tax_class, v.requires_shipping,
			v.cost_minor, v.cost_currency, v.image_url, v.attributes);
	INSERT INTO import_before (run_id, noun, id, name, before, after)
	SELECT run, 'variant', v.id, v.sku, d.before, d.after
	FROM import_variant_change n JOIN variant v ON v.id = n.id,
		import_diff(to_jsonb(v), to_jsonb(n)) d;
	UPDATE variant v SET options = n.options, barcode = n.barcode,
		weight_grams = n.weight_grams, tax_class = n.tax_class,
		requires_shipping = n.requires_shipping, cost_minor = n.cost_minor,
		cost_currency = n.cost_currency, image_url = n.image_url,
		attributes = n.attributes, title = variant_title(p.title, n.options)
	FROM import_variant_change n, product p WHERE v.id = n.id AND p.id = v.product_id;
	INSERT INTO import_change SELECT n.line FROM import_variant_change n;
END $$;

CREATE FUNCTION import_images(run bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	DROP TABLE IF EXISTS pg_temp.import_image;
	CREATE TEMPORARY TABLE import_image ON COMMIT DROP AS
	SELECT DISTINCT ON (r.product_id, r.image_url) r.product_id, r.image_url AS url,
		r.image_alt AS alt, r.image_position AS position, r.line
	FROM (SELECT o.product_id, o.image_url, o.image_alt, o.image_position, o.line,
			0 AS i FROM import_row o WHERE o.image_url <> ''
		UNION ALL SELECT m.*, 1 FROM import_more_images() m) r
	ORDER BY r.product_id, r.image_url, r.i, r.line;
	INSERT INTO import_before (run_id, noun, id, key, name, before, after)
	SELECT run, 'image', n.product_id, n.url, p.handle,
		CASE WHEN i.url IS NOT NULL THEN jsonb_build_object('alt', i.alt,
			'position', i.position) END,
		jsonb_build_object('alt', coalesce(n.alt, i.alt), 'position',
			coalesce(n.position, i.position))
	FROM import_image n JOIN product p ON p.id = n.product_id
		JOIN import_handle h ON h.id = p.id AND NOT h.fresh
		LEFT JOIN product_image i ON i.product_id = n.product_id AND i.url = n.url
	WHERE i.url IS NULL OR (coalesce(n.alt, i.alt), coalesce(n.position, i.position))
		<> (i.alt, i.position);
	WITH changed AS (
		UPDATE product_image i SET alt = coalesce(n.alt, i.alt),
			position = coalesce(n.position, i.position)
		FROM import_image n WHERE i.product_id = n.product_id AND i.url = n.url
			AND (coalesce(n.alt, i.alt), coalesce(n.position, i.position))
				<> (i.alt, i.position)
		RETURNING n.line
	)
	INSERT INTO import_change SELECT c.line FROM changed c;
	WITH added AS (
		INSERT INTO product_image (product_id, url, alt, position)
		SELECT n.product_id, n.url, coalesce(n.alt, ''), coalesce(n.position,
			(SELECT coalesce(max(i.position), 0) FROM product_image i
				WHERE i.product_id = n.product_id)
			+ row_number() OVER (PARTITION BY n.product_id ORDER BY n.line))
		FROM import_image n WHERE NOT EXISTS (SELECT FROM product_image i
			WHERE i.product_id = n.product_id AND i.url = n.url)
		RETURNING product_id, url
	)
	INSERT INTO import_change SELECT n.line FROM added a JOIN import_image n USING (product_id, url);
END $$;

CREATE FUNCTION import_new_stock(run bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	who text := actor();
	what text := 'import:' || run;
BEGIN
	INSERT INTO stock (variant_id, warehouse_id, on_hand)
	SELECT r.variant_id, r.warehouse_id, r.on_hand FROM import_row r
	WHERE r.new_variant AND r.on_hand IS NOT NULL;
	INSERT INTO stock_movement (variant_id, warehouse_id, delta, reason, reference, actor)
	SELECT r.variant_id, r.warehouse_id, r.on_hand, 'import', what, who FROM import_row r
	WHERE r.new_variant AND r.on_hand <> 0;
END $$;

-- Places that differ are locked in key order, as everywhere.
CREATE FUNCTION import_update_stock(run bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	DROP TABLE IF EXISTS pg_temp.import_place;
	CREATE TEMPORARY TABLE import_place ON COMMIT DROP AS
	SELECT r.variant_id, r.warehouse_id, r.on_hand, r.line
	FROM import_row r LEFT JOIN stock t ON t.variant_id = r.variant_id
		AND t.warehouse_id = r.warehouse_id AND t.slice = 0
	WHERE NOT r.new_variant AND r.on_hand IS NOT NULL
		AND r.on_hand IS DISTINCT FROM t.on_hand;
	PERFORM import_place_write(run);
END $$;

-- Each change of on_hand is a movement.
CREATE FUNCTION import_place_write(run bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	who text := actor();
	what text := 'import:' || run;
BEGIN
	INSERT INTO import_change SELECT n.line FROM import_place n;
	PERFORM FROM import_place n JOIN stock t ON t.variant_id = n.variant_id
		AND t.warehouse_id = n.warehouse_id AND t.slice = 0
	ORDER BY t.variant_id, t.warehouse_id FOR NO KEY UPDATE OF t;
	INSERT INTO import_before (run_id, noun, id, key, name, before, after)
	SELECT run, 'stock', n.variant_id, w.code, v.sku, CASE WHEN t.on_hand IS NOT NULL
		THEN jsonb_build_object('on_hand', t.on_hand) END,
		jsonb_build_object('on_hand', n.on_hand)
	FROM import_place n JOIN variant v ON v.id = n.variant_id
		JOIN warehouse w ON w.id = n.warehouse_id
		LEFT JOIN stock t ON t.variant_id = n.variant_id AND t.warehouse_id = n.warehouse_id
			AND t.slice = 0;
	INSERT INTO stock (variant_id, warehouse_id)
	SELECT n.variant_id, n.warehouse_id FROM import_place n ORDER BY 1, 2
	ON CONFLICT DO NOTHING;
	WITH locked AS (
		SELECT t.variant_id, t.warehouse_id, n.on_hand, n.on_hand - t.on_hand AS delta
		FROM import_place n JOIN stock t ON t.variant_id = n.variant_id
			AND t.warehouse_id = n.warehouse_id AND t.slice = 0
		ORDER BY t.variant_id, t.warehouse_id FOR NO KEY UPDATE OF t
	), changed AS (
		UPDATE stock t SET on_hand = l.on_hand FROM locked l
		WHERE t.variant_id = l.variant_id AND t.warehouse_id = l.warehouse_id
			AND t.slice = 0 AND l.delta <> 0
		RETURNING t.variant_id, t.warehouse_id, l.delta
	)
	INSERT INTO stock_movement (variant_id, warehouse_id, delta, reason, reference, actor)
	SELECT c.variant_id, c.warehouse_id, c.delta, 'import', what, who FROM changed c;
END $$;
