-- Warehouses: where stock lies and where it is sent; the lowest priority number is asked
-- first, unless the policy of allocation says another (stock_allocate.sql).

CREATE FUNCTION warehouse_show(p_code text) RETURNS SETOF warehouse_view
LANGUAGE sql STABLE AS $$
	SELECT w.code, w.name, w.country::text, w.priority::bigint, w.open,
		nullif(array_to_string(w.serves, ','), ''), w.latitude || ',' || w.longitude,
		w.address, coalesce(s.skus, 0), coalesce(s.on_hand, 0)::bigint,
		coalesce(s.reserved, 0)::bigint, coalesce((SELECT sum(i.qty)
			FROM stock_incoming(NULL) i WHERE i.warehouse_id = w.id), 0)::bigint
	FROM warehouse w LEFT JOIN (
		SELECT t.warehouse_id, count(DISTINCT t.variant_id) AS skus,
			sum(t.on_hand) AS on_hand, sum(t.reserved) AS reserved
		FROM stock t GROUP BY t.warehouse_id) s ON s.warehouse_id = w.id
	WHERE $1 IS NULL OR w.code = $1
	ORDER BY w.priority, w.code
$$;

CREATE FUNCTION api.warehouse_list() RETURNS SETOF warehouse_view
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT * FROM warehouse_show(NULL);
END $$;

CREATE FUNCTION api.warehouse_get(p_code text) RETURNS SETOF warehouse_view
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT * FROM warehouse_show((warehouse_named(p_code)).code);
END $$;

-- Have checkouts look at addresses exactly when that can make a difference.
CREATE FUNCTION warehouse_route() RETURNS void LANGUAGE sql AS $$
	UPDATE warehouse w SET routed = r.routed
	FROM (SELECT stock_policy() <> 'priority' OR EXISTS (SELECT FROM warehouse x
		WHERE x.serves <> '{}') AS routed) AS r
	WHERE w.routed <> r.routed
$$;

-- One at a time changes what checkouts have to look at.
CREATE FUNCTION warehouse_lock() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM setting s WHERE s.name = 'stock.allocation' FOR UPDATE;
END $$;

CREATE FUNCTION api.warehouse_create(p_code text, p_name text, p_country text,
	p_priority bigint) RETURNS SETOF warehouse_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	made warehouse;
BEGIN
	PERFORM warehouse_lock();
	INSERT INTO warehouse (code, name, country, priority)
	VALUES (p_code, coalesce(p_name, p_code), upper(p_country), coalesce(p_priority, 100))
	RETURNING * INTO made;
	PERFORM warehouse_route();
	PERFORM audit('warehouse:' || p_code, 'create', NULL, to_jsonb(made));
	RETURN QUERY SELECT * FROM warehouse_show(p_code);
END $$;

-- Change what is named; null stays as it is.  serves is DE,US-CA or everywhere; place is
-- LATITUDE,LONGITUDE or nowhere.
CREATE FUNCTION api.warehouse_set(p_code text, p_name text, p_country text,
	p_priority bigint, serves text, place text, address jsonb) RETURNS SETOF warehouse_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	before warehouse;
	later warehouse;
BEGIN
	PERFORM warehouse_lock();
	before := warehouse_named(p_code);
	later := before;
	later.name := coalesce(p_name, before.name);
	later.country := coalesce(upper(p_country), before.country);
	later.priority := coalesce(p_priority, before.priority);
	later.address := coalesce($7, before.address);
	IF $5 = 'everywhere' THEN
		later.serves := '{}';
	ELSIF $5 IS NOT NULL THEN
		later.serves := ARRAY(SELECT DISTINCT upper(trim(a))
			FROM regexp_split_to_table($5, '[, ]+') a WHERE a <> '' ORDER BY 1);
	END IF;
	IF $6 = 'nowhere' THEN
		later.latitude := NULL;
		later.longitude := NULL;
	ELSIF $6 !~ '^\s*-?\d{1,3}(\.\d+)?\s*,\s*-?\d{1,3}(\.\d+)?\s*$' THEN
		PERFORM invalid('warehouse_lies_on_earth', format('%s is no place', $6),
			'degrees of latitude and longitude: --place 52.37,4.90');
	ELSIF $6 IS NOT NULL THEN
		later.latitude := split_part($6, ',', 1)::double precision;
		later.longitude := split_part($6, ',', 2)::double precision;
	END IF;
	UPDATE warehouse w SET name = later.name, country = later.country,
		priority = later.priority, serves = later.serves, latitude = later.latitude,
		longitude = later.longitude, address = later.address
	WHERE w.id = before.id;
	PERFORM warehouse_route();
	PERFORM audit('warehouse:' || before.code, 'set', to_jsonb(before), to_jsonb(later));
	RETURN QUERY SELECT * FROM warehouse_show(before.code);
END $$;

-- Open or close it.  Nothing is taken from one that is closed; what is reserved in it
-- waits there for its shipment, and goods may come in.
CREATE FUNCTION api.warehouse_open(p_code text, open boolean) RETURNS SETOF warehouse_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	w warehouse;
BEGIN
	PERFORM warehouse_lock();
	w := warehouse_named(p_code);
	IF w.open <> $2 THEN
		UPDATE warehouse x SET open = $2 WHERE x.id = w.id;
		PERFORM audit('warehouse:' || w.code, CASE WHEN $2 THEN 'open' ELSE 'close' END,
			to_jsonb(w.open), to_jsonb($2));
		PERFORM search_stock(ARRAY(SELECT s.variant_id FROM stock s
			WHERE s.warehouse_id = w.id AND s.on_hand > s.reserved));
	END IF;
	RETURN QUERY SELECT * FROM warehouse_show(w.code);
END $$;

-- How it is decided from where an order is sent; null only asks.
CREATE FUNCTION api.warehouse_policy(policy text)
RETURNS TABLE (allocation text, routed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	before text;
BEGIN
	IF $1 NOT IN ('priority', 'nearest', 'fewest_splits') THEN
		PERFORM invalid('allocation_policy_is_known', format('there is no policy %s', $1),
			'priority, nearest or fewest_splits');
	ELSIF $1 IS NOT NULL THEN
		PERFORM warehouse_lock();
		before := stock_policy();
		UPDATE setting s SET value = $1 WHERE s.name = 'stock.allocation';
		PERFORM warehouse_route();
		PERFORM audit('setting:stock.allocation', 'set', to_jsonb(before), to_jsonb($1));
	END IF;
	RETURN QUERY SELECT stock_policy(), coalesce((SELECT bool_or(w.routed)
		FROM warehouse w), false);
END $$;

-- The warehouse of that code; without one, the only one there is.
CREATE FUNCTION warehouse_named(wanted text) RETURNS warehouse LANGUAGE plpgsql STABLE AS $$
DECLARE
	found warehouse;
BEGIN
	SELECT w.* INTO found FROM warehouse w WHERE w.code = wanted;
	IF wanted IS NOT NULL AND found.id IS NULL THEN
		PERFORM absent('warehouse_exists', format('there is no warehouse %s', wanted),
			'shopctl warehouse list');
	ELSIF wanted IS NULL THEN
		IF (SELECT count(*) FROM warehouse w WHERE w.open) <> 1 THEN
			PERFORM invalid('warehouse_is_named',
				'which warehouse? there is not exactly one that is open',
				'add --warehouse CODE; shopctl warehouse list');
		END IF;
		SELECT w.* INTO found FROM warehouse w WHERE w.open;
	END IF;
	RETURN found;
END $$;
