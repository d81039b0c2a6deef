-- Taking an import back: what it made goes, what it changed is as it was; all of it, or
-- nothing, when something was changed since or sold.  Past prices and movements of stock
-- stay told: a price goes back from now on, a quantity by a movement.

-- The new variants and products of the run that are still there.
CREATE FUNCTION import_new_rows(r import_run) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	DROP TABLE IF EXISTS pg_temp.import_new_variant, pg_temp.import_new_product;
	CREATE TEMPORARY TABLE import_new_variant ON COMMIT DROP AS
	SELECT v.id, v.product_id, v.sku AS name, v.xmin::text::bigint AS xid
	FROM unnest(r.new_variants) AS n (ids), variant v
	WHERE v.id >= lower(n.ids) AND v.id < upper(n.ids);
	CREATE TEMPORARY TABLE import_new_product ON COMMIT DROP AS
	SELECT p.id, p.handle AS name, p.xmin::text::bigint AS xid
	FROM unnest(r.new_products) AS n (ids), product p
	WHERE p.id >= lower(n.ids) AND p.id < upper(n.ids);
	DROP TABLE IF EXISTS pg_temp.import_obstacle;
	CREATE TEMPORARY TABLE import_obstacle (noun text, name text, problem text) ON COMMIT DROP;
	ANALYZE import_new_variant, import_new_product;
END $$;

-- A row that nobody wrote since has the number of the run's transaction, or of later
-- imports that were taken back.
CREATE FUNCTION import_untouched(r import_run, row_xid bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT row_xid IN (SELECT x & 4294967295 FROM (SELECT r.xid AS x UNION ALL
		SELECT unnest(ARRAY[u.xid, u.undo_xid]) FROM import_run u
		WHERE u.id > r.id AND u.state = 'undone') t)
$$;

-- Movements of stock that are in nobody's way: its own, and of those.
CREATE FUNCTION import_moves(r import_run) RETURNS text[] LANGUAGE sql STABLE AS $$
	SELECT array(SELECT 'import:' || r.id UNION ALL SELECT 'import:' || u.id FROM import_run u
		WHERE u.id > r.id AND u.state = 'undone')
$$;

-- What is new was changed since, or moved, or got something that was not the import's.
CREATE FUNCTION import_obstacles_new(r import_run) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO import_obstacle SELECT 'variant', n.name, 'it was changed since'
	FROM import_new_variant n WHERE NOT import_untouched(r, n.xid);
	INSERT INTO import_obstacle SELECT 'product', n.name, 'it was changed since'
	FROM import_new_product n WHERE NOT import_untouched(r, n.xid);
	INSERT INTO import_obstacle SELECT 'product', n.name, 'it got the variant ' || v.sku
	FROM import_new_product n JOIN variant v ON v.product_id = n.id
	WHERE NOT EXISTS (SELECT FROM import_new_variant o WHERE o.id = v.id);
	INSERT INTO import_obstacle SELECT 'price', n.name, p.currency || ' was set since'
	FROM import_new_variant n JOIN price p ON p.variant_id = n.id
	WHERE NOT import_untouched(r, p.xmin::text::bigint);
	INSERT INTO import_obstacle SELECT 'stock', n.name, t.reserved || ' are reserved'
	FROM import_new_variant n JOIN stock t ON t.variant_id = n.id WHERE t.reserved > 0;
	INSERT INTO import_obstacle SELECT 'stock', n.name, format('%s moved since (%s)', m.delta,
		coalesce(m.reference, m.reason))
	FROM import_new_variant n JOIN stock_movement m ON m.variant_id = n.id
	WHERE coalesce(m.reference, '') <> ALL (import_moves(r));
END $$;

-- Whatever else knows the new variants and products: order lines, carts, price lists.
CREATE FUNCTION import_obstacles_elsewhere(r import_run) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	rel record;
BEGIN
	FOR rel IN SELECT c.oid::regclass AS name, a.attname AS key, CASE a.attname
			WHEN 'variant_id' THEN 'variant' ELSE 'product' END AS noun
		FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
		WHERE a.attname IN ('variant_id', 'product_id') AND c.relkind IN ('r', 'p')
			AND NOT c.relispartition AND c.relnamespace = 'shop'::regnamespace
			AND NOT c.relname = ANY (import_own_tables()) AND c.relname NOT LIKE 'search\_%' LOOP
		EXECUTE format('INSERT INTO import_obstacle SELECT %L, n.name, %L
			FROM import_new_%s n WHERE EXISTS (SELECT FROM %s t WHERE t.%I = n.id)',
			rel.noun, 'it is in ' || replace(rel.name::text, '_', ' '), rel.noun, rel.name,
			rel.key);
	END LOOP;
END $$;

-- The tables whose rows of a variant or a product go with it.
CREATE FUNCTION import_own_tables() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
	SELECT '{price,product_image,stock,stock_movement,variant}'::text[]
$$;

-- What was changed is not as the run left it.
CREATE FUNCTION import_obstacles_changed(r import_run) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	rel record;
BEGIN
	INSERT INTO import_obstacle
	SELECT 'price', b.name, format('the price in %s was set since', b.key)
	FROM import_before b LEFT JOIN LATERAL price_standing(b.id, b.key) p ON true
	WHERE b.run_id = r.id AND b.noun = 'price' AND (p.variant_id IS NULL
		OR (p.amount, p.compare_at) IS DISTINCT FROM ((b.after ->> 'amount')::bigint,
			(b.after ->> 'compare_at')::bigint));
	INSERT INTO import_obstacle
	SELECT 'stock', b.name, CASE WHEN coalesce(m.reference, '') <> ALL (import_moves(r))
		THEN format('%s in %s moved since (%s)', m.delta, b.key, coalesce(m.reference, m.reason))
		ELSE format('%s in %s are reserved', t.reserved, b.key) END
	FROM import_before b JOIN warehouse w ON w.code = b.key
		JOIN stock t ON t.variant_id = b.id AND t.warehouse_id = w.id AND t.slice = 0
		CROSS JOIN LATERAL (SELECT * FROM stock_movement m WHERE m.variant_id = b.id
			AND m.warehouse_id = w.id AND m.slice = 0 ORDER BY m.id DESC LIMIT 1) m
	WHERE b.run_id = r.id AND b.noun = 'stock' AND (t.on_hand <> (b.after ->> 'on_hand')::bigint
		OR t.reserved > coalesce((b.before ->> 'on_hand')::bigint, 0)
		OR coalesce(m.reference, '') <> ALL (import_moves(r)));
	FOR rel IN SELECT DISTINCT b.noun FROM import_before b WHERE b.run_id = r.id
			AND b.noun NOT IN ('image', 'price', 'stock') LOOP
		EXECUTE format('INSERT INTO import_obstacle
			SELECT %L, b.name, CASE WHEN t.id IS NULL THEN ''it is gone''
				ELSE ''it was changed since: '' || (SELECT string_agg(a.key, '', '')
					FROM jsonb_each(b.after) a WHERE to_jsonb(t) -> a.key <> a.value) END
			FROM import_before b LEFT JOIN %I t ON t.id = b.id
			WHERE b.run_id = %s AND b.noun = %L AND (t.id IS NULL OR EXISTS (SELECT
				FROM jsonb_each(b.after) a WHERE to_jsonb(t) -> a.key <> a.value))',
			rel.noun, rel.noun, r.id, rel.noun);
	END LOOP;
END $$;

-- Who else writes waits: rows are locked in the order that everybody has.
CREATE FUNCTION import_undo_lock(r import_run) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM product p WHERE p.id IN (SELECT n.id FROM import_new_product n
		UNION ALL SELECT b.id FROM import_before b WHERE b.run_id = r.id AND b.noun = 'product')
	ORDER BY p.id FOR UPDATE;
	PERFORM FROM variant v WHERE v.id IN (SELECT n.id FROM import_new_variant n
		UNION ALL SELECT b.id FROM import_before b WHERE b.run_id = r.id AND b.noun = 'variant')
	ORDER BY v.id FOR UPDATE;
	PERFORM FROM stock t WHERE t.variant_id IN (SELECT n.id FROM import_new_variant n
		UNION ALL SELECT b.id FROM import_before b WHERE b.run_id = r.id AND b.noun = 'stock')
	ORDER BY t.variant_id, t.warehouse_id, t.slice FOR UPDATE;
END $$;

-- The run that can be taken back, locked, and what stands in the way.
CREATE FUNCTION import_undo_begin(run bigint) RETURNS import_run LANGUAGE plpgsql AS $$
DECLARE
	r import_run;
BEGIN
	PERFORM import_patience();
	PERFORM pg_advisory_xact_lock(hashtext('shop.import'));
	r := import_get(run);
	PERFORM import_may(r.kind);
	IF r.state <> 'done' THEN
		PERFORM refuse('import_is_done', format('import %s is %s', run, import_state(r)),
			'shopctl import runs');
	ELSIF r.xid IS NULL THEN
		PERFORM refuse('import_is_remembered', format('how things were before import %s is '
			'not known any more', run), 'import a file with the values that should be');
	END IF;
	PERFORM import_new_rows(r);
	PERFORM import_undo_lock(r);
	PERFORM import_new_rows(r);
	PERFORM import_obstacles_new(r);
	PERFORM import_obstacles_elsewhere(r);
	PERFORM import_obstacles_changed(r);
	RETURN r;
END $$;

CREATE FUNCTION api.import_obstacles(run bigint, most bigint)
RETURNS TABLE (noun text, name text, problem text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM import_undo_begin(run);
	RETURN QUERY SELECT o.noun, o.name, min(o.problem) FROM import_obstacle o
	GROUP BY o.noun, o.name ORDER BY o.noun, o.name LIMIT most;
END $$;

CREATE FUNCTION import_undo_prices(r import_run) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	n record;
	was jsonb[];
	done bigint := 0;
BEGIN
	FOR n IN SELECT b.key AS currency, array_agg(b.id ORDER BY b.id) AS variants,
			array_agg((b.before ->> 'amount')::bigint ORDER BY b.id) AS amounts,
			array_agg((b.before ->> 'compare_at')::bigint ORDER BY b.id) AS compares
			FROM import_before b WHERE b.run_id = r.id AND b.noun = 'price'
				AND b.before IS NOT NULL GROUP BY b.key ORDER BY b.key LOOP
		PERFORM price_lock(n.variants);
		was := price_pictures(n.variants, n.currency);
		PERFORM price_stand(n.variants, n.currency, n.amounts, n.compares, now()),
			price_audit(n.variants, n.currency, 'undo', was);
		done := done + cardinality(n.variants);
	END LOOP;
	FOR n IN SELECT b.id, b.key FROM import_before b WHERE b.run_id = r.id
			AND b.noun = 'price' AND b.before IS NULL ORDER BY b.id, b.key LOOP
		PERFORM price_lock(ARRAY[n.id]);
		was := price_pictures(ARRAY[n.id], n.key);
		DELETE FROM price p WHERE p.variant_id = n.id AND p.currency = n.key::bpchar
			AND NOT p.scheduled AND p.valid_from >= now();
		UPDATE price p SET valid_until = now() WHERE p.variant_id = n.id
			AND p.currency = n.key::bpchar AND NOT p.scheduled AND p.valid_until > now();
		PERFORM price_audit(ARRAY[n.id], n.key, 'undo', was);
		done := done + 1;
	END LOOP;
	RETURN done;
END $$;

CREATE FUNCTION import_undo_stock(r import_run) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
	who text := actor();
BEGIN
	WITH changed AS (
		UPDATE stock t SET on_hand = coalesce((b.before ->> 'on_hand')::bigint, 0)
		FROM import_before b JOIN warehouse w ON w.code = b.key
		WHERE b.run_id = r.id AND b.noun = 'stock' AND t.variant_id = b.id
			AND t.warehouse_id = w.id AND t.slice = 0
		RETURNING t.variant_id, t.warehouse_id, t.on_hand - (b.after ->> 'on_hand')::bigint
			AS delta
	)
	INSERT INTO stock_movement (variant_id, warehouse_id, delta, reason, reference, actor)
	SELECT c.variant_id, c.warehouse_id, c.delta, 'import_undo', 'import:' || r.id, who
	FROM changed c WHERE c.delta <> 0 ORDER BY 1, 2;
	GET DIAGNOSTICS n = ROW_COUNT;
	RETURN n;
END $$;

CREATE FUNCTION import_undo_images(r import_run) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	DELETE FROM product_image i USING import_before b WHERE b.run_id = r.id
		AND b.noun = 'image' AND b.before IS NULL AND i.product_id = b.id AND i.url = b.key;
	UPDATE product_image i SET alt = b.before ->> 'alt',
		position = (b.before ->> 'position')::int
	FROM import_before b WHERE b.run_id = r.id AND b.noun = 'image' AND b.before IS NOT NULL
		AND i.product_id = b.id AND i.url = b.key;
	SELECT count(*) INTO n FROM import_before b WHERE b.run_id = r.id AND b.noun = 'image';
	RETURN n;
END $$;

-- Rows of any table that has an id: the columns that the run changed, as they were.
CREATE FUNCTION import_undo_rows(r import_run) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	rel record;
	n bigint;
	total bigint := 0;
BEGIN
	FOR rel IN SELECT c.noun, string_agg(quote_ident(c.key), ', ') AS columns
			FROM (SELECT DISTINCT b.noun, k.key FROM import_before b,
				jsonb_object_keys(b.after) AS k (key)
				WHERE b.run_id = r.id AND b.noun NOT IN ('image', 'price', 'stock')) c
			GROUP BY c.noun LOOP
		EXECUTE format('DELETE FROM %I t USING import_before b
			WHERE b.run_id = %s AND b.noun = %L AND b.before IS NULL AND t.id = b.id',
			rel.noun, r.id, rel.noun);
		EXECUTE format('UPDATE %I t SET (%s) = (SELECT %s FROM jsonb_populate_record(t, b.before))
			FROM import_before b WHERE b.run_id = %s AND b.noun = %L AND b.before IS NOT NULL
			AND t.id = b.id', rel.noun, rel.columns, rel.columns, r.id, rel.noun);
		GET DIAGNOSTICS n = ROW_COUNT;
		total := total + n;
	END LOOP;
	UPDATE product p SET version = p.version + 1, updated_at = now()
	FROM import_before b WHERE b.run_id = r.id AND b.noun = 'product' AND p.id = b.id;
	UPDATE variant v SET title = variant_title(p.title, v.options),
		sellable = p.status = 'active' AND NOT v.archived
	FROM product p WHERE p.id = v.product_id AND (p.id IN (SELECT b.id FROM import_before b
			WHERE b.run_id = r.id AND b.noun = 'product')
			OR v.id IN (SELECT b.id FROM import_before b
				WHERE b.run_id = r.id AND b.noun = 'variant'))
		AND (v.title, v.sellable) IS DISTINCT FROM
			(variant_title(p.title, v.options), p.status = 'active' AND NOT v.archived);
	RETURN total;
END $$;

CREATE FUNCTION import_undo_new(r import_run) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	DELETE FROM stock_movement m USING import_new_variant n WHERE m.variant_id = n.id;
	DELETE FROM stock t USING import_new_variant n WHERE t.variant_id = n.id;
	DELETE FROM price p USING import_new_variant n WHERE p.variant_id = n.id;
	DELETE FROM product_image i USING import_new_product n WHERE i.product_id = n.id;
	DELETE FROM variant v USING import_new_variant n WHERE v.id = n.id;
	GET DIAGNOSTICS n = ROW_COUNT;
	DELETE FROM product p USING import_new_product n WHERE p.id = n.id;
	RETURN n;
END $$;

-- Take the run back.  deleted: variants that it had made; restored: rows, prices and
-- quantities that are as they were.
CREATE FUNCTION api.import_undo(run bigint)
RETURNS TABLE (id bigint, state text, deleted bigint, restored bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
SET work_mem = '128MB' SET jit = off AS $$
#variable_conflict use_variable
DECLARE
	r import_run := import_undo_begin(run);
	n bigint := (SELECT count(*) FROM (SELECT DISTINCT o.noun, o.name FROM import_obstacle o) x);
BEGIN
	IF n > 0 THEN
		PERFORM refuse('import_undo_is_whole', format('%s of the rows of import %s were changed '
			'since, or sold; nothing was undone', n, run), 'take back what came later, or '
			'import a file with the values that should be');
	END IF;
	deleted := import_undo_new(r);
	restored := import_undo_rows(r) + import_undo_prices(r) + import_undo_stock(r)
		+ import_undo_images(r);
	PERFORM search_touch(ARRAY(SELECT DISTINCT t.id FROM (
		SELECT n.id FROM import_new_product n UNION ALL SELECT v.product_id FROM import_new_variant v
		UNION ALL SELECT b.id FROM import_before b WHERE b.run_id = run
			AND b.noun IN ('product', 'image')
		UNION ALL SELECT v.product_id FROM import_before b JOIN variant v ON v.id = b.id
			WHERE b.run_id = run AND b.noun IN ('variant', 'price', 'stock')) t ORDER BY 1));
	id := run;
	state := 'undone';
	UPDATE import_run i SET state = 'undone', undone_at = now(),
		undo_xid = pg_current_xact_id()::text::bigint WHERE i.id = run;
	PERFORM audit('import:' || run, 'undone', NULL, jsonb_build_object('deleted', deleted,
		'restored', restored));
	RETURN NEXT;
END $$;
