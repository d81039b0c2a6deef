-- What visitors do: kept by day, once each, and counted into funnels by day.

-- behaviour_event_20260302
CREATE FUNCTION event_partition(day date) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT 'behaviour_event_' || to_char(day, 'YYYYMMDD')
$$;

CREATE FUNCTION event_kept() RETURNS interval LANGUAGE sql STABLE AS $$
	SELECT s.value::integer * interval '1 day' FROM setting s WHERE s.name = 'event.keep_days'
$$;

-- Make the days of the next week, and drop those that are over their time: housekeeping's.
CREATE FUNCTION event_partitions() RETURNS TABLE (made bigint, dropped bigint)
LANGUAGE plpgsql AS $$
DECLARE
	today date := (now() AT TIME ZONE 'UTC')::date;
	old text;
BEGIN
	made := event_partitions_make(ARRAY(SELECT today + i FROM generate_series(0, 7) i));
	dropped := 0;
	FOR old IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhparent = 'behaviour_event'::regclass
			AND c.relname < event_partition(((now() - event_kept()) AT TIME ZONE 'UTC')::date)
		ORDER BY 1
	LOOP
		EXECUTE format('DROP TABLE %I', old);
		dropped := dropped + 1;
	END LOOP;
	RETURN NEXT;
END $$;

-- Make those of these days that are not there: events may come late, or before
-- housekeeping did.  Attached, they hold up nobody.
CREATE FUNCTION event_partitions_make(days date[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	d date;
	made bigint := 0;
BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('shop.event_partitions'));
	FOREACH d IN ARRAY days LOOP
		CONTINUE WHEN to_regclass(event_partition(d)) IS NOT NULL;
		EXECUTE format('CREATE TABLE %I (LIKE behaviour_event INCLUDING ALL)',
			event_partition(d));
		EXECUTE format('ALTER TABLE behaviour_event ATTACH PARTITION %I '
			'FOR VALUES FROM (%L) TO (%L)', event_partition(d),
			d::timestamp AT TIME ZONE 'UTC', (d + 1)::timestamp AT TIME ZONE 'UTC');
		made := made + 1;
	END LOOP;
	RETURN made;
END $$;

-- Keep the events of a batch, all or none.  What each of them must be was checked by the
-- caller; here is what only the shop knows: how long ago is too long.
CREATE FUNCTION api.event_ingest(client_id bigint, events jsonb)
RETURNS TABLE (accepted bigint, repeated bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	keep interval := event_kept();
	early record;
	missing date[];
BEGIN
	SELECT e.n - 1 AS n, e.x->>'at' AS at INTO early
	FROM jsonb_array_elements(events) WITH ORDINALITY e (x, n)
	WHERE (e.x->>'at')::timestamptz NOT BETWEEN now() - keep AND now() + interval '1 hour'
	LIMIT 1;
	IF FOUND THEN
		PERFORM invalid('event_time_is_near', format('event %s: %s is more than %s ago or in '
			'the future', early.n, early.at, keep), 'send events when they happen');
	END IF;
	missing := ARRAY(SELECT x.day FROM (SELECT DISTINCT
			((e->>'at')::timestamptz AT TIME ZONE 'UTC')::date AS day
		FROM jsonb_array_elements(events) e) x
		WHERE to_regclass(event_partition(x.day)) IS NULL ORDER BY 1);
	IF missing <> '{}' THEN
		PERFORM event_partitions_make(missing);
	END IF;
	INSERT INTO behaviour_event (at, id, type, session, customer_id, sku, query, order_id,
		client_id)
	SELECT e.at, e.id, e.type, e.session, e.customer_id, e.sku, e.query, e.order_id, $1
	FROM jsonb_to_recordset(events) AS e (at timestamptz, id text, type text, session text,
		customer_id bigint, sku text, query text, order_id bigint)
	ORDER BY e.at, e.id
	ON CONFLICT DO NOTHING;
	GET DIAGNOSTICS accepted = ROW_COUNT;
	repeated := jsonb_array_length(events) - accepted;
	RETURN NEXT;
END $$;

-- A session comes to a step when it took the steps before it on that day, in their order.
CREATE FUNCTION funnel_days(first date, last date) RETURNS SETOF rollup_funnel_day
LANGUAGE sql STABLE AS $$
	WITH seen AS (
		SELECT (b.at AT TIME ZONE 'UTC')::date AS day, b.session, b.type, b.at
		FROM behaviour_event b WHERE b.at >= first::timestamp AT TIME ZONE 'UTC'
			AND b.at < (last + 1)::timestamp AT TIME ZONE 'UTC'
	), viewed AS (
		SELECT s.day, s.session, min(s.at) AS at FROM seen s WHERE s.type = 'view' GROUP BY 1, 2
	), added AS (
		SELECT s.day, s.session, min(s.at) AS at FROM seen s JOIN viewed b USING (day, session)
		WHERE s.type = 'add_to_cart' AND s.at >= b.at GROUP BY 1, 2
	), begun AS (
		SELECT s.day, s.session, min(s.at) AS at FROM seen s JOIN added b USING (day, session)
		WHERE s.type = 'begin_checkout' AND s.at >= b.at GROUP BY 1, 2
	), bought AS (
		SELECT s.day, s.session, min(s.at) AS at FROM seen s JOIN begun b USING (day, session)
		WHERE s.type = 'purchase' AND s.at >= b.at GROUP BY 1, 2
	), steps AS (
		SELECT 'view' AS step, 1 AS n, v.day, v.session FROM viewed v
		UNION ALL SELECT 'add_to_cart', 2, a.day, a.session FROM added a
		UNION ALL SELECT 'begin_checkout', 3, b.day, b.session FROM begun b
		UNION ALL SELECT 'purchase', 4, b.day, b.session FROM bought b
		UNION ALL SELECT DISTINCT 'search', 0, s.day, s.session FROM seen s
			WHERE s.type = 'search'
	), came AS (
		SELECT t.day, t.step, count(*) AS sessions FROM steps t GROUP BY 1, 2
	), made AS (
		SELECT s.day, s.type, count(*) AS events FROM seen s GROUP BY 1, 2
	)
	SELECT d.day, k.step, k.n::smallint, coalesce(c.sessions, 0), coalesce(m.events, 0)
	FROM (SELECT DISTINCT m.day FROM made m) d
	CROSS JOIN (VALUES ('search', 0), ('view', 1), ('add_to_cart', 2),
		('begin_checkout', 3), ('purchase', 4)) AS k (step, n)
	LEFT JOIN came c ON c.day = d.day AND c.step = k.step
	LEFT JOIN made m ON m.day = d.day AND m.type = k.step
$$;

-- Count again the days that events came to since the last time.  The watermark is a
-- transaction number, as that of sales: what a slow transaction brings is not below it
-- before it can be seen.  In another cluster those numbers mean nothing: all days.
CREATE FUNCTION api.funnel_fold() RETURNS TABLE (days bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	w rollup_watermark;
	horizon xid8;
	changed date[];
	d date;
BEGIN
	SELECT * INTO w FROM rollup_watermark WHERE name = 'funnel' FOR UPDATE;
	horizon := rollup_horizon();
	changed := ARRAY(SELECT DISTINCT (b.at AT TIME ZONE 'UTC')::date FROM behaviour_event b
		WHERE (b.xid >= w.position AND b.xid < horizon) OR w.cluster <> rollup_cluster());
	FOREACH d IN ARRAY changed LOOP
		DELETE FROM rollup_funnel_day r WHERE r.day = d;
		INSERT INTO rollup_funnel_day SELECT * FROM funnel_days(d, d);
	END LOOP;
	UPDATE rollup_watermark SET position = horizon, cluster = rollup_cluster(), at = now()
	WHERE name = 'funnel';
	RETURN QUERY SELECT cardinality(changed)::bigint;
END $$;

-- The days whose events are all still there, and that nothing came to since the last fold.
CREATE FUNCTION funnel_differences(since timestamptz)
RETURNS TABLE (rollup text, period text, item text, currency text, stored text,
	recomputed text)
LANGUAGE sql STABLE AS $$
	WITH kept AS (
		SELECT greatest((since AT TIME ZONE 'UTC')::date,
			((now() - event_kept()) AT TIME ZONE 'UTC')::date + 1) AS first
	), fresh AS (
		SELECT DISTINCT (b.at AT TIME ZONE 'UTC')::date AS day FROM behaviour_event b
		WHERE b.xid >= (SELECT w.position FROM rollup_watermark w WHERE w.name = 'funnel')
	)
	SELECT 'funnel_day', day::text, step, '',
		coalesce(s.sessions || ' sessions, ' || s.events || ' events', 'none'),
		coalesce(c.sessions || ' sessions, ' || c.events || ' events', 'none')
	FROM rollup_funnel_day s FULL JOIN funnel_days((SELECT k.first FROM kept k),
		(now() AT TIME ZONE 'UTC')::date + 1) c USING (day, step)
	WHERE s IS DISTINCT FROM c AND day >= (SELECT k.first FROM kept k)
		AND day NOT IN (SELECT f.day FROM fresh f)
	ORDER BY 2, 3
$$;

-- How far visitors came, by day: the share of those who viewed something, and of those
-- who took the step before.
CREATE FUNCTION api.report_funnel(since timestamptz, until timestamptz)
RETURNS TABLE (day text, step text, sessions bigint, events bigint, of_views double precision,
	of_step_before double precision)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM report_range('day', since, until);
	RETURN QUERY SELECT r.day::text, r.step, r.sessions, r.events,
		CASE WHEN r.n > 0 THEN round(r.sessions::numeric / nullif(v.sessions, 0), 6) END
			::double precision,
		CASE WHEN r.n > 1 THEN round(r.sessions::numeric / nullif(b.sessions, 0), 6) END
			::double precision
	FROM rollup_funnel_day r
	JOIN rollup_funnel_day v ON v.day = r.day AND v.n = 1
	LEFT JOIN rollup_funnel_day b ON b.day = r.day AND b.n = r.n - 1 AND r.n > 1
	WHERE r.day >= (since AT TIME ZONE 'UTC')::date
		AND r.day::timestamp AT TIME ZONE 'UTC' < until
	ORDER BY r.day, r.n = 0, r.n;
END $$;
