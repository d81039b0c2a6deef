-- Files of the whole catalog that an import reads back without a change.

-- One row for each variant, and more where it has several prices or places; the
-- pictures of a product stand beside its rows.  m counts a product's rows, n a
-- variant's.  The currency of the cost comes first: a row has one currency.
CREATE FUNCTION export_rows(p_currency text, p_warehouse text)
RETURNS TABLE (product_id bigint, m bigint, variant_id bigint, n bigint, currency text,
	price text, compare_at text, warehouse text, on_hand text, image_url text,
	image_alt text, image_position text)
LANGUAGE sql STABLE AS $$
	WITH held AS (
		SELECT r.variant_id, r.currency, r.amount, r.compare_at FROM price r
		WHERE r.valid_from <= now() AND now() < r.valid_until
			AND (p_currency IS NULL OR r.currency = p_currency)
		UNION ALL
		SELECT v.id, v.cost_currency, NULL, NULL FROM variant v
		WHERE v.cost_minor IS NOT NULL
			AND (p_currency IS NULL OR v.cost_currency = p_currency)
			AND NOT EXISTS (SELECT FROM price r WHERE r.variant_id = v.id
				AND r.currency = v.cost_currency
				AND r.valid_from <= now() AND now() < r.valid_until)
	), money AS (
		SELECT h.variant_id, c.code AS currency, money_decimal(h.amount, c.exponent) AS price,
			money_decimal(h.compare_at, c.exponent) AS compare_at,
			row_number() OVER (PARTITION BY h.variant_id
				ORDER BY h.currency IS DISTINCT FROM v.cost_currency, h.currency) AS n
		FROM held h JOIN variant v ON v.id = h.variant_id
			JOIN currency c ON c.code = h.currency
	), place AS (
		SELECT s.variant_id, w.code AS warehouse, sum(s.on_hand)::text AS on_hand,
			row_number() OVER (PARTITION BY s.variant_id ORDER BY w.priority, w.code) AS n
		FROM stock s JOIN warehouse w ON w.id = s.warehouse_id
		WHERE p_warehouse IS NULL OR w.code = p_warehouse
		GROUP BY s.variant_id, w.code, w.priority
	), numbered AS (
		SELECT v.product_id, v.id AS variant_id, coalesce(x.n, 1) AS n, x.currency::text,
			x.price, x.compare_at, x.warehouse, x.on_hand,
			row_number() OVER (PARTITION BY v.product_id
				ORDER BY v.position, v.id, x.n) AS m
		FROM variant v LEFT JOIN (SELECT * FROM money FULL JOIN place
			USING (variant_id, n)) x ON x.variant_id = v.id
	), picture AS (
		SELECT i.product_id, i.url, i.alt, i.position::text,
			row_number() OVER (PARTITION BY i.product_id ORDER BY i.position, i.url) AS m
		FROM product_image i
	)
	SELECT product_id, m, r.variant_id, r.n, r.currency, r.price, r.compare_at, r.warehouse,
		r.on_hand, i.url, i.alt, i.position
	FROM numbered r FULL JOIN picture i USING (product_id, m)
$$;

-- Every column there is; what a row does not carry is empty.
CREATE FUNCTION api.product_export() RETURNS TABLE (cells text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT
SET work_mem = '48MB' SET jit = off AS $$
BEGIN
	cells := string_to_array('handle,sku,title,description,brand,category,type,tags,status,'
		'attributes,option1_name,option1_value,option2_name,option2_value,option3_name,'
		'option3_value,barcode,weight_grams,tax_class,requires_shipping,cost,'
		'variant_image_url,variant_attributes,currency,price,compare_at,warehouse,on_hand,'
		'image_url,image_alt,image_position', ',');
	RETURN NEXT;
	RETURN QUERY
	SELECT array_replace(ARRAY[p.handle, v.sku]
		|| CASE WHEN r.m = 1 THEN ARRAY[p.title, p.description, b.name, t.title, p.type,
				array_to_string(array(SELECT replace(t, ',', '\,') FROM unnest(p.tags) t), ', '), p.status,
				nullif(p.attributes::text, '{}')]
			ELSE '{"","","","","","","",""}' END
		|| ARRAY[n.names[1], n.options[1], n.names[2], n.options[2], n.names[3],
			n.options[3]]
		|| CASE WHEN r.n = 1 THEN ARRAY[v.barcode, v.weight_grams::text, v.tax_class,
				v.requires_shipping::text, money_decimal(v.cost_minor, c.exponent),
				v.image_url, nullif(v.attributes::text, '{}')]
			ELSE '{"","","","","","",""}' END
		|| ARRAY[r.currency, r.price, r.compare_at, r.warehouse, r.on_hand, r.image_url,
			r.image_alt, r.image_position], NULL, '')
	FROM export_rows(NULL, NULL) r JOIN product p ON p.id = r.product_id
		LEFT JOIN variant v ON v.id = r.variant_id
		LEFT JOIN currency c ON c.code = v.cost_currency
		LEFT JOIN brand b ON b.id = p.brand_id
		LEFT JOIN category_titles() t ON t.id = p.category_id,
		LATERAL (SELECT CASE WHEN r.m = 1 THEN p.option_names END AS names,
			CASE WHEN r.n = 1 THEN v.options END AS options) n
	ORDER BY p.id, r.m;
END $$;

-- Shopify's product export, in its old names: one currency, one place.
CREATE FUNCTION api.product_export_shopify(currency text, warehouse text)
RETURNS TABLE (cells text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT
SET work_mem = '48MB' SET jit = off AS $$
BEGIN
	cells := string_to_array('Handle|Title|Body (HTML)|Vendor|Product Category|Type|Tags|'
		'Published|Gift Card|SEO Title|SEO Description|'
		'Google Shopping / Google Product Category|Google Shopping / Gender|'
		'Google Shopping / Age Group|Google Shopping / MPN|Google Shopping / Condition|'
		'Google Shopping / Custom Product|Status|'
		'Option1 Name|Option1 Value|Option2 Name|Option2 Value|Option3 Name|Option3 Value|'
		'Variant SKU|Variant Grams|Variant Inventory Tracker|Variant Inventory Policy|'
		'Variant Fulfillment Service|Variant Requires Shipping|Variant Taxable|'
		'Variant Barcode|Variant Image|Variant Weight Unit|Variant Tax Code|Cost per item|'
		'Variant Inventory Qty|Variant Price|Variant Compare At Price|'
		'Image Src|Image Position|Image Alt Text', '|');
	RETURN NEXT;
	RETURN QUERY
	SELECT array_replace(p.handle || CASE WHEN r.m = 1 THEN ARRAY[p.title, p.description, b.name, t.title,
			p.type, array_to_string(p.tags, ', '), (p.status = 'active')::text]
			|| export_keys(p.attributes, 'gift_card,seo_title,seo_description,'
				'google_product_category,google_gender,google_age_group,google_mpn,'
				'google_condition,google_custom_product') || p.status
			ELSE array_fill(''::text, ARRAY[17]) END
		|| ARRAY[n.names[1], n.options[1], n.names[2], n.options[2], n.names[3],
			n.options[3]]
		|| CASE WHEN v.id IS NOT NULL THEN ARRAY[v.sku, v.weight_grams::text]
			|| export_keys(v.attributes, 'inventory_tracker,inventory_policy,'
				'fulfillment_service')
			|| ARRAY[v.requires_shipping::text,
				CASE v.tax_class WHEN 'standard' THEN 'true' WHEN 'exempt' THEN 'false' END,
				v.barcode, v.image_url]
			|| export_keys(v.attributes, 'weight_unit,tax_code')
			|| CASE WHEN v.cost_currency = $1 THEN money_decimal(v.cost_minor, c.exponent) END
			ELSE array_fill(''::text, ARRAY[12]) END
		|| ARRAY[r.on_hand, r.price, r.compare_at, r.image_url, r.image_position,
			r.image_alt], NULL, '')
	FROM export_rows($1, coalesce($2, (SELECT max(w.code) FROM warehouse w
			HAVING count(*) = 1), '')) r
		JOIN product p ON p.id = r.product_id
		LEFT JOIN variant v ON v.id = r.variant_id
		LEFT JOIN currency c ON c.code = v.cost_currency
		LEFT JOIN brand b ON b.id = p.brand_id
		LEFT JOIN category_titles() t ON t.id = p.category_id,
		LATERAL (SELECT CASE WHEN r.m > 1 THEN '{}' WHEN p.option_names = '{}' THEN '{Title}'
				ELSE p.option_names END AS names,
			CASE WHEN v.options = '{}' THEN '{Default Title}' ELSE v.options END AS options) n
	ORDER BY p.id, r.m;
END $$;

-- The attributes of these keys, in their order.
CREATE FUNCTION export_keys(attributes jsonb, keys text) RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
	SELECT array_agg(attributes ->> k ORDER BY i)
	FROM unnest(string_to_array(keys, ',')) WITH ORDINALITY AS t (k, i)
$$;
