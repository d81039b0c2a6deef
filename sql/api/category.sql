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
	IF cardinality(names) = 0 THEN
		RETURN;
	END IF;
	PERFORM category_lock();
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

-- The category of that path or of that title; the nearest ones when there is none.
CREATE FUNCTION category_named(name text) RETURNS category LANGUAGE plpgsql STABLE AS $$
DECLARE
	found category;
BEGIN
	SELECT c.* INTO found FROM category c WHERE c.path = category_path($1);
	IF found.id IS NULL THEN
		PERFORM absent('category_exists', format('there is no category "%s"', $1),
			format('shopctl category create %L', $1));
	END IF;
	RETURN found;
END $$;

-- One change of the tree at a time; imports that make categories wait, too.
CREATE FUNCTION category_lock() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('category'), 0);
END $$;

-- The tree below a category, itself first; the whole of it without one.  depth is counted
-- from there; products are those in it and those below.
CREATE FUNCTION api.category_tree(top text, most_depth bigint)
RETURNS TABLE (path text, name text, depth bigint, products bigint, below bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	root category;
BEGIN
	IF top IS NOT NULL THEN
		root := category_named(top);
	END IF;
	RETURN QUERY WITH RECURSIVE tree AS (
		SELECT c.id, c.path, c.name, 0::bigint AS depth FROM category c
		WHERE CASE WHEN root.id IS NULL THEN c.parent_id IS NULL ELSE c.id = root.id END
		UNION ALL
		SELECT c.id, c.path, c.name, t.depth + 1 FROM category c JOIN tree t
			ON c.parent_id = t.id
		WHERE most_depth IS NULL OR t.depth < most_depth - 1
	), counted AS (
		SELECT p.category_id AS id, count(*) AS n FROM product p GROUP BY 1
	)
	SELECT t.path, t.name, t.depth, coalesce(n.n, 0)::bigint, (SELECT coalesce(sum(o.n), 0)
		FROM category c JOIN counted o ON o.id = c.id
		WHERE starts_with(c.path, t.path || '/'))::bigint
	FROM tree t LEFT JOIN counted n ON n.id = t.id
	ORDER BY string_to_array(t.path, '/');
END $$;

CREATE FUNCTION category_line(category bigint)
RETURNS TABLE (path text, name text, products bigint) LANGUAGE sql STABLE AS $$
	SELECT c.path, c.name, (SELECT count(*) FROM product p WHERE p.category_id = c.id)
	FROM category c WHERE c.id = $1
$$;

-- Make a category, and those above it that are missing: "Pets > Dog Food".
CREATE FUNCTION api.category_create(title text)
RETURNS TABLE (path text, name text, products bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	c category;
BEGIN
	PERFORM category_lock();
	IF coalesce(category_path($1), '') = '' THEN
		PERFORM invalid('category_has_a_name', 'a category has a name');
	END IF;
	IF EXISTS (SELECT FROM category o WHERE o.path = category_path($1)) THEN
		PERFORM refuse('category_path_is_unique',
			format('the category %s is there', category_path($1)));
	END IF;
	PERFORM category_need(ARRAY[$1]);
	PERFORM audit('category:' || category_path($1), 'create', NULL, to_jsonb($1));
	c := category_named($1);
	RETURN QUERY SELECT * FROM category_line(c.id);
END $$;

-- Put a category with all below it elsewhere, under another name or both; null leaves
-- either, and '' as the place is the top.
CREATE FUNCTION category_put(c category, place text, name text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	parent category;
	wanted text := coalesce($3, c.name);
	target text;
BEGIN
	IF trim(wanted) = '' OR wanted ~ '[/>]' THEN
		PERFORM invalid('category_has_a_name', format('"%s" is no name of a category', wanted),
			'a name without / and >');
	END IF;
	IF $2 IS NULL THEN
		SELECT p.* INTO parent FROM category p WHERE p.id = c.parent_id;
	ELSIF $2 <> '' THEN
		parent := category_named($2);
	END IF;
	IF starts_with(parent.path || '/', c.path || '/') THEN
		PERFORM refuse('category_is_not_below_itself',
			format('%s is part of %s', parent.path, c.path));
	END IF;
	target := coalesce(parent.path || '/', '') || slug(wanted);
	IF target <> c.path AND EXISTS (SELECT FROM category o WHERE o.path = target) THEN
		PERFORM refuse('category_path_is_unique', format('the category %s is there', target),
			format('shopctl category merge %s --into %s', c.path, target));
	END IF;
	-- All paths change in one statement; the unique key is looked at row by row, so those
	-- that would meet a path of the same tree on the way go by a detour.
	UPDATE category o SET path = '/' || substr(o.path, length(c.path) + 1)
	WHERE o.path = c.path OR starts_with(o.path, c.path || '/');
	UPDATE category o SET path = target || substr(o.path, 2)
	WHERE starts_with(o.path, '/');
	UPDATE category o SET parent_id = parent.id, name = trim(wanted) WHERE o.id = c.id;
	PERFORM search_touch(ARRAY(SELECT p.id FROM product p JOIN category o
		ON o.id = p.category_id WHERE o.path = target OR starts_with(o.path, target || '/')));
END $$;

CREATE FUNCTION api.category_move(category text, place text)
RETURNS TABLE (path text, name text, products bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	c category;
BEGIN
	PERFORM category_lock();
	c := category_named($1);
	PERFORM category_put(c, $2, NULL), audit('category:' || c.path, 'move', to_jsonb(c.path),
		to_jsonb($2));
	RETURN QUERY SELECT * FROM category_line(c.id);
END $$;

CREATE FUNCTION api.category_set(category text, title text)
RETURNS TABLE (path text, name text, products bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	c category;
BEGIN
	PERFORM category_lock();
	c := category_named($1);
	PERFORM category_put(c, NULL, $2), audit('category:' || c.path, 'set', to_jsonb(c.name),
		to_jsonb($2));
	RETURN QUERY SELECT * FROM category_line(c.id);
END $$;

-- The products of one, and what is below it, become the other's; a category below both is
-- joined in the same way.  What the one asks of its products is gone with it.
CREATE FUNCTION category_join(one category, other category) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	child category;
	twin category;
BEGIN
	PERFORM product_change(array(SELECT p.id FROM product p WHERE p.category_id = one.id),
		jsonb_build_object('category', other.path), 'set');
	FOR child IN SELECT c.* FROM category c WHERE c.parent_id = one.id ORDER BY c.path LOOP
		SELECT t.* INTO twin FROM category t
		WHERE t.path = other.path || '/' || slug(child.name);
		IF twin.id IS NULL THEN
			PERFORM category_put(child, other.path, NULL);
		ELSE
			PERFORM category_join(child, twin);
		END IF;
	END LOOP;
	PERFORM promotion_scope_merged('category', one.id, other.id);
	DELETE FROM category_attribute a WHERE a.category_id = one.id;
	DELETE FROM category c WHERE c.id = one.id;
END $$;

CREATE FUNCTION api.category_merge(category text, into_category text)
RETURNS TABLE (path text, name text, products bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	one category;
	other category;
BEGIN
	PERFORM category_lock();
	one := category_named($1);
	other := category_named($2);
	IF one.id = other.id THEN
		PERFORM invalid('merge_joins_two', format('%s is merged into itself', one.path));
	END IF;
	IF starts_with(other.path, one.path || '/') THEN
		PERFORM refuse('category_is_not_below_itself',
			format('%s is part of %s', other.path, one.path),
			format('shopctl category move %s --under ...', other.path));
	END IF;
	PERFORM category_join(one, other), audit('category:' || one.path, 'merge',
		to_jsonb(one.path), to_jsonb(other.path));
	RETURN QUERY SELECT * FROM category_line(other.id);
END $$;

CREATE FUNCTION api.category_delete(category text)
RETURNS TABLE (path text, name text, products bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	c category;
	inside bigint;
BEGIN
	PERFORM category_lock();
	c := category_named($1);
	inside := (SELECT count(*) FROM product p WHERE p.category_id = c.id)
		+ (SELECT count(*) FROM category o WHERE o.parent_id = c.id);
	IF inside > 0 THEN
		PERFORM refuse('category_is_empty', format('%s has %s products and categories in it',
			c.path, inside), format('shopctl category merge %s --into OTHER', c.path));
	END IF;
	DELETE FROM category_attribute a WHERE a.category_id = c.id;
	DELETE FROM category o WHERE o.id = c.id;
	PERFORM audit('category:' || c.path, 'delete', to_jsonb(c.name), NULL);
	RETURN QUERY SELECT c.path, c.name, 0::bigint;
END $$;
