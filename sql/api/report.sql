-- Reports for people: they read the rollups, never the history of orders.

-- Refuse what nobody can read and would keep the database busy.
CREATE FUNCTION report_range(step text, since timestamptz, until timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF step NOT IN ('hour', 'day') THEN
		PERFORM invalid('report_step_is_known', 'a report is by hour or by day');
	END IF;
	IF since >= until THEN
		PERFORM invalid('report_range_is_not_empty',
			'--since must be before --until');
	END IF;
	IF until - since > (CASE step WHEN 'hour' THEN interval '400 days'
		ELSE interval '40 years' END)
	THEN
		PERFORM invalid('report_range_is_bounded',
			format('that is too long a time by %s', step),
			'shopctl report sales --by day --since 90d');
	END IF;
END $$;

-- Sales by hour or day of UTC, whole periods; those without a sale are there as zeros,
-- from the first sale on.
CREATE FUNCTION api.report_sales(step text, since timestamptz, until timestamptz,
	currency text)
RETURNS TABLE (period timestamptz, orders bigint, units bigint, gross amount,
	refunds amount, net amount)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM report_range(step, since, until);
	RETURN QUERY WITH sums AS (
		SELECT h.hour AS at, h.currency AS code, h.orders, h.units, h.gross, h.refunds
		FROM rollup_sales_hour h WHERE step = 'hour'
			AND h.hour >= date_trunc('hour', since, 'UTC') AND h.hour < until
		UNION ALL
		SELECT d.day::timestamp AT TIME ZONE 'UTC', d.currency, d.orders, d.units,
			d.gross, d.refunds
		FROM rollup_sales_day d WHERE step = 'day'
			AND d.day >= (since AT TIME ZONE 'UTC')::date
			AND d.day::timestamp AT TIME ZONE 'UTC' < until
	), wanted AS (
		SELECT * FROM sums s WHERE report_sales.currency IS NULL
			OR s.code = report_sales.currency
	), codes AS (
		SELECT w.code, min(w.at) AS first FROM wanted w GROUP BY w.code
	)
	SELECT p.at, coalesce(w.orders, 0), coalesce(w.units, 0),
		ROW(coalesce(w.gross, 0), c.code)::amount,
		ROW(coalesce(w.refunds, 0), c.code)::amount,
		ROW(coalesce(w.gross, 0) - coalesce(w.refunds, 0), c.code)::amount
	FROM codes c
	CROSS JOIN LATERAL generate_series(c.first, greatest(c.first, least(
		until - interval '1 microsecond', date_trunc(step, now(), 'UTC'))),
		CASE step WHEN 'hour' THEN interval '1 hour' ELSE interval '1 day' END) AS p(at)
	LEFT JOIN wanted w ON w.at = p.at AND w.code = c.code
	ORDER BY c.code, p.at;
END $$;

-- What sold best, by the value of its lines, in each currency.
CREATE FUNCTION api.report_top_products(since timestamptz, until timestamptz,
	currency text, most bigint)
RETURNS TABLE (rank bigint, sku text, title text, units bigint, gross amount)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM report_range('day', since, until);
	RETURN QUERY WITH sums AS (
		SELECT r.variant_id, r.currency AS code, sum(r.units)::bigint AS units,
			sum(r.gross)::bigint AS gross
		FROM rollup_product_day r
		WHERE r.day >= (since AT TIME ZONE 'UTC')::date
			AND r.day::timestamp AT TIME ZONE 'UTC' < until
			AND (report_top_products.currency IS NULL
				OR r.currency = report_top_products.currency)
		GROUP BY r.variant_id, r.currency
	), ranked AS (
		SELECT row_number() OVER (PARTITION BY s.code
			ORDER BY s.gross DESC, s.units DESC, s.variant_id) AS n, s.*
		FROM sums s
	)
	SELECT r.n, coalesce(v.sku, '?'), coalesce(v.title, '?'), r.units,
		ROW(r.gross, r.code)::amount
	FROM ranked r LEFT JOIN variant v ON v.id = r.variant_id
	WHERE r.n <= most ORDER BY r.code, r.n;
END $$;

-- The newest orders, as they stand.
CREATE FUNCTION api.report_latest_orders(most bigint)
RETURNS TABLE (id bigint, placed_at timestamptz, state text, items bigint,
	total amount, email text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT o.id, o.created_at, o.state,
		(SELECT sum(l.qty)::bigint FROM order_line l WHERE l.order_id = o.id),
		ROW(o.total, o.currency)::amount, c.email
	FROM (SELECT * FROM orders n ORDER BY n.created_at DESC, n.id DESC
		LIMIT least(most, 10000)) o
	LEFT JOIN order_contact c ON c.order_id = o.id
	ORDER BY o.created_at DESC, o.id DESC;
END $$;
