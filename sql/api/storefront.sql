-- What a storefront shows, and what systems beside it say of the shelves.

-- One product by SKU or handle, as customers may see it.
CREATE FUNCTION api.product_offer(name text, currency text) RETURNS TABLE (product jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	p product;
BEGIN
	SELECT x.* INTO p FROM product x WHERE x.handle = $1 AND x.status = 'active';
	IF p.id IS NULL THEN
		SELECT x.* INTO p FROM variant v JOIN product x ON x.id = v.product_id
		WHERE v.sku = $1 AND v.sellable AND x.status = 'active';
	END IF;
	IF p.id IS NULL THEN
		PERFORM absent('product_exists', format('no product has the handle or SKU %s', $1));
	END IF;
	RETURN QUERY SELECT jsonb_build_object('handle', p.handle, 'title', p.title,
		'description', p.description, 'brand', (SELECT b.name FROM brand b
			WHERE b.id = p.brand_id), 'category', (SELECT c.path FROM category c
			WHERE c.id = p.category_id), 'type', p.type, 'tags', p.tags,
		'options', p.option_names, 'attributes', p.attributes,
		'images', (SELECT coalesce(jsonb_agg(jsonb_build_object('url', i.url, 'alt', i.alt)
			ORDER BY i.position, i.url), '[]') FROM product_image i WHERE i.product_id = p.id),
		'variants', (SELECT coalesce(jsonb_agg(product_offer_variant(v, $2)
			ORDER BY v.position, v.id), '[]')
			FROM variant v WHERE v.product_id = p.id AND v.sellable));
END $$;

CREATE FUNCTION product_offer_variant(v variant, currency text) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('sku', v.sku, 'title', v.title, 'options', v.options,
		'barcode', v.barcode, 'image', v.image_url, 'price', CASE WHEN r.amount IS NOT NULL
			THEN jsonb_build_object('amount', r.amount, 'currency', $2) END,
		'compare_at', CASE WHEN r.compare_at > r.amount
			THEN jsonb_build_object('amount', r.compare_at, 'currency', $2) END,
		'available', greatest(variant_available(v.id), 0))
	FROM (SELECT 1) one LEFT JOIN LATERAL price_now(v.id, $2) r ON true
$$;

-- Set what lies at a place, once for each key of the client; the answer is kept with it.
CREATE FUNCTION api.inventory_put(client bigint, named text, print bytea, p_sku text,
	p_warehouse text, qty bigint, expected bigint, reason text)
RETURNS TABLE (sku text, warehouse text, on_hand bigint, reserved bigint, available bigint,
	replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	known inventory_key;
	done jsonb;
BEGIN
	INSERT INTO inventory_key (client_id, key, fingerprint) VALUES ($1, $2, $3)
	ON CONFLICT DO NOTHING;
	IF NOT FOUND THEN
		SELECT k.* INTO known FROM inventory_key k WHERE k.client_id = $1 AND k.key = $2;
		IF known.fingerprint <> $3 THEN
			PERFORM refuse('order_key_names_one_request',
				'this key was used for another request');
		END IF;
		RETURN QUERY SELECT r.sku, r.warehouse, r.on_hand, r.reserved, r.available, true
		FROM jsonb_to_record(known.answer) AS r (sku text, warehouse text, on_hand bigint,
			reserved bigint, available bigint);
		RETURN;
	END IF;
	PERFORM set_config('shop.actor', 'api_client:' || c.key_id, true)
	FROM api_client c WHERE c.id = $1;
	PERFORM set_config('shop.reason', coalesce(nullif($8, ''), 'inventory'), true);
	SELECT to_jsonb(s) INTO done FROM api.stock_set($4, $5, $6, $7) s;
	UPDATE inventory_key k SET answer = done WHERE k.client_id = $1 AND k.key = $2;
	RETURN QUERY SELECT r.sku, r.warehouse, r.on_hand, r.reserved, r.available, false
	FROM jsonb_to_record(done) AS r (sku text, warehouse text, on_hand bigint,
		reserved bigint, available bigint);
END $$;
