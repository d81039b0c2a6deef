-- Products with their variants: lists, one product, and the files of an export.

-- A word finds titles and handles it is part of, and SKUs.
CREATE FUNCTION api.product_list(q text, p_category text, p_brand text, p_status text,
	p_currency text, max_rows bigint)
RETURNS TABLE (handle text, title text, brand text, category text, status text,
	variants bigint, price amount, on_hand bigint, available bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
	SELECT p.handle, p.title, b.name, c.path, p.status, v.n,
		CASE WHEN v.price IS NOT NULL THEN ROW(v.price, p_currency)::amount END,
		coalesce(s.on_hand, 0)::bigint, coalesce(s.available, 0)::bigint
	FROM (SELECT f.* FROM product f
		WHERE (p_status IS NULL OR f.status = p_status)
			AND (p_brand IS NULL OR f.brand_id = (SELECT o.id FROM brand o WHERE o.slug = slug(p_brand)))
			AND (p_category IS NULL OR f.category_id IN (SELECT o.id FROM category o
				WHERE o.path = category_path(p_category)
					OR starts_with(o.path, category_path(p_category) || '/')))
			AND (q IS NULL OR strpos(lower(f.title), lower(q)) > 0
				OR strpos(f.handle, lower(q)) > 0
				OR EXISTS (SELECT FROM variant o WHERE o.product_id = f.id
					AND strpos(lower(o.sku), lower(q)) > 0))
		ORDER BY f.handle LIMIT max_rows) p
		LEFT JOIN brand b ON b.id = p.brand_id
		LEFT JOIN category c ON c.id = p.category_id,
		LATERAL (SELECT count(*) AS n, min((price_now(o.id, p_currency)).amount) AS price
			FROM variant o WHERE o.product_id = p.id) v,
		LATERAL (SELECT sum(t.on_hand) AS on_hand, sum(t.on_hand - t.reserved) AS available
			FROM variant o JOIN stock t ON t.variant_id = o.id WHERE o.product_id = p.id) s
	ORDER BY p.handle
$$;

-- The product of that handle, or the one that has that SKU.
CREATE FUNCTION product_named(name text) RETURNS product LANGUAGE plpgsql STABLE AS $$
DECLARE
	found product;
BEGIN
	SELECT p.* INTO found FROM product p WHERE p.handle = name;
	IF found.id IS NULL THEN
		SELECT p.* INTO found FROM variant v JOIN product p ON p.id = v.product_id
		WHERE v.sku = name;
	END IF;
	IF found.id IS NULL THEN
		PERFORM absent('product_exists', format('no product has the handle or SKU %s', name),
			format('shopctl product list --q %L', name));
	END IF;
	RETURN found;
END $$;

CREATE FUNCTION api.product_show(name text)
RETURNS TABLE (handle text, title text, description text, brand text, category text,
	supplier text, type text, tags text[], status text, options text[], attributes jsonb,
	version bigint, created_at timestamptz, updated_at timestamptz, variants jsonb,
	images jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	p product := product_named(name);
BEGIN
	RETURN QUERY SELECT p.handle, p.title, p.description,
		(SELECT b.name FROM brand b WHERE b.id = p.brand_id),
		(SELECT c.path FROM category c WHERE c.id = p.category_id),
		(SELECT s.name FROM supplier s WHERE s.id = p.supplier_id),
		p.type, p.tags, p.status, p.option_names, p.attributes, p.version::bigint,
		p.created_at, p.updated_at,
		(SELECT coalesce(jsonb_agg(to_jsonb(v)), '[]') FROM api.product_variants(name) v),
		(SELECT coalesce(jsonb_agg(jsonb_build_object('url', i.url, 'alt', i.alt)
			ORDER BY i.position, i.url), '[]')
			FROM product_image i WHERE i.product_id = p.id);
END $$;

CREATE FUNCTION api.product_variants(name text)
RETURNS TABLE (sku text, title text, options text[], barcode text, prices text,
	on_hand bigint, reserved bigint, available bigint, weight_grams bigint,
	tax_class text, requires_shipping boolean, sellable boolean, archived boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT v.sku, v.title, v.options, v.barcode,
		(SELECT string_agg(money_text(r.amount, r.currency), ', ' ORDER BY r.currency)
			FROM price r WHERE r.variant_id = v.id AND r.valid_from <= now()
				AND now() < r.valid_until),
		coalesce(s.on_hand, 0)::bigint, coalesce(s.reserved, 0)::bigint,
		coalesce(s.on_hand - s.reserved, 0)::bigint, v.weight_grams, v.tax_class,
		v.requires_shipping, v.sellable, v.archived
	FROM variant v, LATERAL (SELECT sum(t.on_hand) AS on_hand, sum(t.reserved) AS reserved
		FROM stock t WHERE t.variant_id = v.id) s
	WHERE v.product_id = (product_named(name)).id ORDER BY v.position, v.id;
END $$;

-- "29.99": minor units as a decimal, exactly.
CREATE FUNCTION money_decimal(minor bigint, exponent smallint) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE exponent WHEN 0 THEN minor::text
		WHEN 2 THEN minor / 100 || '.' || lpad((minor % 100)::text, 2, '0')
		ELSE round(minor / power(10::numeric, exponent), exponent)::text END
$$;

-- What the catalog's tables do not promise by themselves; for fsck.
CREATE FUNCTION fsck_catalog() RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT 'C1', 'variant:' || v.sku, 'no such product'
		FROM variant v WHERE NOT EXISTS (SELECT FROM product p WHERE p.id = v.product_id)
	UNION ALL
	SELECT 'C1', 'product:' || p.handle, 'no such brand or category'
		FROM product p LEFT JOIN brand b ON b.id = p.brand_id
			LEFT JOIN category c ON c.id = p.category_id
		WHERE (p.brand_id IS NOT NULL AND b.id IS NULL)
			OR (p.category_id IS NOT NULL AND c.id IS NULL)
	UNION ALL
	SELECT 'C1', 'price:' || r.variant_id || '@' || r.currency, 'no such variant or currency'
		FROM price r LEFT JOIN variant v ON v.id = r.variant_id
			LEFT JOIN currency c ON c.code = r.currency
		WHERE v.id IS NULL OR c.code IS NULL
	UNION ALL
	SELECT 'C1', 'image:' || i.url, 'no such product'
		FROM product_image i WHERE NOT EXISTS (SELECT FROM product p WHERE p.id = i.product_id);
	RETURN QUERY SELECT 'C2', 'price:' || r.variant_id || '@' || r.currency,
			'from ' || r.valid_from || ' while the one before holds until ' || r.until
		FROM (SELECT r.*, lag(r.valid_until) OVER (PARTITION BY r.variant_id, r.currency
			ORDER BY r.valid_from, r.valid_until) AS until FROM price r) r
		WHERE r.valid_from < r.until;
	RETURN QUERY SELECT 'C3', 'variant:' || v.sku, 'product is ' || p.status
			|| CASE WHEN v.archived THEN ', the variant archived' ELSE '' END
		FROM variant v JOIN product p ON p.id = v.product_id
		WHERE v.sellable <> (p.status = 'active' AND NOT v.archived);
	RETURN QUERY SELECT * FROM fsck_attributes();
END $$;
