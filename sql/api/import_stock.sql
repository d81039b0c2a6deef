-- Importing quantities: what is on hand of a variant in a warehouse, set by set.

-- Rows become places: which variant, which warehouse.  A row whose quantity is null changes
-- nothing.  What is given twice alike counts once.
CREATE FUNCTION import_stock_check(run import_run) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF EXISTS (SELECT FROM import_stage s WHERE s.warehouse IS NULL) THEN
		UPDATE import_stage s SET warehouse = (warehouse_named(run.warehouse)).code
		WHERE s.warehouse IS NULL;
	END IF;
	IF (run.options ->> 'create_warehouses')::boolean THEN
		INSERT INTO warehouse (code, name)
		SELECT DISTINCT s.warehouse, s.warehouse FROM import_stage s
		WHERE NOT EXISTS (SELECT FROM warehouse w
			WHERE s.warehouse IN (w.code, w.name));
	END IF;
	DROP TABLE IF EXISTS pg_temp.import_lot;
	CREATE TEMPORARY TABLE import_lot ON COMMIT DROP AS
	SELECT s.line, coalesce(s.sku, s.handle) AS name, coalesce(k.id, o.id) AS variant_id,
		s.warehouse, w.id AS warehouse_id, s.on_hand, s.expected
	FROM import_stage s LEFT JOIN variant k ON k.sku = s.sku
		LEFT JOIN product p ON p.handle = s.handle AND k.id IS NULL
		LEFT JOIN variant o ON o.product_id = p.id AND o.options = s.options
		LEFT JOIN LATERAL (SELECT w.id FROM warehouse w
			WHERE s.warehouse IN (w.code, w.name)
			ORDER BY w.code <> s.warehouse, w.id LIMIT 1) w ON true
	WHERE NOT EXISTS (SELECT FROM import_reject r WHERE r.line = s.line);
	ANALYZE import_lot;
	INSERT INTO import_reject
	SELECT DISTINCT ON (n.line) n.line, 'sku', 'variant_exists', format(
		'there is no variant %s', n.name),
		'import the products first; or shopctl product list --q ' || n.name
	FROM import_lot n WHERE n.variant_id IS NULL;
	INSERT INTO import_reject
	SELECT DISTINCT n.line, n.warehouse, 'warehouse_exists', format(
		'there is no warehouse "%s"', n.warehouse), format('shopctl warehouse create '
		'CODE --name "%s", or add --create-warehouses', n.warehouse)
	FROM import_lot n WHERE n.warehouse_id IS NULL AND n.on_hand IS NOT NULL;
	PERFORM import_stock_places();
END $$;

CREATE FUNCTION import_stock_places() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO import_reject
	SELECT n.line, 'on_hand', 'stock_is_given_once', format(
		'line %s gives the stock of %s in %s, too', f.line, n.name, n.warehouse),
		'leave one of the two'
	FROM import_lot n JOIN (SELECT o.variant_id, o.warehouse_id, min(o.line) AS line,
			(array_agg(o.on_hand ORDER BY o.line))[1] AS on_hand
		FROM import_lot o WHERE o.on_hand IS NOT NULL
		GROUP BY 1, 2 HAVING count(*) > 1) f USING (variant_id, warehouse_id)
	WHERE n.line > f.line AND n.on_hand <> f.on_hand;
	INSERT INTO import_reject
	SELECT n.line, 'on_hand', CASE WHEN t.on_hand <> n.expected THEN 'stock_is_as_expected'
		ELSE 'stock_never_oversold' END,
		CASE WHEN t.on_hand <> n.expected THEN format('%s in %s has %s on hand, not %s',
			n.name, n.warehouse, t.on_hand, n.expected)
		ELSE format('%s of %s in %s are reserved', t.reserved, n.name, n.warehouse) END,
		CASE WHEN t.on_hand <> n.expected
			THEN 'it was sold or moved since the file was written: write it anew'
		ELSE 'shopctl stock show ' || n.name END
	FROM import_lot n, LATERAL (SELECT coalesce(sum(s.on_hand), 0) AS on_hand,
			coalesce(sum(s.reserved), 0) AS reserved FROM stock s
		WHERE s.variant_id = n.variant_id AND s.warehouse_id = n.warehouse_id) t
	WHERE n.on_hand IS NOT NULL AND n.variant_id IS NOT NULL AND n.warehouse_id IS NOT NULL
		AND (t.on_hand <> n.expected OR n.on_hand < t.reserved);
END $$;

CREATE FUNCTION import_stock_write(run bigint) RETURNS import_counts LANGUAGE plpgsql AS $$
DECLARE
	c import_counts;
BEGIN
	DROP TABLE IF EXISTS pg_temp.import_place, pg_temp.import_change;
	CREATE TEMPORARY TABLE import_change (line bigint NOT NULL) ON COMMIT DROP;
	CREATE TEMPORARY TABLE import_place ON COMMIT DROP AS
	SELECT DISTINCT ON (n.variant_id, n.warehouse_id) n.variant_id, n.warehouse_id,
		n.on_hand, n.line
	FROM import_lot n LEFT JOIN stock t ON t.variant_id = n.variant_id
		AND t.warehouse_id = n.warehouse_id AND t.slice = 0
	WHERE n.on_hand IS NOT NULL AND n.on_hand IS DISTINCT FROM t.on_hand
		AND NOT EXISTS (SELECT FROM import_reject r WHERE r.line = n.line)
	ORDER BY n.variant_id, n.warehouse_id, n.line;
	SELECT count(*) FILTER (WHERE t.variant_id IS NULL), count(t.variant_id)
	INTO c.created, c.updated
	FROM import_place p LEFT JOIN stock t ON t.variant_id = p.variant_id
		AND t.warehouse_id = p.warehouse_id AND t.slice = 0;
	PERFORM import_place_write(run);
	c.unchanged := (SELECT count(*) FROM import_stage) - c.created - c.updated;
	RETURN c;
END $$;
