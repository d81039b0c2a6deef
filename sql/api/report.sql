-- Reports for people: they read the rollups, never the history of orders.

-- Refuse what nobody can read and would keep the database busy.
CREATE FUNCTION report_range(step text, since timestamptz, until timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM time_range(since, until);
	IF until - since > (CASE step WHEN 'hour' THEN interval '400 days'
		ELSE interval '40 years' END)
	THEN
		PERFORM invalid('report_range_is_bounded',
			format('that is too long a time by %s', step),
			'shopctl report sales --by day --since 90d');
	END IF;
END $$;

-- A zone whose days begin with an hour of the sums: hours are hours of UTC.
CREATE FUNCTION report_zone(tz text, since timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF tz = 'UTC' THEN
		RETURN;
	END IF;
	PERFORM zone_known(tz);
	IF date_trunc('hour', date_trunc('day', since, tz), 'UTC') <> date_trunc('day', since, tz)
	THEN
		PERFORM invalid('report_zone_has_whole_hours',
			format('days of %s begin within an hour of UTC', tz),
			'sums are kept by the hour: take --tz UTC, or a zone of whole hours');
	END IF;
END $$;

-- Sums of hours or days, each at its beginning: the days of UTC are there already.
CREATE FUNCTION report_sums(step text, since timestamptz, until timestamptz, tz text)
RETURNS TABLE (at timestamptz, code char(3), s rollup_sales_hour)
LANGUAGE sql STABLE AS $$
	SELECT date_trunc(step, h.hour, tz), h.currency, h
	FROM rollup_sales_hour h WHERE (step = 'hour' OR tz <> 'UTC')
		AND h.hour >= date_trunc(step, since, tz) AND h.hour < until
	UNION ALL
	SELECT date_trunc(step, d.day::timestamp AT TIME ZONE 'UTC', 'UTC'), d.currency,
		ROW(NULL, d.currency, d.orders, d.units, d.gross, d.refunds, d.returned,
			d.corrections, d.rest)::rollup_sales_hour
	FROM rollup_sales_day d WHERE step <> 'hour' AND tz = 'UTC'
		AND d.day >= (date_trunc(step, since, 'UTC') AT TIME ZONE 'UTC')::date
		AND d.day::timestamp AT TIME ZONE 'UTC' < until
$$;

-- Minor units, and parts of them, as a decimal number.
CREATE FUNCTION report_exact(minor numeric, code text) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN scale(trim_scale(x)) < c.exponent THEN round(x, c.exponent)
		ELSE trim_scale(x) END::text
	FROM currency c, LATERAL (SELECT minor / (10::numeric ^ c.exponent)) AS m (x)
	WHERE c.code = $2
$$;

-- Sales by hour, day or month of a time zone, whole periods; those without a sale are
-- there as zeros, from the first sale on.
CREATE FUNCTION api.report_sales(step text, since timestamptz, until timestamptz,
	currency text, tz text)
RETURNS TABLE (period timestamptz, label text, orders bigint, units bigint, returned bigint,
	gross amount, refunds amount, net amount, corrections amount, exact text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	IF step NOT IN ('hour', 'day', 'month') THEN
		PERFORM invalid('report_step_is_known', 'sales are by hour, day or month');
	END IF;
	PERFORM report_range(step, since, until);
	PERFORM report_zone(tz, since);
	RETURN QUERY WITH sums AS (
		SELECT r.at, r.code, sum((r.s).orders)::bigint AS orders,
			sum((r.s).units)::bigint AS units, sum((r.s).returned)::bigint AS returned,
			sum((r.s).gross)::bigint AS gross, sum((r.s).refunds)::bigint AS refunds,
			sum((r.s).corrections)::bigint AS corrections, sum((r.s).rest) AS rest
		FROM report_sums(step, since, until, tz) r
		WHERE report_sales.currency IS NULL OR r.code = report_sales.currency
		GROUP BY 1, 2
	), codes AS (
		SELECT w.code, min(w.at) AS first FROM sums w GROUP BY w.code
	)
	SELECT p.at, to_char(p.at AT TIME ZONE tz, CASE step WHEN 'hour' THEN
			'YYYY-MM-DD HH24:MI' WHEN 'day' THEN 'YYYY-MM-DD' ELSE 'YYYY-MM' END),
		coalesce(w.orders, 0), coalesce(w.units, 0), coalesce(w.returned, 0),
		ROW(coalesce(w.gross, 0), c.code)::amount,
		ROW(coalesce(w.refunds, 0), c.code)::amount,
		ROW(coalesce(w.gross, 0) - coalesce(w.refunds, 0), c.code)::amount,
		ROW(coalesce(w.corrections, 0), c.code)::amount,
		report_exact(coalesce(w.gross - w.refunds + w.rest, 0), c.code)
	FROM codes c
	CROSS JOIN LATERAL report_periods(step, c.first, until, tz) AS p (at)
	LEFT JOIN sums w ON w.at = p.at AND w.code = c.code
	ORDER BY c.code, p.at;
END $$;

-- The periods from first on: hours have the same length on the day a clock is put forward,
-- days and months do not.
CREATE FUNCTION report_periods(step text, first timestamptz, until timestamptz, tz text)
RETURNS TABLE (at timestamptz) LANGUAGE sql STABLE AS $$
	SELECT g FROM generate_series(first, greatest(first, least(
		until - interval '1 microsecond', now())), interval '1 hour') g
	WHERE step = 'hour'
	UNION ALL
	SELECT g AT TIME ZONE tz FROM generate_series(first AT TIME ZONE tz,
		greatest(first, least(until - interval '1 microsecond', now())) AT TIME ZONE tz,
		CASE step WHEN 'day' THEN interval '1 day' ELSE interval '1 month' END) g
	WHERE step <> 'hour'
$$;

-- Products' sums belong to brands and categories as the catalogue has them now.
CREATE FUNCTION report_item(kind text, item text) RETURNS TABLE (item text, title text)
LANGUAGE sql STABLE AS $$
	SELECT $2, coalesce((SELECT v.title FROM variant v WHERE v.sku = $2),
		(SELECT n.title FROM sale_history_line n WHERE n.sku = $2 LIMIT 1), '')
	WHERE kind = 'product'
	UNION ALL
	SELECT coalesce(b.slug, ''), coalesce(b.name, '') FROM (SELECT) one
	LEFT JOIN (variant v JOIN product p ON p.id = v.product_id
		JOIN brand b ON b.id = p.brand_id) ON v.sku = $2 WHERE kind = 'brand'
	UNION ALL
	SELECT coalesce(c.path, ''), coalesce(c.name, '') FROM (SELECT) one
	LEFT JOIN (variant v JOIN product p ON p.id = v.product_id
		JOIN category c ON c.id = p.category_id) ON v.sku = $2 WHERE kind = 'category'
	UNION ALL
	SELECT coalesce(w.code, $2), coalesce(w.name, '') FROM (SELECT) one
	LEFT JOIN warehouse w ON w.id::text = $2 WHERE kind = 'warehouse'
	UNION ALL
	SELECT CASE $2 WHEN '' THEN 'guest' ELSE $2 END, '' WHERE kind = 'customer'
	UNION ALL
	SELECT $2, p.title FROM promotion p WHERE $1 = 'promotion' AND p.name = $2
	UNION ALL
	SELECT $2, p.title FROM coupon c JOIN promotion p ON p.id = c.promotion_id
	WHERE $1 = 'coupon' AND c.code = $2
$$;

-- Sales of whole days by what was sold, whence and to whom, most valuable first.
CREATE FUNCTION api.report_sales_by(kind text, since timestamptz, until timestamptz,
	currency text, tz text, most bigint)
RETURNS TABLE (item text, title text, orders bigint, units bigint, returned bigint,
	gross amount, refunds amount, net amount, exact text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT
SET work_mem = '32MB' AS $$
DECLARE
	source text := CASE WHEN kind IN ('brand', 'category') THEN 'product' ELSE kind END;
	first timestamptz := date_trunc('day', since, tz);
BEGIN
	IF kind NOT IN ('product', 'category', 'brand', 'warehouse', 'customer', 'promotion',
		'coupon', 'currency') THEN
		PERFORM invalid('report_step_is_known', format('there are no sales by %s', kind));
	END IF;
	PERFORM report_range(kind, since, until);
	PERFORM report_zone(tz, since);
	RETURN QUERY WITH sums AS (
		SELECT r.item, r.currency AS code, sum(r.orders) AS orders, sum(r.units) AS units,
			sum(r.returned) AS returned, sum(r.gross) AS gross, sum(r.refunds) AS refunds,
			sum(r.rest) AS rest
		FROM rollup_item_hour r
		WHERE r.kind = source AND r.hour >= first AND r.hour < until
			AND (report_sales_by.currency IS NULL OR r.currency = report_sales_by.currency)
		GROUP BY 1, 2
		UNION ALL
		SELECT h.currency, h.currency, sum(h.orders), sum(h.units), sum(h.returned),
			sum(h.gross), sum(h.refunds), sum(h.rest)
		FROM rollup_sales_hour h
		WHERE source = 'currency' AND h.hour >= first AND h.hour < until
			AND (report_sales_by.currency IS NULL OR h.currency = report_sales_by.currency)
		GROUP BY 1, 2
	), ranked AS ( -- only those that are shown are worth a look at the catalogue
		SELECT s.*, row_number() OVER (PARTITION BY s.code
			ORDER BY s.gross DESC, s.units DESC, s.item) AS n FROM sums s
	), named AS (
		SELECT coalesce(i.item, r.item) AS item, max(i.title) AS title, r.code,
			sum(r.orders)::bigint AS orders, sum(r.units)::bigint AS units,
			sum(r.returned)::bigint AS returned, sum(r.gross)::bigint AS gross,
			sum(r.refunds)::bigint AS refunds, sum(r.rest) AS rest
		FROM ranked r LEFT JOIN LATERAL report_item(kind, r.item) i ON true
		WHERE r.n <= most OR kind IN ('brand', 'category')
		GROUP BY 1, 3
	), placed AS (
		SELECT n.*, row_number() OVER (PARTITION BY n.code
			ORDER BY n.gross DESC, n.units DESC, n.item) AS place FROM named n
	)
	SELECT p.item, coalesce(p.title, ''),
		CASE WHEN kind IN ('customer', 'promotion', 'coupon', 'currency') THEN p.orders END, p.units, p.returned,
		ROW(p.gross, p.code)::amount, ROW(p.refunds, p.code)::amount,
		ROW(p.gross - p.refunds, p.code)::amount,
		report_exact(p.gross - p.refunds + p.rest, p.code)
	FROM placed p WHERE p.place <= most ORDER BY p.code, p.place;
END $$;

-- What sold best, by the value of its lines, in each currency.
CREATE FUNCTION api.report_top_products(since timestamptz, until timestamptz,
	currency text, most bigint)
RETURNS TABLE (rank bigint, sku text, title text, units bigint, gross amount)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT row_number() OVER (PARTITION BY (r.gross).currency
			ORDER BY (r.gross).minor DESC, r.units DESC, r.item),
		r.item, CASE r.title WHEN '' THEN '?' ELSE r.title END, r.units, r.gross
	FROM api.report_sales_by('product', since, until, currency, 'UTC', most) r
	ORDER BY (r.gross).currency, 1;
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
