-- Sales, summed by hour, by day and by product, from the ledger: a capture is a sale in
-- the hour it was paid, a refund counts in the hour the provider took it.
--
-- The watermark is a transaction number.  An entry is added up once no transaction that
-- is as old as its own can still be running; so a transaction that took its time is
-- never passed over, as it would be by a watermark over ids or times.

-- Every transaction before this one has ended, and what it wrote can be seen.
CREATE FUNCTION rollup_horizon() RETURNS xid8 LANGUAGE sql VOLATILE AS $$
	SELECT pg_snapshot_xmin(pg_current_snapshot())
$$;

CREATE FUNCTION rollup_cluster() RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT system_identifier FROM pg_control_system()
$$;

CREATE FUNCTION order_units(order_id bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT sum(n.qty)::bigint FROM order_line n WHERE n.order_id = $1
$$;

-- Some entries, and all that have been added up, summed as the rollups have them.
-- Days are days of UTC.
CREATE FUNCTION sale_hours(ids bigint[]) RETURNS SETOF rollup_sales_hour
LANGUAGE sql STABLE AS $$
	SELECT date_trunc('hour', f.at, 'UTC'), f.currency, sum(f.orders),
		sum(CASE WHEN f.orders = 1 THEN order_units(f.order_id) ELSE 0 END)::bigint,
		sum(f.gross)::bigint, sum(f.refunds)::bigint
	FROM sale_fact f WHERE f.entry_id = ANY (ids) GROUP BY 1, 2
$$;

CREATE FUNCTION sale_hours_counted() RETURNS SETOF rollup_sales_hour
LANGUAGE sql STABLE AS $$
	SELECT date_trunc('hour', f.at, 'UTC'), f.currency, sum(f.orders),
		sum(CASE WHEN f.orders = 1 THEN order_units(f.order_id) ELSE 0 END)::bigint,
		sum(f.gross)::bigint, sum(f.refunds)::bigint
	FROM sale_counted f GROUP BY 1, 2
$$;

CREATE FUNCTION sale_products(ids bigint[]) RETURNS SETOF rollup_product_day
LANGUAGE sql STABLE AS $$
	SELECT (f.at AT TIME ZONE 'UTC')::date, n.variant_id, f.currency,
		sum(n.qty)::bigint, sum(n.qty * n.unit_price - n.discount)::bigint
	FROM sale_fact f JOIN order_line n ON n.order_id = f.order_id
	WHERE f.orders = 1 AND f.entry_id = ANY (ids) GROUP BY 1, 2, 3
$$;

CREATE FUNCTION sale_products_counted() RETURNS SETOF rollup_product_day
LANGUAGE sql STABLE AS $$
	SELECT (f.at AT TIME ZONE 'UTC')::date, n.variant_id, f.currency,
		sum(n.qty)::bigint, sum(n.qty * n.unit_price - n.discount)::bigint
	FROM sale_counted f JOIN order_line n ON n.order_id = f.order_id
	WHERE f.orders = 1 GROUP BY 1, 2, 3
$$;

-- A day is the sum of its hours.
CREATE FUNCTION sale_days(hours rollup_sales_hour[]) RETURNS SETOF rollup_sales_day
LANGUAGE sql STABLE AS $$
	SELECT (h.hour AT TIME ZONE 'UTC')::date, h.currency, sum(h.orders)::bigint,
		sum(h.units)::bigint, sum(h.gross)::bigint, sum(h.refunds)::bigint
	FROM unnest(hours) h GROUP BY 1, 2
$$;

-- Add these hours, and the days they make, to the sums.
CREATE FUNCTION rollup_add(hours rollup_sales_hour[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO rollup_sales_hour AS r SELECT * FROM unnest(hours)
	ON CONFLICT (hour, currency) DO UPDATE SET orders = r.orders + excluded.orders,
		units = r.units + excluded.units, gross = r.gross + excluded.gross,
		refunds = r.refunds + excluded.refunds;
	INSERT INTO rollup_sales_day AS r SELECT * FROM sale_days(hours)
	ON CONFLICT (day, currency) DO UPDATE SET orders = r.orders + excluded.orders,
		units = r.units + excluded.units, gross = r.gross + excluded.gross,
		refunds = r.refunds + excluded.refunds;
END $$;

CREATE FUNCTION rollup_clear() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM rollup_sales_hour;
	DELETE FROM rollup_sales_day;
	DELETE FROM rollup_product_day;
END $$;

-- The first fold, or the database was restored into another cluster, whose transaction
-- numbers begin anew: begin again, and go by ids for what is there already.  The lock
-- waits for those who write now, so that nothing below moved_id appears later.
CREATE FUNCTION rollup_move() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	LOCK TABLE ledger_entry IN SHARE MODE;
	PERFORM rollup_clear();
	UPDATE rollup_watermark SET cluster = rollup_cluster(), position = rollup_horizon(),
		position_id = 0, moved_done = 0,
		moved_id = coalesce((SELECT max(e.id) FROM ledger_entry e), 0)
	WHERE name = 'sales';
END $$;

-- The next entries to add up, at most so many: first what moved, then by watermark.
CREATE FUNCTION rollup_next(w rollup_watermark, most bigint) RETURNS SETOF ledger_entry
LANGUAGE plpgsql AS $$
DECLARE
	horizon xid8 := rollup_horizon();
BEGIN
	IF w.moved_done < w.moved_id THEN
		RETURN QUERY SELECT * FROM ledger_entry e
			WHERE e.id > w.moved_done AND e.id <= w.moved_id ORDER BY e.id LIMIT most;
	ELSE
		RETURN QUERY SELECT * FROM ledger_entry e
			WHERE (e.xid, e.id) > (w.position, w.position_id) AND e.xid < horizon
				AND e.id > w.moved_id
			ORDER BY e.xid, e.id LIMIT most;
	END IF;
END $$;

-- Fold what was committed since the last time; `more` when a batch was not enough.
CREATE FUNCTION api.rollup_fold(most bigint)
RETURNS TABLE (folded bigint, more boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
SET plan_cache_mode = 'force_generic_plan' AS $$
DECLARE
	w rollup_watermark;
	ids bigint[];
	last ledger_entry;
BEGIN
	SELECT * INTO w FROM rollup_watermark WHERE name = 'sales';
	IF w.cluster = rollup_cluster() AND NOT EXISTS (SELECT FROM rollup_next(w, 1)) THEN
		RETURN QUERY SELECT 0::bigint, false;
		RETURN;
	END IF;
	SELECT * INTO w FROM rollup_watermark WHERE name = 'sales' FOR UPDATE;
	IF w.cluster <> rollup_cluster() THEN
		PERFORM rollup_move();
		SELECT * INTO w FROM rollup_watermark WHERE name = 'sales';
	END IF;
	ids := ARRAY(SELECT e.id FROM rollup_next(w, most) e);
	SELECT * INTO last FROM ledger_entry e WHERE e.id = ids[cardinality(ids)];
	PERFORM rollup_add(ARRAY(SELECT h FROM sale_hours(ids) h));
	INSERT INTO rollup_product_day AS r SELECT * FROM sale_products(ids)
	ON CONFLICT (day, variant_id, currency) DO UPDATE SET
		units = r.units + excluded.units, gross = r.gross + excluded.gross;
	IF w.moved_done < w.moved_id THEN
		w.moved_done := coalesce(last.id, w.moved_id);
	ELSIF last.id IS NOT NULL THEN
		w.position := last.xid;
		w.position_id := last.id;
	END IF;
	UPDATE rollup_watermark SET position = w.position, position_id = w.position_id,
		moved_done = w.moved_done, at = now()
	WHERE name = 'sales';
	RETURN QUERY SELECT cardinality(ids)::bigint, w.moved_done < w.moved_id
		OR EXISTS (SELECT FROM rollup_next(w, 1));
END $$;

-- How far behind the sums are, and what holds them back.
CREATE FUNCTION api.rollup_status()
RETURNS TABLE (rollup text, folded_at timestamptz, waiting bigint,
	oldest timestamptz, held_by bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	w rollup_watermark;
	horizon xid8 := rollup_horizon();
BEGIN
	SELECT * INTO w FROM rollup_watermark WHERE name = 'sales';
	RETURN QUERY SELECT w.name, w.at, count(*), min(e.posted_at),
		count(*) FILTER (WHERE e.xid >= horizon AND e.id > w.moved_id)
	FROM (SELECT * FROM ledger_entry l
		WHERE (l.id > w.moved_done AND l.id <= w.moved_id)
			OR ((l.xid, l.id) > (w.position, w.position_id) AND l.id > w.moved_id)
		LIMIT 100000) e;
END $$;

-- "2 orders, 3 units, 5998 gross, 0 refunds", in minor units; "none" when there is no sum.
CREATE FUNCTION sale_words(orders bigint, units bigint, gross bigint, refunds bigint)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(nullif(concat_ws(', ', orders || ' orders', units || ' units',
		gross || ' gross', refunds || ' refunds'), ''), 'none')
$$;

-- Every sum that is not what the ledger says, of the days from since on.  STABLE: sums
-- and watermark are of one moment, so that nothing needs to wait meanwhile.
CREATE FUNCTION rollup_differences(since timestamptz)
RETURNS TABLE (rollup text, period text, item text, currency text, stored text,
	recomputed text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	hours rollup_sales_hour[];
	first date := (coalesce(since, '-infinity') AT TIME ZONE 'UTC')::date;
BEGIN
	hours := ARRAY(SELECT h FROM sale_hours_counted() h);
	RETURN QUERY SELECT 'sales_hour', k.hour::text, '', k.currency::text,
		sale_words(s.orders, s.units, s.gross, s.refunds),
		sale_words(c.orders, c.units, c.gross, c.refunds)
	FROM rollup_sales_hour s FULL JOIN unnest(hours) c USING (hour, currency)
	CROSS JOIN LATERAL (SELECT coalesce(s.hour, c.hour) AS hour,
		coalesce(s.currency, c.currency) AS currency) k
	WHERE s IS DISTINCT FROM c AND k.hour >= first::timestamp AT TIME ZONE 'UTC'
	ORDER BY 2, 4;
	RETURN QUERY SELECT 'sales_day', k.day::text, '', k.currency::text,
		sale_words(s.orders, s.units, s.gross, s.refunds),
		sale_words(c.orders, c.units, c.gross, c.refunds)
	FROM rollup_sales_day s FULL JOIN sale_days(hours) c USING (day, currency)
	CROSS JOIN LATERAL (SELECT coalesce(s.day, c.day) AS day,
		coalesce(s.currency, c.currency) AS currency) k
	WHERE s IS DISTINCT FROM c AND k.day >= first
	ORDER BY 2, 4;
	RETURN QUERY SELECT 'product_day', k.day::text,
		coalesce((SELECT v.sku FROM variant v WHERE v.id = k.variant), k.variant::text),
		k.currency::text, sale_words(NULL, s.units, s.gross, NULL),
		sale_words(NULL, c.units, c.gross, NULL)
	FROM rollup_product_day s
	FULL JOIN sale_products_counted() c USING (day, variant_id, currency)
	CROSS JOIN LATERAL (SELECT coalesce(s.day, c.day) AS day,
		coalesce(s.variant_id, c.variant_id) AS variant,
		coalesce(s.currency, c.currency) AS currency) k
	WHERE s IS DISTINCT FROM c AND k.day >= first
	ORDER BY 2, 3, 4;
END $$;

CREATE FUNCTION api.rollup_verify(since timestamptz)
RETURNS TABLE (rollup text, period text, item text, currency text, stored text,
	recomputed text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT
SET work_mem = '64MB' AS $$
BEGIN
	RETURN QUERY SELECT * FROM rollup_differences(since);
END $$;

-- Add everything up again; what is committed meanwhile waits for the next fold.
CREATE FUNCTION api.rollup_rebuild() RETURNS TABLE (hours bigint, days bigint,
	products bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET work_mem = '64MB' AS $$
DECLARE
	w rollup_watermark;
BEGIN
	SELECT * INTO w FROM rollup_watermark WHERE name = 'sales' FOR UPDATE;
	IF w.cluster <> rollup_cluster() THEN
		PERFORM rollup_move();
	END IF;
	PERFORM rollup_clear();
	UPDATE rollup_watermark SET position = rollup_horizon(), position_id = 0,
		moved_done = moved_id, at = now()
	WHERE name = 'sales';
	PERFORM rollup_add(ARRAY(SELECT h FROM sale_hours_counted() h));
	INSERT INTO rollup_product_day SELECT * FROM sale_products_counted();
	PERFORM audit('rollup:sales', 'rebuild', to_jsonb(w), NULL);
	RETURN QUERY SELECT (SELECT count(*) FROM rollup_sales_hour),
		(SELECT count(*) FROM rollup_sales_day),
		(SELECT count(*) FROM rollup_product_day);
END $$;
