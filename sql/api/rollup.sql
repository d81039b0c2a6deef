-- Sales, summed by hour, day, product, warehouse and customer, from the ledger: a capture
-- is a sale in the hour it was paid, a refund counts in the hour the provider took it, and
-- once more, as a correction, in the hour of the sale that it takes back.
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

CREATE FUNCTION refund_units(refund_id bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT coalesce(sum(x.qty), 0)::bigint FROM refund_line x WHERE x.refund_id = $1
$$;

-- Some entries, summed as the rollups have them; below, all that have been added up, of a
-- time (null: of all times).
CREATE FUNCTION sale_hours(ids bigint[]) RETURNS SETOF rollup_sales_hour
LANGUAGE sql STABLE AS $$
	SELECT date_trunc('hour', f.at, 'UTC'), f.currency, sum(f.orders),
		sum(CASE WHEN f.orders = 1 THEN order_units(f.order_id) ELSE 0 END)::bigint,
		sum(f.gross)::bigint, sum(f.refunds)::bigint,
		sum(CASE WHEN f.direction <> 0 THEN f.direction * refund_units(f.refund_id)
			ELSE 0 END)::bigint, sum(f.corrections)::bigint, 0
	FROM sale_fact f WHERE f.entry_id = ANY (ids) GROUP BY 1, 2
$$;

CREATE FUNCTION sale_items(ids bigint[]) RETURNS SETOF rollup_item_hour
LANGUAGE sql STABLE AS $$
	SELECT f.kind, date_trunc('hour', f.at, 'UTC'), f.item, f.currency, sum(f.orders)::bigint,
		sum(f.units)::bigint, sum(f.returned)::bigint, sum(f.gross)::bigint,
		sum(f.refunds)::bigint, 0
	FROM sale_part f WHERE f.entry_id = ANY (ids) GROUP BY 1, 2, 3, 4
$$;

CREATE FUNCTION sale_hours_counted(since timestamptz, until timestamptz)
RETURNS SETOF rollup_sales_hour LANGUAGE sql STABLE AS $$
	SELECT date_trunc('hour', f.at, 'UTC'), f.currency, sum(f.orders),
		sum(CASE WHEN f.orders = 1 THEN order_units(f.order_id) ELSE 0 END)::bigint,
		sum(f.gross)::bigint, sum(f.refunds)::bigint,
		sum(CASE WHEN f.direction <> 0 THEN f.direction * refund_units(f.refund_id)
			ELSE 0 END)::bigint, sum(f.corrections)::bigint, 0
	FROM sale_counted f WHERE f.at >= since AND f.at < until GROUP BY 1, 2
$$;

CREATE FUNCTION sale_items_counted(since timestamptz, until timestamptz)
RETURNS SETOF rollup_item_hour LANGUAGE sql STABLE AS $$
	SELECT f.kind, date_trunc('hour', f.at, 'UTC'), f.item, f.currency, sum(f.orders)::bigint,
		sum(f.units)::bigint, sum(f.returned)::bigint, sum(f.gross)::bigint,
		sum(f.refunds)::bigint, 0
	FROM sale_part_counted f WHERE f.at >= since AND f.at < until GROUP BY 1, 2, 3, 4
$$;

-- Imported orders: of a run (null: of all), of a time.  A line that takes money back is a
-- refund.
CREATE FUNCTION history_totals(run bigint, since timestamptz, until timestamptz)
RETURNS TABLE (hour timestamptz, currency char(3), customer text, orders bigint,
	units bigint, returned bigint, gross bigint, refunds bigint, rest numeric)
LANGUAGE sql STABLE AS $$
	SELECT date_trunc('hour', h.at, 'UTC'), h.currency,
		CASE h.customer WHEN '' THEN '' ELSE h.source || ':' || h.customer END,
		t.orders, t.units, t.returned, t.gross, t.refunds, t.rest
	FROM sale_history h JOIN (SELECT n.history_id, max((n.qty > 0)::int) AS orders,
			sum(greatest(n.qty, 0))::bigint AS units,
			sum(greatest(-n.qty, 0))::bigint AS returned,
			sum(greatest(n.amount, 0))::bigint AS gross,
			sum(greatest(-n.amount, 0))::bigint AS refunds, sum(n.rest) AS rest
		FROM sale_history_line n GROUP BY n.history_id) t ON t.history_id = h.id
	WHERE (run IS NULL OR h.run_id = run) AND h.at >= since AND h.at < until
$$;

CREATE FUNCTION history_hours(run bigint, since timestamptz, until timestamptz)
RETURNS SETOF rollup_sales_hour LANGUAGE sql STABLE AS $$
	SELECT t.hour, t.currency, sum(t.orders)::bigint, sum(t.units)::bigint,
		sum(t.gross)::bigint, sum(t.refunds)::bigint, sum(t.returned)::bigint,
		sum(t.refunds)::bigint, sum(t.rest)
	FROM history_totals(run, since, until) t GROUP BY 1, 2
$$;

CREATE FUNCTION history_items(run bigint, since timestamptz, until timestamptz)
RETURNS SETOF rollup_item_hour LANGUAGE sql STABLE AS $$
	SELECT 'product', date_trunc('hour', h.at, 'UTC'), n.sku, h.currency, 0::bigint,
		sum(greatest(n.qty, 0))::bigint, sum(greatest(-n.qty, 0))::bigint,
		sum(greatest(n.amount, 0))::bigint, sum(greatest(-n.amount, 0))::bigint,
		sum(n.rest)
	FROM sale_history h JOIN sale_history_line n ON n.history_id = h.id
	WHERE (run IS NULL OR h.run_id = run) AND h.at >= since AND h.at < until
	GROUP BY 1, 2, 3, 4
	UNION ALL
	SELECT 'customer', t.hour, t.customer, t.currency, sum(t.orders)::bigint,
		sum(t.units)::bigint, sum(t.returned)::bigint, sum(t.gross)::bigint,
		sum(t.refunds)::bigint, sum(t.rest)
	FROM history_totals(run, since, until) t GROUP BY 1, 2, 3, 4
$$;

-- What the sums should be, added up from the ledger and the imported orders.
CREATE FUNCTION rollup_hours(since timestamptz, until timestamptz)
RETURNS SETOF rollup_sales_hour LANGUAGE sql STABLE AS $$
	SELECT x.hour, x.currency, sum(x.orders)::bigint, sum(x.units)::bigint,
		sum(x.gross)::bigint, sum(x.refunds)::bigint, sum(x.returned)::bigint,
		sum(x.corrections)::bigint, sum(x.rest)
	FROM (SELECT * FROM sale_hours_counted(since, until)
		UNION ALL SELECT * FROM history_hours(NULL, since, until)) x GROUP BY 1, 2
$$;

CREATE FUNCTION rollup_items(since timestamptz, until timestamptz)
RETURNS SETOF rollup_item_hour LANGUAGE sql STABLE AS $$
	SELECT x.kind, x.hour, x.item, x.currency, sum(x.orders)::bigint, sum(x.units)::bigint,
		sum(x.returned)::bigint, sum(x.gross)::bigint, sum(x.refunds)::bigint, sum(x.rest)
	FROM (SELECT * FROM sale_items_counted(since, until)
		UNION ALL SELECT * FROM history_items(NULL, since, until)) x GROUP BY 1, 2, 3, 4
$$;

-- A day, of UTC, is the sum of its hours.
CREATE FUNCTION sale_days(hours rollup_sales_hour[]) RETURNS SETOF rollup_sales_day
LANGUAGE sql STABLE AS $$
	SELECT (h.hour AT TIME ZONE 'UTC')::date, h.currency, sum(h.orders)::bigint,
		sum(h.units)::bigint, sum(h.gross)::bigint, sum(h.refunds)::bigint,
		sum(h.returned)::bigint, sum(h.corrections)::bigint, sum(h.rest)
	FROM unnest(hours) h GROUP BY 1, 2
$$;

-- Add these hours, and the days they make, to the sums.
CREATE FUNCTION rollup_add(hours rollup_sales_hour[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO rollup_sales_hour AS r SELECT * FROM unnest(hours)
	ON CONFLICT (hour, currency) DO UPDATE SET orders = r.orders + excluded.orders,
		units = r.units + excluded.units, gross = r.gross + excluded.gross,
		refunds = r.refunds + excluded.refunds, returned = r.returned + excluded.returned,
		corrections = r.corrections + excluded.corrections, rest = r.rest + excluded.rest;
	INSERT INTO rollup_sales_day AS r SELECT * FROM sale_days(hours)
	ON CONFLICT (day, currency) DO UPDATE SET orders = r.orders + excluded.orders,
		units = r.units + excluded.units, gross = r.gross + excluded.gross,
		refunds = r.refunds + excluded.refunds, returned = r.returned + excluded.returned,
		corrections = r.corrections + excluded.corrections, rest = r.rest + excluded.rest;
END $$;

CREATE FUNCTION rollup_add_items(items rollup_item_hour[]) RETURNS void LANGUAGE sql AS $$
	INSERT INTO rollup_item_hour AS r SELECT * FROM unnest(items)
	ON CONFLICT (kind, hour, item, currency) DO UPDATE SET
		orders = r.orders + excluded.orders, units = r.units + excluded.units,
		returned = r.returned + excluded.returned, gross = r.gross + excluded.gross,
		refunds = r.refunds + excluded.refunds, rest = r.rest + excluded.rest
$$;

-- Whoever writes sums holds this, so that they are written by one at a time.
CREATE FUNCTION rollup_lock(OUT w rollup_watermark) LANGUAGE sql AS $$
	SELECT r FROM rollup_watermark r WHERE r.name = 'sales' FOR UPDATE
$$;

-- The imported orders of a run count when the import commits: its caller holds them.
CREATE FUNCTION rollup_add_history(run bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM rollup_lock();
	PERFORM rollup_add(ARRAY(SELECT h FROM history_hours(run, '-infinity', 'infinity') h));
	-- As rollup_add_items(), for many: in the order of the key, and not by an array.
	INSERT INTO rollup_item_hour AS r
	SELECT * FROM history_items(run, '-infinity', 'infinity') ORDER BY 1, 2, 3, 4
	ON CONFLICT (kind, hour, item, currency) DO UPDATE SET
		orders = r.orders + excluded.orders, units = r.units + excluded.units,
		returned = r.returned + excluded.returned, gross = r.gross + excluded.gross,
		refunds = r.refunds + excluded.refunds, rest = r.rest + excluded.rest;
	INSERT INTO together_todo (history_id) SELECT h.id FROM sale_history h
	WHERE h.run_id = run;
END $$;

-- Put what the sums of a time should be in the place of what they are.
CREATE FUNCTION rollup_recompute(since timestamptz, until timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	first date := (since AT TIME ZONE 'UTC')::date;
	last date := (until AT TIME ZONE 'UTC')::date;
BEGIN
	DELETE FROM rollup_sales_hour r WHERE r.hour >= since AND r.hour < until;
	DELETE FROM rollup_sales_day r WHERE r.day >= first AND r.day < last;
	DELETE FROM rollup_item_hour r WHERE r.hour >= since AND r.hour < until;
	PERFORM rollup_add(ARRAY(SELECT h FROM rollup_hours(since, until) h));
	INSERT INTO rollup_item_hour SELECT * FROM rollup_items(since, until);
END $$;

-- The first fold, or the database was restored into another cluster, whose transaction
-- numbers begin anew: begin again, and go by ids for what is there already.  The lock
-- waits for those who write now, so that nothing below moved_id appears later.
CREATE FUNCTION rollup_move() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	LOCK TABLE ledger_entry IN SHARE MODE;
	UPDATE rollup_watermark SET cluster = rollup_cluster(), position = rollup_horizon(),
		position_id = 0, moved_done = 0,
		moved_id = coalesce((SELECT max(e.id) FROM ledger_entry e), 0)
	WHERE name = 'sales';
	PERFORM rollup_recompute('-infinity', 'infinity');
	PERFORM together_restart();
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
	w := rollup_lock();
	IF w.cluster <> rollup_cluster() THEN
		PERFORM rollup_move();
		SELECT * INTO w FROM rollup_watermark WHERE name = 'sales';
	END IF;
	ids := ARRAY(SELECT e.id FROM rollup_next(w, most) e);
	SELECT * INTO last FROM ledger_entry e WHERE e.id = ids[cardinality(ids)];
	PERFORM rollup_add(ARRAY(SELECT h FROM sale_hours(ids) h));
	PERFORM rollup_add_items(ARRAY(SELECT i FROM sale_items(ids) i));
	INSERT INTO together_todo (order_id)
	SELECT f.order_id FROM sale_fact f WHERE f.entry_id = ANY (ids) AND f.orders = 1;
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
	SELECT * INTO w FROM rollup_watermark WHERE name = 'funnel';
	RETURN QUERY SELECT w.name, w.at, count(*), min(e.at),
		count(*) FILTER (WHERE e.xid >= horizon)
	FROM (SELECT * FROM behaviour_event b WHERE b.xid >= w.position LIMIT 100000) e;
END $$;

-- "2 orders, 3 units, 5998 gross, 0 refunds", in minor units; "none" when there is no sum.
-- What is rarely there is named when it is.
CREATE FUNCTION sale_words(s rollup_sales_hour) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN s.orders IS NULL THEN 'none' ELSE concat_ws(', ', s.orders || ' orders',
		s.units || ' units', s.gross || ' gross', s.refunds || ' refunds',
		nullif(s.returned, 0) || ' returned', nullif(s.corrections, 0) || ' corrections',
		nullif(trim_scale(s.rest), 0) || ' rest') END
$$;

CREATE FUNCTION item_words(s rollup_item_hour) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT sale_words(ROW(s.hour, s.currency, s.orders, s.units, s.gross, s.refunds,
		s.returned, 0, s.rest)::rollup_sales_hour)
$$;

-- Every sum of sales that is not what the ledger says, of the days from since on; those by
-- product, warehouse and customer only with items.  STABLE: sums and watermark are of one
-- moment, so that nothing needs to wait meanwhile.
CREATE FUNCTION rollup_differences(since timestamptz, items boolean)
RETURNS TABLE (rollup text, period text, item text, currency text, stored text,
	recomputed text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	hours rollup_sales_hour[];
	first timestamptz := date_trunc('day', coalesce(since, '-infinity'), 'UTC');
BEGIN
	hours := ARRAY(SELECT h FROM rollup_hours(first, 'infinity') h);
	RETURN QUERY SELECT 'sales_hour', k.hour::text, '', k.currency::text, sale_words(s),
		sale_words(c)
	FROM rollup_sales_hour s FULL JOIN unnest(hours) c USING (hour, currency)
	CROSS JOIN LATERAL (SELECT coalesce(s.hour, c.hour) AS hour,
		coalesce(s.currency, c.currency) AS currency) k
	WHERE s IS DISTINCT FROM c AND k.hour >= first
	ORDER BY 2, 4;
	RETURN QUERY SELECT 'sales_day', k.day::text, '', k.currency::text,
		sale_words(ROW(NULL, NULL, s.orders, s.units, s.gross, s.refunds, s.returned,
			s.corrections, s.rest)::rollup_sales_hour),
		sale_words(ROW(NULL, NULL, c.orders, c.units, c.gross, c.refunds, c.returned,
			c.corrections, c.rest)::rollup_sales_hour)
	FROM rollup_sales_day s FULL JOIN sale_days(hours) c USING (day, currency)
	CROSS JOIN LATERAL (SELECT coalesce(s.day, c.day) AS day,
		coalesce(s.currency, c.currency) AS currency) k
	WHERE s IS DISTINCT FROM c AND k.day >= (first AT TIME ZONE 'UTC')::date
	ORDER BY 2, 4;
	IF NOT items THEN
		RETURN;
	END IF;
	RETURN QUERY SELECT k.kind || '_hour', k.hour::text, k.item, k.currency::text,
		item_words(s), item_words(c)
	FROM rollup_item_hour s
	FULL JOIN rollup_items(first, 'infinity') c USING (kind, hour, item, currency)
	CROSS JOIN LATERAL (SELECT coalesce(s.kind, c.kind) AS kind,
		coalesce(s.hour, c.hour) AS hour, coalesce(s.item, c.item) AS item,
		coalesce(s.currency, c.currency) AS currency) k
	WHERE s IS DISTINCT FROM c AND k.hour >= first
	ORDER BY 1, 2, 3, 4;
END $$;

CREATE FUNCTION api.rollup_verify(since timestamptz)
RETURNS TABLE (rollup text, period text, item text, currency text, stored text,
	recomputed text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT
SET work_mem = '64MB' AS $$
BEGIN
	RETURN QUERY SELECT * FROM rollup_differences(since, true);
	RETURN QUERY SELECT * FROM funnel_differences(since);
END $$;

-- The days to add up again, from since on; the first call of a rebuild.
CREATE FUNCTION api.rollup_rebuild_begin(since timestamptz) RETURNS TABLE (day timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET work_mem = '64MB' AS $$
DECLARE
	w rollup_watermark := rollup_lock();
BEGIN
	IF w.cluster <> rollup_cluster() THEN
		PERFORM rollup_move();
	END IF;
	PERFORM audit('rollup:sales', 'rebuild', to_jsonb(w), jsonb_build_object('since', since));
	RETURN QUERY SELECT DISTINCT date_trunc('day', x.at, 'UTC') AS day
	FROM (SELECT e.effective_at AS at FROM ledger_entry e
		WHERE e.refund_id IS NOT NULL OR e.key LIKE 'cap:%'
		UNION ALL SELECT h.at FROM sale_history h
		UNION ALL SELECT r.hour FROM rollup_sales_hour r
		UNION ALL SELECT r.day::timestamp AT TIME ZONE 'UTC' FROM rollup_sales_day r
		UNION ALL SELECT r.hour FROM rollup_item_hour r) x
	WHERE since IS NULL OR x.at >= date_trunc('day', since, 'UTC')
	ORDER BY 1;
END $$;

-- Add one day up again.  Readers see it as it was until they see it as it is; what was
-- not folded yet waits for the next fold.
CREATE FUNCTION api.rollup_rebuild_day(day timestamptz)
RETURNS TABLE (hours bigint, days bigint, items bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET work_mem = '64MB' AS $$
DECLARE
	since timestamptz := date_trunc('day', $1, 'UTC');
	until timestamptz := since + interval '24 hours';
BEGIN
	PERFORM rollup_lock();
	PERFORM rollup_recompute(since, until);
	RETURN QUERY SELECT
		(SELECT count(*) FROM rollup_sales_hour r WHERE r.hour >= since AND r.hour < until),
		(SELECT count(*) FROM rollup_sales_day r WHERE r.day = (since AT TIME ZONE 'UTC')::date),
		(SELECT count(*) FROM rollup_item_hour r WHERE r.hour >= since AND r.hour < until);
END $$;
