-- What a category asks of the attributes of its products, and of those below it.

-- A category's own and those it has from above; the nearest one of a name counts.
CREATE FUNCTION attributes_of(category bigint)
RETURNS TABLE (name text, kind text, required boolean, choices text[], path text)
LANGUAGE sql STABLE AS $$
	WITH RECURSIVE up AS (
		SELECT c.id, c.parent_id, c.path, 0 AS far FROM category c WHERE c.id = $1
		UNION ALL
		SELECT c.id, c.parent_id, c.path, u.far + 1 FROM category c JOIN up u
			ON u.parent_id = c.id
	)
	SELECT DISTINCT ON (a.name) a.name, a.kind, a.required, a.choices, u.path
	FROM up u JOIN category_attribute a ON a.category_id = u.id
	ORDER BY a.name, u.far
$$;

CREATE FUNCTION attribute_is(kind text, choices text[], value text) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT CASE kind WHEN 'integer' THEN value ~ '^-?[0-9]{1,15}$'
		WHEN 'decimal' THEN value ~ '^-?[0-9]{1,15}(\.[0-9]{1,9})?$'
		WHEN 'boolean' THEN value IN ('true', 'false')
		WHEN 'date' THEN value ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' AND time_is_readable(value)
		WHEN 'choice' THEN value = ANY (choices)
		ELSE true END
$$;

-- What is wrong with a product's attributes in that category; null when nothing is.
CREATE FUNCTION attribute_fault(category bigint, attributes jsonb) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT string_agg(CASE WHEN $2 ->> a.name IS NULL THEN format('%s is missing', a.name)
		WHEN a.kind = 'choice' THEN format('%s is "%s" and not one of %s', a.name,
			left($2 ->> a.name, 80), array_to_string(a.choices, ', '))
		ELSE format('%s is "%s" and no %s', a.name, left($2 ->> a.name, 80), a.kind) END,
		'; ' ORDER BY a.name)
	FROM attributes_of($1) a
	WHERE CASE WHEN $2 ->> a.name IS NULL THEN a.required
		ELSE NOT attribute_is(a.kind, a.choices, $2 ->> a.name) END
$$;

CREATE FUNCTION api.category_attribute_list(category text)
RETURNS TABLE (name text, kind text, required boolean, choices text[], path text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT * FROM attributes_of((category_named($1)).id);
END $$;

-- Ask for an attribute, or for another kind of it.  Products that would not have it refuse.
CREATE FUNCTION api.category_attribute_set(category text, attribute text, value_kind text,
	must boolean, among text[])
RETURNS TABLE (name text, kind text, required boolean, choices text[], path text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	c category;
	was category_attribute;
	bad record;
BEGIN
	PERFORM category_lock();
	c := category_named($1);
	SELECT a.* INTO was FROM category_attribute a WHERE a.category_id = c.id AND a.name = $2;
	INSERT INTO category_attribute AS a (category_id, name, kind, required, choices)
	VALUES (c.id, $2, $3, coalesce($4, false), nullif($5, '{}'))
	ON CONFLICT (category_id, name) DO UPDATE SET kind = EXCLUDED.kind,
		required = EXCLUDED.required, choices = EXCLUDED.choices;
	SELECT count(*) AS n, min(p.handle) AS one INTO bad
	FROM product p JOIN category o ON o.id = p.category_id
	WHERE starts_with(o.path || '/', c.path || '/')
		AND attribute_fault(p.category_id, p.attributes) IS NOT NULL;
	IF bad.n > 0 THEN
		PERFORM refuse('attributes_fit_their_category',
			format('%s products would not fit, such as %s', bad.n, bad.one),
			format('shopctl product set %s attribute.%s=...', bad.one, $2));
	END IF;
	PERFORM audit('category:' || c.path, 'attribute', to_jsonb(was) - 'category_id',
		jsonb_build_object('name', $2, 'kind', $3, 'required', $4, 'choices', $5));
	RETURN QUERY SELECT * FROM attributes_of(c.id) a WHERE a.name = $2;
END $$;

CREATE FUNCTION api.category_attribute_remove(category text, attribute text)
RETURNS TABLE (name text, kind text, required boolean, choices text[], path text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	c category;
	was category_attribute;
BEGIN
	PERFORM category_lock();
	c := category_named($1);
	DELETE FROM category_attribute a WHERE a.category_id = c.id AND a.name = $2
	RETURNING a.* INTO was;
	IF was.name IS NULL THEN
		PERFORM absent('attribute_exists', format('%s itself asks for no %s', c.path, $2),
			format('shopctl category attribute list %s', c.path));
	END IF;
	PERFORM audit('category:' || c.path, 'attribute', to_jsonb(was) - 'category_id', NULL);
	RETURN QUERY SELECT was.name, was.kind, was.required, was.choices, c.path;
END $$;

-- Products whose attributes are not what their category asks for; for fsck.
CREATE FUNCTION fsck_attributes() RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT 'C4', 'product:' || p.handle, f.fault FROM product p
		CROSS JOIN LATERAL attribute_fault(p.category_id, p.attributes) AS f (fault)
	WHERE p.category_id IN (WITH RECURSIVE asks AS (
			SELECT DISTINCT a.category_id AS id FROM category_attribute a
			UNION
			SELECT c.id FROM category c JOIN asks s ON c.parent_id = s.id)
		SELECT s.id FROM asks s) AND f.fault IS NOT NULL;
	RETURN QUERY SELECT 'C5', 'category:' || c.path, 'its path is not the one of its place'
	FROM category c LEFT JOIN category p ON p.id = c.parent_id
	WHERE c.path <> coalesce(p.path || '/', '') || slug(c.name);
END $$;
