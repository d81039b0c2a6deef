-- Writing what was staged and checked: only what is new or differs is touched.

CREATE FUNCTION import_write(run bigint)
RETURNS TABLE (products bigint, created bigint, updated bigint, unchanged bigint)
LANGUAGE plpgsql AS $$
BEGIN
	CREATE TEMPORARY TABLE import_change (line bigint NOT NULL) ON COMMIT DROP;
	PERFORM import_write_names();
	PERFORM import_write_products();
	PERFORM import_write_variants();
	PERFORM import_write_prices();
	PERFORM import_write_stock(run);
	PERFORM import_write_images();
	products := (SELECT count(*) FROM import_handle h WHERE h.fresh);
	created := (SELECT coalesce(sum(k.rows), 0) FROM import_sku k WHERE k.fresh)
		+ (SELECT count(*) FROM import_stage s JOIN import_handle h ON h.handle = s.handle
			WHERE s.sku IS NULL AND h.fresh);
	updated := (SELECT count(DISTINCT c.line) FROM import_change c
		JOIN import_stage s ON s.line = c.line JOIN import_handle h ON h.handle = s.handle
		LEFT JOIN import_sku k ON k.sku = s.sku WHERE NOT coalesce(k.fresh, h.fresh));
	unchanged := (SELECT count(*) FROM import_stage) - created - updated;
	RETURN NEXT;
END $$;

-- Brands and categories are few: make the missing ones, keep their numbers at hand.
CREATE FUNCTION import_write_names() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
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

CREATE FUNCTION import_write_products() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO product (id, handle, title, description, brand_id, category_id, type, tags,
		attributes, option_names, status) OVERRIDING SYSTEM VALUE
	SELECT h.id, h.handle, s.title, coalesce(s.description, ''), b.id, c.id,
		coalesce(s.type, ''), coalesce(s.tags, '{}'), coalesce(s.attributes, '{}'),
		coalesce(s.option_names, '{}'), coalesce(nullif(s.status, ''), 'draft')
	FROM import_handle h JOIN import_stage s ON s.line = h.line
		LEFT JOIN import_brand b ON b.name = s.brand
		LEFT JOIN import_category c ON c.name = s.category
	WHERE h.fresh;
	CREATE TEMPORARY TABLE import_product_change ON COMMIT DROP AS
	SELECT p.id, h.line, coalesce(nullif(s.title, ''), p.title) AS title,
		coalesce(s.description, p.description) AS description,
		CASE WHEN s.brand IS NULL THEN p.brand_id ELSE b.id END AS brand_id,
		CASE WHEN s.category IS NULL THEN p.category_id ELSE c.id END AS category_id,
		coalesce(s.type, p.type) AS type, coalesce(s.tags, p.tags) AS tags,
		p.attributes || coalesce(s.attributes, '{}') AS attributes,
		coalesce(s.option_names, p.option_names) AS option_names,
		coalesce(nullif(s.status, ''), p.status) AS status
	FROM import_handle h JOIN import_stage s ON s.line = coalesce(h.line, h.first_line)
		JOIN product p ON p.id = h.id
		LEFT JOIN import_brand b ON b.name = s.brand
		LEFT JOIN import_category c ON c.name = s.category
	WHERE NOT h.fresh;
	DELETE FROM import_product_change n USING product p WHERE p.id = n.id
		AND (n.title, n.description, n.brand_id, n.category_id, n.type, n.tags, n.attributes,
			n.option_names, n.status) IS NOT DISTINCT FROM (p.title, p.description, p.brand_id,
			p.category_id, p.type, p.tags, p.attributes, p.option_names, p.status);
	UPDATE product p SET title = n.title, description = n.description,
		brand_id = n.brand_id, category_id = n.category_id, type = n.type, tags = n.tags,
		attributes = n.attributes, option_names = n.option_names, status = n.status,
		version = p.version + 1, updated_at = now()
	FROM import_product_change n WHERE p.id = n.id;
	INSERT INTO import_change SELECT n.line FROM import_product_change n;
END $$;

-- What an order line shows of a variant.
CREATE FUNCTION variant_title(title text, options text[]) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN options = '{}' THEN title
		ELSE title || ' - ' || array_to_string(options, ' / ') END
$$;

CREATE FUNCTION import_write_variants() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO variant (id, product_id, sku, title, barcode, options, position,
		weight_grams, tax_class, requires_shipping, sellable, cost_minor, cost_currency,
		image_url, attributes) OVERRIDING SYSTEM VALUE
	SELECT k.id, h.id, k.sku, variant_title(p.title, coalesce(s.options, '{}')),
		nullif(s.barcode, ''), coalesce(s.options, '{}'), s.line - h.first_line + 1 +
			CASE WHEN h.fresh THEN 0 ELSE (SELECT coalesce(max(o.position), 0)
				FROM variant o WHERE o.product_id = h.id) END,
		coalesce(s.weight_grams, 0), coalesce(nullif(s.tax_class, ''), 'standard'),
		coalesce(s.requires_shipping, true), p.status = 'active', nullif(s.cost, -1),
		CASE WHEN s.cost >= 0 THEN s.currency END, nullif(s.variant_image, ''),
		coalesce(s.variant_attributes, '{}')
	FROM import_sku k JOIN import_stage s ON s.line = k.line
		JOIN import_handle h ON h.handle = s.handle JOIN product p ON p.id = h.id
	WHERE k.fresh;
	PERFORM import_update_variants();
	-- The title and status of a product show in all its variants.
	UPDATE variant v SET title = variant_title(p.title, v.options),
		sellable = p.status = 'active'
	FROM import_product_change n JOIN product p ON p.id = n.id
	WHERE v.product_id = p.id AND (v.title, v.sellable) IS DISTINCT FROM
		(variant_title(p.title, v.options), p.status = 'active');
END $$;

CREATE FUNCTION import_update_variants() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	CREATE TEMPORARY TABLE import_variant_change ON COMMIT DROP AS
	SELECT v.id, s.line, coalesce(s.options, v.options) AS options,
		CASE WHEN s.barcode IS NULL THEN v.barcode ELSE nullif(s.barcode, '') END AS barcode,
		coalesce(s.weight_grams, v.weight_grams) AS weight_grams,
		coalesce(nullif(s.tax_class, ''), v.tax_class) AS tax_class,
		coalesce(s.requires_shipping, v.requires_shipping) AS requires_shipping,
		CASE WHEN s.cost IS NULL THEN v.cost_minor ELSE nullif(s.cost, -1) END AS cost_minor,
		CASE WHEN s.cost IS NULL THEN v.cost_currency WHEN s.cost >= 0 THEN s.currency END
			AS cost_currency,
		CASE WHEN s.variant_image IS NULL THEN v.image_url
			ELSE nullif(s.variant_image, '') END AS image_url,
		v.attributes || coalesce(s.variant_attributes, '{}') AS attributes
	FROM import_sku k JOIN import_stage s ON s.line = k.line JOIN variant v ON v.id = k.id
	WHERE NOT k.fresh;
	DELETE FROM import_variant_change n USING variant v WHERE v.id = n.id
		AND (n.options, n.barcode, n.weight_grams, n.tax_class, n.requires_shipping,
			n.cost_minor, n.cost_currency, n.image_url, n.attributes) IS NOT DISTINCT FROM
			(v.options, v.barcode, v.weight_grams, v.tax_class, v.requires_shipping,
			v.cost_minor, v.cost_currency, v.image_url, v.attributes);
	UPDATE variant v SET options = n.options, barcode = n.barcode,
		weight_grams = n.weight_grams, tax_class = n.tax_class,
		requires_shipping = n.requires_shipping, cost_minor = n.cost_minor,
		cost_currency = n.cost_currency, image_url = n.image_url,
		attributes = n.attributes, title = variant_title(p.title, n.options)
	FROM import_variant_change n, product p WHERE v.id = n.id AND p.id = v.product_id;
	INSERT INTO import_change SELECT n.line FROM import_variant_change n;
END $$;

CREATE FUNCTION import_write_images() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	CREATE TEMPORARY TABLE import_image ON COMMIT DROP AS
	SELECT DISTINCT ON (h.id, s.image_url) h.id, s.image_url AS url, s.image_alt AS alt,
		s.image_position AS position, s.line
	FROM import_stage s JOIN import_handle h ON h.handle = s.handle
	WHERE s.image_url <> ''
	ORDER BY h.id, s.image_url, s.line;
	WITH changed AS (
		UPDATE product_image i SET alt = coalesce(n.alt, i.alt),
			position = coalesce(n.position, i.position)
		FROM import_image n WHERE i.product_id = n.id AND i.url = n.url
			AND (coalesce(n.alt, i.alt), coalesce(n.position, i.position))
				<> (i.alt, i.position)
		RETURNING n.line
	)
	INSERT INTO import_change SELECT c.line FROM changed c;
	WITH added AS (
		INSERT INTO product_image (product_id, url, alt, position)
		SELECT n.id, n.url, coalesce(n.alt, ''), coalesce(n.position,
			(SELECT coalesce(max(i.position), 0) FROM product_image i
				WHERE i.product_id = n.id)
			+ row_number() OVER (PARTITION BY n.id ORDER BY n.line))
		FROM import_image n WHERE NOT EXISTS (SELECT FROM product_image i
			WHERE i.product_id = n.id AND i.url = n.url)
		RETURNING product_id, url
	)
	INSERT INTO import_change SELECT n.line
	FROM added a JOIN import_image n ON n.id = a.product_id AND n.url = a.url;
END $$;

CREATE FUNCTION import_write_stock(run bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	CREATE TEMPORARY TABLE import_place ON COMMIT DROP AS
	SELECT k.id AS variant_id, w.id AS warehouse_id, s.on_hand, k.fresh, s.line
	FROM import_stage s JOIN import_sku k ON k.sku = s.sku
		JOIN warehouse w ON w.code = s.warehouse
	WHERE s.on_hand IS NOT NULL AND k.rows = 1
	UNION ALL
	(SELECT DISTINCT ON (k.id, w.id) k.id, w.id, s.on_hand, k.fresh, s.line
	FROM import_stage s JOIN import_sku k ON k.sku = s.sku
		JOIN warehouse w ON w.code = s.warehouse
	WHERE s.on_hand IS NOT NULL AND k.rows > 1
	ORDER BY k.id, w.id, s.line);
	ANALYZE import_place;
	WITH added AS (
		INSERT INTO stock (variant_id, warehouse_id, on_hand)
		SELECT n.variant_id, n.warehouse_id, n.on_hand FROM import_place n
		WHERE n.fresh OR NOT EXISTS (SELECT FROM stock t WHERE t.variant_id = n.variant_id
			AND t.warehouse_id = n.warehouse_id AND t.slice = 0)
		RETURNING variant_id, warehouse_id, on_hand
	), locked AS (
		SELECT t.variant_id, t.warehouse_id, n.on_hand, n.on_hand - t.on_hand AS delta
		FROM import_place n JOIN stock t ON t.variant_id = n.variant_id
			AND t.warehouse_id = n.warehouse_id AND t.slice = 0
		WHERE NOT n.fresh AND t.on_hand <> n.on_hand
		ORDER BY t.variant_id, t.warehouse_id FOR NO KEY UPDATE OF t
	), changed AS (
		UPDATE stock t SET on_hand = l.on_hand FROM locked l
		WHERE t.variant_id = l.variant_id AND t.warehouse_id = l.warehouse_id AND t.slice = 0
		RETURNING t.variant_id, t.warehouse_id, l.delta
	), moved AS (
		INSERT INTO stock_movement (variant_id, warehouse_id, delta, reason, reference, actor)
		SELECT m.*, 'import', 'import:' || run, actor()
		FROM (SELECT * FROM added WHERE on_hand <> 0 UNION ALL SELECT * FROM changed) m
	)
	INSERT INTO import_change SELECT n.line FROM import_place n
	JOIN (SELECT * FROM added UNION ALL SELECT * FROM changed) m
		ON m.variant_id = n.variant_id AND m.warehouse_id = n.warehouse_id
	WHERE NOT n.fresh;
END $$;
