-- Brands: made when a product first names one.

-- A name as it stands in paths and SKUs: "Dog Food, 5 kg" is dog-food-5-kg.
CREATE FUNCTION slug(name text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(nullif(trim(BOTH '-' FROM
		regexp_replace(lower(name), '[\x01-\x2f\x3a-\x60\x7b-\x7f]+', '-', 'g')), ''),
		lower(name))
$$;

-- Make the brands of these names that are missing.
CREATE FUNCTION brand_need(names text[]) RETURNS void LANGUAGE sql AS $$
	INSERT INTO brand (slug, name)
	SELECT DISTINCT ON (slug(n)) slug(n), trim(n) FROM unnest(names) WITH ORDINALITY AS t (n, i)
	ORDER BY slug(n), i
	ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION api.brand_list(max_rows bigint)
RETURNS TABLE (slug text, name text, products bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
	SELECT b.slug, b.name, (SELECT count(*) FROM product p WHERE p.brand_id = b.id)
	FROM brand b ORDER BY b.slug LIMIT max_rows
$$;

-- The brand of that name, or of that slug.
CREATE FUNCTION brand_named(name text) RETURNS brand LANGUAGE plpgsql STABLE AS $$
DECLARE
	found brand;
BEGIN
	SELECT b.* INTO found FROM brand b WHERE b.slug = slug($1);
	IF found.id IS NULL THEN
		PERFORM absent('brand_exists', format('there is no brand "%s"', $1),
			format('shopctl brand create %L', $1));
	END IF;
	RETURN found;
END $$;

CREATE FUNCTION brand_line(brand bigint)
RETURNS TABLE (slug text, name text, products bigint) LANGUAGE sql STABLE AS $$
	SELECT b.slug, b.name, (SELECT count(*) FROM product p WHERE p.brand_id = b.id)
	FROM brand b WHERE b.id = $1
$$;

CREATE FUNCTION api.brand_create(title text)
RETURNS TABLE (slug text, name text, products bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	made bigint;
BEGIN
	INSERT INTO brand (slug, name) VALUES (slug($1), trim($1)) RETURNING id INTO made;
	PERFORM audit('brand:' || slug($1), 'create', NULL, to_jsonb(trim($1)));
	RETURN QUERY SELECT * FROM brand_line(made);
END $$;

-- Another name; the slug follows it, and so do the products.
CREATE FUNCTION api.brand_set(brand text, title text)
RETURNS TABLE (slug text, name text, products bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	b brand := brand_named($1);
BEGIN
	UPDATE brand o SET name = trim($2), slug = slug($2) WHERE o.id = b.id;
	PERFORM search_touch(ARRAY(SELECT p.id FROM product p WHERE p.brand_id = b.id));
	PERFORM audit('brand:' || b.slug, 'set', to_jsonb(b.name), to_jsonb(trim($2)));
	RETURN QUERY SELECT * FROM brand_line(b.id);
END $$;

-- The products of one become the other's, and the one is gone.
CREATE FUNCTION api.brand_merge(brand text, into_brand text)
RETURNS TABLE (slug text, name text, products bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	b brand := brand_named($1);
	o brand := brand_named($2);
	moved bigint[];
BEGIN
	IF b.id = o.id THEN
		PERFORM invalid('merge_joins_two', format('%s is merged into itself', b.slug));
	END IF;
	moved := product_change(array(SELECT p.id FROM product p WHERE p.brand_id = b.id),
		jsonb_build_object('brand', o.slug), 'set');
	PERFORM promotion_scope_merged('brand', b.id, o.id);
	DELETE FROM brand x WHERE x.id = b.id;
	PERFORM audit('brand:' || b.slug, 'merge', to_jsonb(b.name),
		jsonb_build_object('into', o.slug, 'products', cardinality(moved)));
	RETURN QUERY SELECT * FROM brand_line(o.id);
END $$;

CREATE FUNCTION api.brand_delete(brand text)
RETURNS TABLE (slug text, name text, products bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	b brand := brand_named($1);
	n bigint := (SELECT count(*) FROM product p WHERE p.brand_id = b.id);
BEGIN
	IF n > 0 THEN
		PERFORM refuse('brand_has_no_products', format('%s products are of %s', n, b.slug),
			format('shopctl brand merge %s --into OTHER', b.slug));
	END IF;
	DELETE FROM brand x WHERE x.id = b.id;
	PERFORM audit('brand:' || b.slug, 'delete', to_jsonb(b.name), NULL);
	RETURN QUERY SELECT b.slug, b.name, 0::bigint;
END $$;
