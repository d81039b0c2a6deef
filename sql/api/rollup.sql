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

-- The sales entries of the transactions from lower up to, not including, upper.  Only
-- money that paid its order counts: a surplus capture and its refund are no sale.
CREATE FUNCTION sale_facts(lower xid8, upper xid8)
RETURNS TABLE (at timestamptz, currency char(3), order_id bigint, orders bigint,
	units bigint, gross bigint, refunds bigint)
LANGUAGE sql STABLE AS $$
	SELECT e.effective_at, l.currency, p.order_id, 1,
		(SELECT sum(n.qty)::bigint FROM order_line n WHERE n.order_id = p.order_id),
		l.amount, 0
	FROM ledger_entry e
	JOIN ledger_line l ON l.entry_id = e.id AND l.account = 'psp:clearing'
	JOIN payment p ON p.id = e.payment_id AND p.applied
	WHERE e.xid >= lower AND e.xid < upper AND e.key LIKE 'cap:%'
	UNION ALL
	SELECT e.effective_at, l.currency, p.order_id, 0, 0, 0, -l.amount
	FROM ledger_entry e
	JOIN ledger_line l ON l.entry_id = e.id AND l.account IN ('psp:clearing', 'bank')
	JOIN refund r ON r.id = e.refund_id
	JOIN payment p ON p.id = r.payment_id AND p.applied
	WHERE e.xid >= lower AND e.xid < upper AND e.refund_id IS NOT NULL
$$;

-- The same, summed as the three rollups have it.  Days are days of UTC.
CREATE FUNCTION sale_hours(lower xid8, upper xid8) RETURNS SETOF rollup_sales_hour
LANGUAGE sql STABLE AS $$
	SELECT date_trunc('hour', f.at, 'UTC'), f.currency, sum(f.orders)::bigint,
		sum(f.units)::bigint, sum(f.gross)::bigint, sum(f.refunds)::bigint
	FROM sale_facts(lower, upper) f GROUP BY 1, 2
$$;

CREATE FUNCTION sale_days(lower xid8, upper xid8) RETURNS SETOF rollup_sales_day
LANGUAGE sql STABLE AS $$
	SELECT (f.at AT TIME ZONE 'UTC')::date, f.currency, sum(f.orders)::bigint,
		sum(f.units)::bigint, sum(f.gross)::bigint, sum(f.refunds)::bigint
	FROM sale_facts(lower, upper) f GROUP BY 1, 2
$$;

CREATE FUNCTION sale_products(lower xid8, upper xid8) RETURNS SETOF rollup_product_day
LANGUAGE sql STABLE AS $$
	SELECT (f.at AT TIME ZONE 'UTC')::date, n.variant_id, f.currency,
		sum(n.qty)::bigint, sum(n.qty * n.unit_price - n.discount)::bigint
	FROM sale_facts(lower, upper) f JOIN order_line n ON n.order_id = f.order_id
	WHERE f.orders = 1 GROUP BY 1, 2, 3
$$;

-- Add those transactions to the sums.  The caller holds the watermark.
CREATE FUNCTION rollup_add(lower xid8, upper xid8) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO rollup_sales_hour AS r SELECT * FROM sale_hours(lower, upper)
	ON CONFLICT (hour, currency) DO UPDATE SET orders = r.orders + excluded.orders,
		units = r.units + excluded.units, gross = r.gross + excluded.gross,
		refunds = r.refunds + excluded.refunds;
	INSERT INTO rollup_sales_day AS r SELECT * FROM sale_days(lower, upper)
	ON CONFLICT (day, currency) DO UPDATE SET orders = r.orders + excluded.orders,
		units = r.units + excluded.units, gross = r.gross + excluded.gross,
		refunds = r.refunds + excluded.refunds;
	INSERT INTO rollup_product_day AS r SELECT * FROM sale_products(lower, upper)
	ON CONFLICT (day, variant_id, currency) DO UPDATE SET
		units = r.units + excluded.units, gross = r.gross + excluded.gross;
	UPDATE rollup_watermark SET position = upper, at = now() WHERE name = 'sales';
END $$;

-- Throw the sums away and add up everything again.  The caller holds the watermark.
CREATE FUNCTION rollup_restart() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM rollup_sales_hour;
	DELETE FROM rollup_sales_day;
	DELETE FROM rollup_product_day;
	PERFORM rollup_add('0', rollup_horizon());
END $$;

-- The database was restored into another cluster, whose transaction numbers begin
-- anew: entries that carry numbers of the old one's future count as older than all.
CREATE FUNCTION rollup_move() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	LOCK TABLE ledger_entry IN SHARE ROW EXCLUSIVE MODE;
	UPDATE ledger_entry SET xid = '0' WHERE xid >= rollup_horizon();
	UPDATE rollup_watermark SET cluster = rollup_cluster() WHERE name = 'sales';
	PERFORM rollup_restart();
END $$;

-- Where to stop, so that about `most` entries are added up and no transaction is split.
CREATE FUNCTION rollup_upper(lower xid8, most bigint) RETURNS xid8
LANGUAGE plpgsql AS $$
DECLARE
	horizon xid8 := rollup_horizon();
	last xid8;
BEGIN
	SELECT e.xid INTO last FROM ledger_entry e
	WHERE e.xid >= lower AND e.xid < horizon
	ORDER BY e.xid, e.id OFFSET greatest(most, 1) - 1 LIMIT 1;
	IF last IS NULL THEN
		RETURN horizon;
	END IF;
	RETURN coalesce((SELECT e.xid FROM ledger_entry e
		WHERE e.xid > last AND e.xid < horizon ORDER BY e.xid LIMIT 1), horizon);
END $$;

-- Fold what was committed since the last time; `more` when a batch was not enough.
CREATE FUNCTION api.rollup_fold(most bigint)
RETURNS TABLE (folded bigint, more boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	w rollup_watermark;
	upper xid8;
BEGIN
	SELECT * INTO w FROM rollup_watermark WHERE name = 'sales';
	IF w.cluster = rollup_cluster() AND NOT EXISTS (SELECT FROM ledger_entry e
		WHERE e.xid >= w.position AND e.xid < rollup_horizon())
	THEN
		RETURN QUERY SELECT 0::bigint, false;
		RETURN;
	END IF;
	SELECT * INTO w FROM rollup_watermark WHERE name = 'sales' FOR UPDATE;
	IF w.cluster <> rollup_cluster() THEN
		PERFORM rollup_move();
		RETURN QUERY SELECT (SELECT count(*) FROM ledger_entry), false;
		RETURN;
	END IF;
	upper := rollup_upper(w.position, most);
	PERFORM rollup_add(w.position, upper);
	RETURN QUERY SELECT
		(SELECT count(*) FROM ledger_entry e
			WHERE e.xid >= w.position AND e.xid < upper),
		EXISTS (SELECT FROM ledger_entry e
			WHERE e.xid >= upper AND e.xid < rollup_horizon());
END $$;

-- How far behind the sums are, and what holds them back.
CREATE FUNCTION api.rollup_status()
RETURNS TABLE (rollup text, folded_at timestamptz, waiting bigint,
	oldest timestamptz, held_by bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	w rollup_watermark;
BEGIN
	SELECT * INTO w FROM rollup_watermark WHERE name = 'sales';
	RETURN QUERY SELECT w.name, w.at, count(*), min(e.posted_at),
		count(*) FILTER (WHERE e.xid >= rollup_horizon())
	FROM (SELECT * FROM ledger_entry l WHERE l.xid >= w.position
		ORDER BY l.xid, l.id LIMIT 100000) e;
END $$;

-- Every sum that is not what the ledger says, of the days from since on.
CREATE FUNCTION api.rollup_verify(since timestamptz)
RETURNS TABLE (rollup text, period text, item text, currency text, stored text,
	recomputed text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	w rollup_watermark;
	first date := (coalesce(since, '-infinity') AT TIME ZONE 'UTC')::date;
BEGIN
	SELECT * INTO w FROM rollup_watermark WHERE name = 'sales' FOR UPDATE;
	RETURN QUERY SELECT 'sales_hour', k.hour::text, '', k.currency::text,
		sale_words(s.orders, s.units, s.gross, s.refunds),
		sale_words(c.orders, c.units, c.gross, c.refunds)
	FROM rollup_sales_hour s FULL JOIN sale_hours('0', w.position) c USING (hour, currency)
	CROSS JOIN LATERAL (SELECT coalesce(s.hour, c.hour) AS hour,
		coalesce(s.currency, c.currency) AS currency) k
	WHERE s IS DISTINCT FROM c AND k.hour >= first::timestamp AT TIME ZONE 'UTC'
	ORDER BY 2, 4;
	RETURN QUERY SELECT 'sales_day', k.day::text, '', k.currency::text,
		sale_words(s.orders, s.units, s.gross, s.refunds),
		sale_words(c.orders, c.units, c.gross, c.refunds)
	FROM rollup_sales_day s FULL JOIN sale_days('0', w.position) c USING (day, currency)
	CROSS JOIN LATERAL (SELECT coalesce(s.day, c.day) AS day,
		coalesce(s.currency, c.currency) AS currency) k
	WHERE s IS DISTINCT FROM c AND k.day >= first
	ORDER BY 2, 4;
	RETURN QUERY SELECT 'product_day', k.day::text, k.variant::text, k.currency::text,
		sale_words(NULL, s.units, s.gross, NULL),
		sale_words(NULL, c.units, c.gross, NULL)
	FROM rollup_product_day s
	FULL JOIN sale_products('0', w.position) c USING (day, variant_id, currency)
	CROSS JOIN LATERAL (SELECT coalesce(s.day, c.day) AS day,
		coalesce(s.variant_id, c.variant_id) AS variant,
		coalesce(s.currency, c.currency) AS currency) k
	WHERE s IS DISTINCT FROM c AND k.day >= first
	ORDER BY 2, 3, 4;
END $$;

-- "2 orders, 3 units, 5998 gross, 0 refunds", in minor units; "none" when there is no sum.
CREATE FUNCTION sale_words(orders bigint, units bigint, gross bigint, refunds bigint)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(nullif(concat_ws(', ', orders || ' orders', units || ' units',
		gross || ' gross', refunds || ' refunds'), ''), 'none')
$$;

-- Add everything up again; what is committed meanwhile waits for the next fold.
CREATE FUNCTION api.rollup_rebuild() RETURNS TABLE (hours bigint, days bigint,
	products bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	w rollup_watermark;
BEGIN
	SELECT * INTO w FROM rollup_watermark WHERE name = 'sales' FOR UPDATE;
	IF w.cluster <> rollup_cluster() THEN
		PERFORM rollup_move();
	ELSE
		PERFORM rollup_restart();
	END IF;
	PERFORM audit('rollup:sales', 'rebuild', to_jsonb(w), NULL);
	RETURN QUERY SELECT (SELECT count(*) FROM rollup_sales_hour),
		(SELECT count(*) FROM rollup_sales_day),
		(SELECT count(*) FROM rollup_product_day);
END $$;
