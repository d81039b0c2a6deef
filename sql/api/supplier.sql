-- Suppliers: who delivers a product.

CREATE FUNCTION api.supplier_list(max_rows bigint)
RETURNS TABLE (slug text, name text, email text, products bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
	SELECT s.slug, s.name, s.email,
		(SELECT count(*) FROM product p WHERE p.supplier_id = s.id)
	FROM supplier s ORDER BY s.slug LIMIT max_rows
$$;

-- The supplier of that name, or of that slug.
CREATE FUNCTION supplier_named(name text) RETURNS supplier LANGUAGE plpgsql STABLE AS $$
DECLARE
	found supplier;
BEGIN
	SELECT b.* INTO found FROM supplier b WHERE b.slug = slug($1);
	IF found.id IS NULL THEN
		PERFORM absent('supplier_exists', format('there is no supplier "%s"', $1),
			format('shopctl supplier create %L', $1));
	END IF;
	RETURN found;
END $$;

CREATE FUNCTION supplier_line(supplier bigint)
RETURNS TABLE (slug text, name text, email text, products bigint) LANGUAGE sql STABLE AS $$
	SELECT b.slug, b.name, b.email,
		(SELECT count(*) FROM product p WHERE p.supplier_id = b.id)
	FROM supplier b WHERE b.id = $1
$$;

CREATE FUNCTION api.supplier_create(title text, address text)
RETURNS TABLE (slug text, name text, email text, products bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	made bigint;
BEGIN
	INSERT INTO supplier (slug, name, email) VALUES (slug($1), trim($1), lower($2))
	RETURNING id INTO made;
	PERFORM audit('supplier:' || slug($1), 'create', NULL, to_jsonb(trim($1)));
	RETURN QUERY SELECT * FROM supplier_line(made);
END $$;

-- Another name, another address; the slug follows the name.  Null leaves either as it is.
CREATE FUNCTION api.supplier_set(supplier text, title text, address text)
RETURNS TABLE (slug text, name text, email text, products bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	b supplier := supplier_named($1);
BEGIN
	UPDATE supplier o SET name = coalesce(trim($2), o.name), slug = slug(coalesce($2, o.name)),
		email = CASE WHEN $3 IS NULL THEN o.email ELSE nullif(lower($3), '') END
	WHERE o.id = b.id;
	PERFORM audit('supplier:' || b.slug, 'set', to_jsonb(b), (SELECT to_jsonb(o)
		FROM supplier o WHERE o.id = b.id));
	RETURN QUERY SELECT * FROM supplier_line(b.id);
END $$;

-- The products of one become the other's, and the one is gone.
CREATE FUNCTION api.supplier_merge(supplier text, into_supplier text)
RETURNS TABLE (slug text, name text, email text, products bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	b supplier := supplier_named($1);
	o supplier := supplier_named($2);
	moved bigint[];
BEGIN
	IF b.id = o.id THEN
		PERFORM invalid('merge_joins_two', format('%s is merged into itself', b.slug));
	END IF;
	moved := product_change(array(SELECT p.id FROM product p WHERE p.supplier_id = b.id),
		jsonb_build_object('supplier', o.slug), 'set');
	DELETE FROM supplier x WHERE x.id = b.id;
	PERFORM audit('supplier:' || b.slug, 'merge', to_jsonb(b.name),
		jsonb_build_object('into', o.slug, 'products', cardinality(moved)));
	RETURN QUERY SELECT * FROM supplier_line(o.id);
END $$;

CREATE FUNCTION api.supplier_delete(supplier text)
RETURNS TABLE (slug text, name text, email text, products bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	b supplier := supplier_named($1);
	n bigint := (SELECT count(*) FROM product p WHERE p.supplier_id = b.id);
BEGIN
	IF n > 0 THEN
		PERFORM refuse('supplier_has_no_products', format('%s products are of %s', n, b.slug),
			format('shopctl supplier merge %s --into OTHER', b.slug));
	END IF;
	DELETE FROM supplier x WHERE x.id = b.id;
	PERFORM audit('supplier:' || b.slug, 'delete', to_jsonb(b.name), NULL);
	RETURN QUERY SELECT b.slug, b.name, b.email, 0::bigint;
END $$;
