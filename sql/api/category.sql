-- Categories: a tree by path; made when a product first names one.

-- "Pets > Dog Food" and "pets/dog-food" are the same path.
CREATE FUNCTION category_path(name text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT string_agg(slug(part), '/' ORDER BY i)
	FROM regexp_split_to_table(name, '\s*(?:>|/)\s*') WITH ORDINALITY AS t (part, i)
	WHERE trim(part) <> ''
$$;

-- Make the categories of these names that are missing, parents first.
CREATE FUNCTION category_need(names text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	depth integer;
BEGIN
	FOR depth IN 1..20 LOOP
		INSERT INTO category (parent_id, path, name)
		SELECT DISTINCT ON (here.path) c.id, here.path, named.parts[depth]
		FROM (SELECT array_remove(regexp_split_to_array(trim(n), '\s*(?:>|/)\s*'), '')
				AS parts, i
			FROM unnest(names) WITH ORDINALITY AS t (n, i)) AS named
			CROSS JOIN LATERAL (SELECT category_path(
				array_to_string(named.parts[1:depth], '/')) AS path) AS here
			LEFT JOIN category c ON c.path = regexp_replace(here.path, '/?[^/]*$', '')
		WHERE cardinality(named.parts) >= depth
		ORDER BY here.path, named.i
		ON CONFLICT DO NOTHING;
	END LOOP;
END $$;

-- The names from the root down: "Pets > Dog Food".
CREATE FUNCTION category_titles() RETURNS TABLE (id bigint, path text, title text)
LANGUAGE sql STABLE AS $$
	WITH RECURSIVE tree AS (
		SELECT c.id, c.path, c.name AS title FROM category c WHERE c.parent_id IS NULL
		UNION ALL
		SELECT c.id, c.path, t.title || ' > ' || c.name
		FROM category c JOIN tree t ON c.parent_id = t.id
	)
	SELECT * FROM tree
$$;

CREATE FUNCTION api.category_list(max_rows bigint)
RETURNS TABLE (path text, name text, products bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
	SELECT c.path, c.name, (SELECT count(*) FROM product p WHERE p.category_id = c.id)
	FROM category c ORDER BY c.path LIMIT max_rows
$$;
