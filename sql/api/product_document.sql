-- A product as one document that a person edits as a whole.

-- In the order of reading: json keeps it.
CREATE FUNCTION api.product_document(name text) RETURNS TABLE (document json)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	p product := product_named(name);
	f jsonb := product_facts(p);
BEGIN
	RETURN QUERY SELECT json_build_object('handle', p.handle, 'version', p.version,
		'title', p.title, 'description', p.description, 'brand', f -> 'brand',
		'category', f -> 'category', 'supplier', f -> 'supplier', 'type', p.type,
		'status', p.status, 'tags', p.tags, 'attributes', p.attributes,
		'variants', (SELECT coalesce(json_agg(json_build_object('sku', v.sku,
				'options', v.options, 'barcode', v.barcode, 'weight', v.weight_grams,
				'tax_class', v.tax_class, 'shipping', v.requires_shipping,
				'cost', money_plain(v.cost_minor, v.cost_currency),
				'image', v.image_url, 'attributes', v.attributes,
				'archived', v.archived) ORDER BY v.position, v.id), '[]')
			FROM variant v WHERE v.product_id = p.id),
		'images', (SELECT coalesce(json_agg(json_build_object('url', i.url, 'alt', i.alt)
				ORDER BY i.position, i.url), '[]')
			FROM product_image i WHERE i.product_id = p.id));
END $$;

-- "29.99EUR", as --where and changes read it.
CREATE FUNCTION money_plain(minor bigint, currency text) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT money_decimal($1, c.exponent) || c.code FROM currency c WHERE c.code = $2
$$;

-- An object of the document with members that it may have, or a fault.
CREATE FUNCTION document_part(part jsonb, at text, allowed text[]) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	odd text;
BEGIN
	IF jsonb_typeof(part) <> 'object' THEN
		PERFORM invalid('document_is_readable', format('%s is no mapping of names', at));
	END IF;
	SELECT k INTO odd FROM jsonb_object_keys(part) k WHERE k <> ALL (allowed) LIMIT 1;
	IF odd IS NOT NULL THEN
		PERFORM invalid('document_is_readable', format('%s has an unknown member "%s"', at, odd),
			'it may have ' || array_to_string(allowed, ', '));
	END IF;
END $$;

-- A member that is there is of that type, or nothing.
CREATE FUNCTION document_member(document jsonb, name text, type text) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	IF jsonb_typeof(document -> name) NOT IN (type, 'null') THEN
		PERFORM invalid('document_is_readable', format('%s is no %s', name,
			CASE type WHEN 'array' THEN 'list' ELSE 'mapping of names' END));
	END IF;
END $$;

-- The members of a list in the document, or none when it is not given.
CREATE FUNCTION document_list(document jsonb, name text) RETURNS SETOF jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	PERFORM document_member(document, name, 'array');
	IF jsonb_typeof(document -> name) = 'array' THEN
		RETURN QUERY SELECT jsonb_array_elements(document -> name);
	END IF;
END $$;

-- Attributes that the product has and the document has not are taken away.
CREATE FUNCTION document_attributes(has jsonb, wanted jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(jsonb_object_agg(k, nullif($2, 'null') -> k), '{}')
	FROM jsonb_object_keys($1 || coalesce(nullif($2, 'null'), '{}')) k
$$;

CREATE FUNCTION product_put_variants(p product, document jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	one jsonb;
	v variant;
BEGIN
	FOR one IN SELECT * FROM document_list(document, 'variants') LOOP
		PERFORM document_part(one, 'a variant', '{sku,options,barcode,weight,tax_class,
			shipping,cost,image,attributes,archived}'),
			document_member(one, 'options', 'array'),
			document_member(one, 'attributes', 'object');
		v := variant_named(one ->> 'sku');
		IF v.product_id <> p.id THEN
			PERFORM refuse('variant_is_of_the_product', format('%s is no variant of %s', v.sku,
				p.handle), format('shopctl product variant add %s --sku %s', p.handle, v.sku));
		END IF;
		PERFORM variant_change(v.sku, (SELECT jsonb_object_agg(e.key, CASE
				WHEN e.key = 'attributes' THEN document_attributes(v.attributes, e.value)
				WHEN e.value = 'null' THEN '""' ELSE e.value END)
			FROM jsonb_each(one - 'sku') e), 'edit');
	END LOOP;
END $$;

CREATE FUNCTION product_put_images(p product, document jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	wanted jsonb;
	has jsonb;
BEGIN
	PERFORM document_part(i, 'a picture', '{url,alt}')
	FROM document_list(document, 'images') i;
	wanted := to_jsonb(array(SELECT jsonb_build_array(i ->> 'url', coalesce(i ->> 'alt', ''))
		FROM document_list(document, 'images') i));
	has := to_jsonb(array(SELECT jsonb_build_array(i.url, i.alt) FROM product_image i
		WHERE i.product_id = p.id ORDER BY i.position, i.url));
	IF NOT document ? 'images' OR wanted = has THEN
		RETURN;
	END IF;
	DELETE FROM product_image i WHERE i.product_id = p.id;
	PERFORM api.product_image_put(p.handle, i.o ->> 0, i.o ->> 1, i.n)
	FROM jsonb_array_elements(wanted) WITH ORDINALITY AS i (o, n) ORDER BY i.n;
END $$;

-- Make the product what the document says; what it does not name stays as it is.
CREATE FUNCTION api.product_put(document jsonb)
RETURNS TABLE (handle text, version bigint, status text, changed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	p product;
	had integer;
BEGIN
	PERFORM document_part($1, 'the product', '{handle,version,title,description,brand,category,
		supplier,type,status,tags,attributes,variants,images}'),
		document_member($1, 'tags', 'array'), document_member($1, 'attributes', 'object');
	p := product_named($1 ->> 'handle');
	SELECT x.* INTO p FROM product x WHERE x.id = p.id FOR NO KEY UPDATE;
	had := p.version;
	IF $1 ->> 'version' IS DISTINCT FROM p.version::text THEN
		PERFORM refuse('product_version_is_current', format('%s has version %s by now', p.handle,
			p.version), format('shopctl product history %s', p.handle));
	END IF;
	PERFORM product_change(ARRAY[p.id], (SELECT jsonb_object_agg(e.key, CASE
			WHEN e.key = 'attributes' THEN document_attributes(p.attributes, e.value)
			WHEN e.value = 'null' THEN CASE e.key WHEN 'tags' THEN '[]' ELSE '""' END::jsonb
			ELSE e.value END)
		FROM jsonb_each($1 - 'handle' - 'version' - 'variants' - 'images') e), 'edit');
	PERFORM product_put_variants(p, $1), product_put_images(p, $1);
	RETURN QUERY SELECT x.handle, x.version::bigint, x.status, x.version <> had
	FROM product x WHERE x.id = p.id;
END $$;
