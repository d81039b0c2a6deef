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
