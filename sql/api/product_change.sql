-- Changes of products by hand: fields of one or of many, the same for all; each is in the
-- audit log with what it was, and raises the product's version.

-- What a person can change of a product, by the names people use.
CREATE FUNCTION product_facts(p product) RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('title', p.title, 'description', p.description,
		'brand', (SELECT b.slug FROM brand b WHERE b.id = p.brand_id),
		'category', (SELECT c.path FROM category c WHERE c.id = p.category_id),
		'supplier', (SELECT s.slug FROM supplier s WHERE s.id = p.supplier_id),
		'type', p.type, 'tags', p.tags, 'status', p.status, 'attributes', p.attributes)
$$;

-- The members of one object that another has otherwise, or has not.
CREATE FUNCTION jsonb_beyond(one jsonb, other jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}') FROM jsonb_each(one) e
	WHERE other -> e.key IS DISTINCT FROM e.value
$$;

-- NAME=TEXT as one object: attributes are attribute.NAME, lists have commas, an empty text
-- takes away.  Which names are allowed, the caller knows.
CREATE FUNCTION changes_read(assignments text[], allowed text[], example text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	changes jsonb := '{}';
	attributes jsonb := '{}';
	one text;
	part text[];
BEGIN
	FOREACH one IN ARRAY assignments LOOP
		part := regexp_match(one, '^([a-z_]+)(?:\.([^=]+))?=(.*)$', 's');
		IF part[1] IS NULL OR part[1] <> ALL (allowed)
			OR (part[1] = 'attribute') <> (part[2] IS NOT NULL)
		THEN
			PERFORM invalid('change_is_readable', format('"%s" changes nothing known', one),
				format('NAME=VALUE, such as %s; names: %s', example,
					array_to_string(allowed, ', ')));
		END IF;
		IF changes ? part[1] OR attributes ? coalesce(part[2], '') THEN
			PERFORM invalid('change_is_said_once',
				format('"%s": it is given twice', one));
		END IF;
		IF part[1] = 'attribute' THEN
			attributes := attributes || jsonb_build_object(part[2], nullif(part[3], ''));
		ELSIF part[1] IN ('tags', 'add_tags', 'remove_tags', 'options') THEN
			changes := changes || jsonb_build_object(part[1], to_jsonb(array(
				SELECT trim(t) FROM string_to_table(part[3], ',') t WHERE trim(t) <> '')));
		ELSE
			changes := changes || jsonb_build_object(part[1], trim(part[3]));
		END IF;
	END LOOP;
	RETURN CASE WHEN attributes = '{}' THEN changes
		ELSE changes || jsonb_build_object('attributes', attributes) END;
END $$;

-- A name that a change gives to a reference, as its id; an empty one is none.
CREATE FUNCTION product_reference(changes jsonb, field text) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF coalesce(changes ->> field, '') = '' THEN
		RETURN NULL;
	END IF;
	RETURN CASE field WHEN 'brand' THEN (brand_named(changes ->> field)).id
		WHEN 'supplier' THEN (supplier_named(changes ->> field)).id
		ELSE (category_named(changes ->> field)).id END;
END $$;

CREATE FUNCTION product_changed(p product, changes jsonb, brand bigint, category bigint,
	supplier bigint) RETURNS product
LANGUAGE plpgsql STABLE AS $$
BEGIN
	p.title := coalesce(changes ->> 'title', p.title);
	p.description := coalesce(changes ->> 'description', p.description);
	p.type := coalesce(changes ->> 'type', p.type);
	p.status := coalesce(changes ->> 'status', p.status);
	p.attributes := jsonb_strip_nulls(p.attributes || coalesce(changes -> 'attributes', '{}'));
	p.tags := array(SELECT t.tag FROM (SELECT DISTINCT ON (x.tag) x.tag, x.i
			FROM jsonb_array_elements_text(coalesce(changes -> 'tags', to_jsonb(p.tags))
				|| coalesce(changes -> 'add_tags', '[]')) WITH ORDINALITY AS x (tag, i)
			WHERE NOT coalesce(changes -> 'remove_tags', '[]') ? x.tag
			ORDER BY x.tag, x.i) t ORDER BY t.i);
	IF changes ? 'brand' THEN p.brand_id := brand; END IF;
	IF changes ? 'category' THEN p.category_id := category; END IF;
	IF changes ? 'supplier' THEN p.supplier_id := supplier; END IF;
	RETURN p;
END $$;

-- Change the products, those that it changes; their ids.  They are locked in order of id.
CREATE FUNCTION product_change(ids bigint[], changes jsonb, action text) RETURNS bigint[]
LANGUAGE plpgsql AS $$
DECLARE
	brand bigint := product_reference(changes, 'brand');
	category bigint := product_reference(changes, 'category');
	supplier bigint := product_reference(changes, 'supplier');
	was product;
	is_now product;
	done bigint[] := '{}';
BEGIN
	FOR was IN SELECT p.* FROM product p WHERE p.id = ANY (ids) ORDER BY p.id
		FOR NO KEY UPDATE LOOP
		is_now := product_changed(was, changes, brand, category, supplier);
		CONTINUE WHEN is_now = was;
		PERFORM product_may_be(is_now);
		UPDATE product p SET title = is_now.title, description = is_now.description,
			brand_id = is_now.brand_id, category_id = is_now.category_id,
			supplier_id = is_now.supplier_id, type = is_now.type, tags = is_now.tags,
			attributes = is_now.attributes, status = is_now.status,
			version = p.version + 1, updated_at = now()
		WHERE p.id = was.id;
		IF (is_now.title, is_now.status) <> (was.title, was.status) THEN
			UPDATE variant v SET title = variant_title(is_now.title, v.options),
				sellable = is_now.status = 'active' AND NOT v.archived
			WHERE v.product_id = was.id;
		END IF;
		PERFORM audit('product:' || was.handle, action,
			jsonb_beyond(product_facts(was), product_facts(is_now)),
			jsonb_beyond(product_facts(is_now), product_facts(was)));
		done := done || was.id;
	END LOOP;
	PERFORM search_touch(done);
	RETURN done;
END $$;

-- What a product's category asks of it.
CREATE FUNCTION product_may_be(p product) RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
	fault text := attribute_fault(p.category_id, p.attributes);
BEGIN
	IF fault IS NOT NULL THEN
		PERFORM invalid('attributes_fit_their_category', format('%s: %s', p.handle, fault),
			format('shopctl category attribute list %s', (SELECT c.path FROM category c
				WHERE c.id = p.category_id)));
	END IF;
END $$;

-- The products of these names and of these conditions; none of either is none.
CREATE FUNCTION product_chosen(names text[], conditions text[]) RETURNS bigint[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF cardinality(names) > 0 AND cardinality(conditions) > 0 THEN
		PERFORM invalid('products_are_chosen_one_way', 'names and --where are given both');
	END IF;
	IF cardinality(names) > 0 THEN
		RETURN array(SELECT DISTINCT (product_named(n)).id FROM unnest(names) n);
	ELSIF cardinality(conditions) > 0 THEN
		RETURN array(SELECT DISTINCT m.product_id FROM catalog_match(conditions) m);
	END IF;
	PERFORM invalid('products_are_chosen', 'no product is named',
		'a handle, a SKU, or --where brand=acme');
END $$;

-- Change products: fields as NAME=TEXT.  if_version, of one product, must be its version.
CREATE FUNCTION api.product_set(names text[], conditions text[], assignments text[],
	if_version bigint)
RETURNS TABLE (handle text, version bigint, status text, changed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	changes jsonb := changes_read($3, '{title,description,brand,category,supplier,type,
		tags,add_tags,remove_tags,status,attribute}', 'title=''Dog Food 5 kg''');
BEGIN
	IF changes = '{}' THEN
		PERFORM invalid('change_is_given', 'nothing to change', 'title=''Dog Food 5 kg''');
	END IF;
	RETURN QUERY SELECT * FROM product_do(product_chosen($1, $2), changes, $4, 'set');
END $$;

-- To one state; archived ones are not shown and not sold.
CREATE FUNCTION api.product_move(names text[], conditions text[], state text)
RETURNS TABLE (handle text, version bigint, status text, changed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	ids bigint[] := product_chosen($1, $2);
	bare text;
BEGIN
	SELECT string_agg(p.handle, ', ' ORDER BY p.handle) INTO bare FROM product p
	WHERE p.id = ANY (ids) AND $3 = 'active' AND NOT EXISTS (SELECT FROM variant v
		JOIN price r ON r.variant_id = v.id AND r.valid_until > now()
		WHERE v.product_id = p.id AND NOT v.archived);
	IF bare IS NOT NULL THEN
		PERFORM refuse('published_product_has_a_price', format('no variant of %s has a price',
			left(bare, 200)), 'shopctl price set SKU 29.99EUR --reason new');
	END IF;
	RETURN QUERY SELECT * FROM product_do(ids, jsonb_build_object('status', $3), NULL,
		CASE $3 WHEN 'active' THEN 'publish' WHEN 'archived' THEN 'archive'
			ELSE 'restore' END);
END $$;

CREATE FUNCTION product_do(ids bigint[], changes jsonb, if_version bigint, action text)
RETURNS TABLE (handle text, version bigint, status text, changed boolean)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
	p product;
	done bigint[];
BEGIN
	IF $3 IS NOT NULL THEN
		SELECT x.* INTO p FROM product x WHERE x.id = ANY (ids) FOR NO KEY UPDATE;
		IF cardinality(ids) <> 1 OR p.version <> $3 THEN
			PERFORM refuse('product_version_is_current', CASE WHEN cardinality(ids) <> 1
				THEN 'a version is of one product'
				ELSE format('%s has version %s by now', p.handle, p.version) END,
				format('shopctl product history %s', p.handle));
		END IF;
	END IF;
	done := product_change(ids, changes, action);
	RETURN QUERY SELECT x.handle, x.version::bigint, x.status, x.id = ANY (done)
	FROM product x WHERE x.id = ANY (ids) ORDER BY x.handle;
END $$;

-- What became of a product and of its variants and prices, the newest first.
CREATE FUNCTION api.product_history(name text, max_rows bigint)
RETURNS TABLE (at timestamptz, actor text, object text, action text, reason text,
	before jsonb, after jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	p product := product_named(name);
BEGIN
	RETURN QUERY SELECT a.at, a.actor, a.object, a.action, a.reason, a.before, a.after
	FROM audit_log a WHERE a.object = ANY (array(SELECT 'product:' || p.handle
		UNION ALL
		SELECT x.of || v.sku FROM variant v, unnest('{variant:,price:}'::text[]) AS x(of)
		WHERE v.product_id = p.id))
	ORDER BY a.id DESC LIMIT max_rows;
END $$;
