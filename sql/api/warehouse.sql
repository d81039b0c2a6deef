-- Warehouses: where stock lies; the lowest priority number is asked first.

CREATE FUNCTION api.warehouse_list()
RETURNS TABLE (code text, name text, country text, priority bigint, open boolean,
	skus bigint, on_hand bigint, reserved bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
	SELECT w.code, w.name, w.country::text, w.priority::bigint, w.open, coalesce(s.skus, 0),
		coalesce(s.on_hand, 0)::bigint, coalesce(s.reserved, 0)::bigint
	FROM warehouse w LEFT JOIN (
		SELECT t.warehouse_id, count(DISTINCT t.variant_id) AS skus,
			sum(t.on_hand) AS on_hand, sum(t.reserved) AS reserved
		FROM stock t GROUP BY t.warehouse_id) s ON s.warehouse_id = w.id
	ORDER BY w.priority, w.code
$$;

CREATE FUNCTION api.warehouse_create(p_code text, p_name text, p_country text,
	p_priority bigint)
RETURNS TABLE (code text, name text, country text, priority bigint, open boolean,
	skus bigint, on_hand bigint, reserved bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	made warehouse;
BEGIN
	INSERT INTO warehouse (code, name, country, priority)
	VALUES (p_code, coalesce(p_name, p_code), upper(p_country), coalesce(p_priority, 100)) RETURNING * INTO made;
	PERFORM audit('warehouse:' || p_code, 'create', NULL, to_jsonb(made));
	RETURN QUERY SELECT * FROM api.warehouse_list() l WHERE l.code = p_code;
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
