-- Products, variants and pictures made by hand.

CREATE FUNCTION product_slug_free(handle text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF EXISTS (SELECT FROM product p WHERE p.handle = $1) THEN
		PERFORM refuse('product_handle_is_unique', format('the handle %s is taken', $1),
			'--handle another-one');
	END IF;
	RETURN $1;
END $$;

-- A product with its first variant, and the price of that when there is one.
CREATE FUNCTION api.product_create(link text, sku text, title text, assignments text[],
	price amount)
RETURNS TABLE (handle text, version bigint, status text, changed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	changes jsonb := changes_read($4, '{description,brand,category,supplier,type,tags,
		status,attribute}', 'brand=acme');
	p product;
BEGIN
	INSERT INTO product AS x (handle, title)
	VALUES (product_slug_free(coalesce($1, slug($3))), trim($3)) RETURNING x.* INTO p;
	PERFORM audit('product:' || p.handle, 'create', NULL, jsonb_build_object('title', p.title));
	PERFORM variant_open(p, $2, '{}', $5);
	RETURN QUERY SELECT * FROM product_do(ARRAY[p.id], changes, NULL, 'create');
END $$;

-- A variant at the end of its product's.
CREATE FUNCTION variant_open(p product, sku text, options text[], price amount)
RETURNS bigint
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
	made bigint;
BEGIN
	INSERT INTO variant (product_id, sku, title, options, position, sellable)
	VALUES (p.id, trim($2), variant_title(p.title, $3), $3, 1 + (SELECT
		coalesce(max(v.position), 0) FROM variant v WHERE v.product_id = p.id),
		p.status = 'active')
	RETURNING id INTO made;
	IF $4 IS NOT NULL THEN
		INSERT INTO price (variant_id, currency, amount)
		VALUES (made, ($4).currency, ($4).minor);
	END IF;
	PERFORM audit('variant:' || trim($2), 'create', NULL, jsonb_build_object('product',
		p.handle, 'options', $3, 'price', to_jsonb($4)));
	RETURN made;
END $$;

CREATE FUNCTION api.variant_add(product text, sku text, options text[], price amount)
RETURNS TABLE (handle text, version bigint, status text, changed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	p product := product_named($1);
	names text[];
	wanted text[];
BEGIN
	SELECT x.* INTO p FROM product x WHERE x.id = p.id FOR NO KEY UPDATE;
	SELECT array_agg(trim(split_part(o, '=', 1)) ORDER BY i),
		array_agg(trim(substr(o, strpos(o, '=') + 1)) ORDER BY i) INTO names, wanted
	FROM unnest($3) WITH ORDINALITY AS u (o, i);
	IF p.option_names = '{}' AND NOT EXISTS (SELECT FROM variant v
		WHERE v.product_id = p.id AND v.options <> '{}') THEN
		UPDATE product x SET option_names = coalesce(names, '{}') WHERE x.id = p.id;
	ELSIF lower(coalesce(names, '{}')::text) <> lower(p.option_names::text) THEN
		PERFORM invalid('options_are_the_products', format('%s has the options %s', p.handle,
			array_to_string(p.option_names, ', ')), (SELECT string_agg(format(
			'--option %s=...', n), ' ') FROM unnest(p.option_names) n));
	END IF;
	PERFORM variant_open(p, $2, coalesce(wanted, '{}'), $4);
	RETURN QUERY SELECT * FROM product_touch(p.id);
END $$;

-- The product is another version now.
CREATE FUNCTION product_touch(product bigint)
RETURNS TABLE (handle text, version bigint, status text, changed boolean)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
	PERFORM search_touch(ARRAY[$1]);
	RETURN QUERY UPDATE product p SET version = p.version + 1, updated_at = now()
	WHERE p.id = $1 RETURNING p.handle, p.version::bigint, p.status, true;
END $$;

CREATE FUNCTION variant_facts(v variant) RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('barcode', v.barcode, 'weight', v.weight_grams,
		'tax_class', v.tax_class, 'shipping', v.requires_shipping, 'options', v.options,
		'cost', v.cost_minor, 'cost_currency', v.cost_currency, 'image', v.image_url,
		'attributes', v.attributes, 'archived', v.archived)
$$;

-- Yes or no; null when the change does not name it.
CREATE FUNCTION change_flag(changes jsonb, name text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	IF changes ->> name NOT IN ('yes', 'no', 'true', 'false') THEN
		PERFORM invalid('change_is_readable', format('%s=%s', name, changes ->> name),
			format('%s=yes, or %s=no', name, name));
	END IF;
	RETURN changes ->> name IN ('yes', 'true');
END $$;

CREATE FUNCTION variant_changed(v variant, changes jsonb) RETURNS variant
LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF changes ? 'barcode' THEN v.barcode := nullif(changes ->> 'barcode', ''); END IF;
	IF changes ? 'image' THEN v.image_url := nullif(changes ->> 'image', ''); END IF;
	IF changes ? 'options' THEN
		v.options := array(SELECT jsonb_array_elements_text(changes -> 'options'));
	END IF;
	IF changes ->> 'weight' !~ '^[0-9]{1,9}$' THEN
		PERFORM invalid('weight_is_in_grams', format('%s: "%s" is no number of grams', v.sku,
			changes ->> 'weight'));
	END IF;
	v.weight_grams := coalesce((changes ->> 'weight')::bigint, v.weight_grams);
	v.tax_class := coalesce(nullif(changes ->> 'tax_class', ''), v.tax_class);
	v.requires_shipping := coalesce(change_flag(changes, 'shipping'), v.requires_shipping);
	IF changes ? 'cost' THEN
		SELECT m.minor, m.currency INTO v.cost_minor, v.cost_currency
		FROM catalog_money('cost', nullif(changes ->> 'cost', '')) m
		WHERE changes ->> 'cost' <> '';
	END IF;
	v.attributes := jsonb_strip_nulls(v.attributes || coalesce(changes -> 'attributes', '{}'));
	v.archived := coalesce(change_flag(changes, 'archived'), v.archived);
	RETURN v;
END $$;

CREATE FUNCTION variant_change(sku text, changes jsonb, action text) RETURNS bigint
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
	was variant := variant_named($1);
	is_now variant;
	p product;
BEGIN
	SELECT x.* INTO p FROM product x WHERE x.id = was.product_id FOR NO KEY UPDATE;
	SELECT v.* INTO was FROM variant v WHERE v.id = was.id FOR NO KEY UPDATE;
	is_now := variant_changed(was, $2);
	IF cardinality(is_now.options) <> cardinality(p.option_names)
		AND is_now.options <> was.options
	THEN
		PERFORM invalid('options_are_the_products', format('%s has the options %s', p.handle,
			array_to_string(p.option_names, ', ')));
	END IF;
	IF is_now <> was THEN
		UPDATE variant v SET barcode = is_now.barcode, image_url = is_now.image_url,
			options = is_now.options, title = variant_title(p.title, is_now.options),
			weight_grams = is_now.weight_grams, tax_class = is_now.tax_class,
			requires_shipping = is_now.requires_shipping, cost_minor = is_now.cost_minor,
			cost_currency = is_now.cost_currency, attributes = is_now.attributes,
			archived = is_now.archived, sellable = p.status = 'active' AND NOT is_now.archived
		WHERE v.id = was.id;
		PERFORM audit('variant:' || was.sku, $3,
			jsonb_beyond(variant_facts(was), variant_facts(is_now)),
			jsonb_beyond(variant_facts(is_now), variant_facts(was)));
		PERFORM product_touch(p.id);
	END IF;
	RETURN p.id;
END $$;

CREATE FUNCTION api.variant_set(sku text, assignments text[])
RETURNS TABLE (handle text, version bigint, status text, changed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	before integer := (SELECT p.version FROM product p
		WHERE p.id = (variant_named($1)).product_id);
	touched bigint := variant_change($1, changes_read($2, '{barcode,weight,tax_class,
		shipping,cost,options,image,attribute}', 'weight=5000'), 'set');
BEGIN
	RETURN QUERY SELECT p.handle, p.version::bigint, p.status, p.version <> before
	FROM product p WHERE p.id = touched;
END $$;

-- No longer sold, or sold again when its product is.
CREATE FUNCTION api.variant_archive(sku text, archived boolean)
RETURNS TABLE (handle text, version bigint, status text, changed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	before boolean := (variant_named($1)).archived;
	touched bigint := variant_change($1, jsonb_build_object('archived', $2),
		CASE WHEN $2 THEN 'archive' ELSE 'restore' END);
BEGIN
	RETURN QUERY SELECT p.handle, p.version::bigint, p.status, before <> $2
	FROM product p WHERE p.id = touched;
END $$;

-- A picture, at the end or at a place; one that is there gets the new text and place.
CREATE FUNCTION api.product_image_put(product text, url text, alt text, "position" bigint)
RETURNS TABLE (handle text, version bigint, status text, changed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	p product := product_named($1);
BEGIN
	IF $2 !~ '^https?://[^\s/]+' OR length($2) > 2000 THEN
		PERFORM invalid('image_is_a_link', format('"%s" is no link of a picture', left($2, 80)),
			'https://...');
	END IF;
	INSERT INTO product_image AS i (product_id, url, alt, position)
	VALUES (p.id, $2, coalesce($3, ''), coalesce($4, 1 + (SELECT coalesce(max(o.position), 0)
		FROM product_image o WHERE o.product_id = p.id)))
	ON CONFLICT (product_id, url) DO UPDATE SET alt = coalesce($3, i.alt),
		position = coalesce($4, i.position);
	PERFORM audit('product:' || p.handle, 'image', NULL,
		jsonb_build_object('url', $2, 'alt', $3, 'position', $4));
	RETURN QUERY SELECT * FROM product_touch(p.id);
END $$;

CREATE FUNCTION api.product_image_remove(product text, url text)
RETURNS TABLE (handle text, version bigint, status text, changed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	p product := product_named($1);
	was product_image;
BEGIN
	DELETE FROM product_image i WHERE i.product_id = p.id AND i.url = $2 RETURNING i.* INTO was;
	IF was.url IS NULL THEN
		PERFORM absent('image_exists', format('%s has no such picture', p.handle),
			format('shopctl product show %s --field images', p.handle));
	END IF;
	UPDATE variant v SET image_url = NULL WHERE v.product_id = p.id AND v.image_url = $2;
	PERFORM audit('product:' || p.handle, 'image', to_jsonb(was) - 'product_id', NULL);
	RETURN QUERY SELECT * FROM product_touch(p.id);
END $$;
