-- One screen for the operator.  Everything is counted up to a bound and by an index, so
-- that it costs the same whatever the shop has sold: `at_least` counts stop there.

CREATE FUNCTION status_bound() RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT 10000 $$;

-- Figures of today, in UTC.
CREATE FUNCTION status_today() RETURNS TABLE (section text, item text, count bigint,
	amount amount, since timestamptz, note text)
LANGUAGE sql STABLE AS $$
	SELECT 'orders', o.state, count(*), NULL::amount, min(o.created_at),
		CASE WHEN sum(count(*)) OVER () >= status_bound()
			THEN format('of the newest %s', status_bound()) END
	FROM (SELECT x.state, x.created_at FROM orders x
		WHERE x.created_at >= date_trunc('day', now(), 'UTC')
		ORDER BY x.created_at DESC, x.id DESC LIMIT status_bound()) o
	GROUP BY o.state
	UNION ALL
	SELECT 'money', x.item, x.n, ROW(x.minor, d.currency)::amount, NULL, NULL
	FROM rollup_sales_day d CROSS JOIN LATERAL (VALUES ('sold', d.gross, d.orders),
		('refunded', d.refunds, NULL)) AS x (item, minor, n)
	WHERE d.day = (now() AT TIME ZONE 'UTC')::date
$$;

-- Work that waits: per queue what is ready and since when, and what gave up.
CREATE FUNCTION status_work() RETURNS TABLE (section text, item text, count bigint,
	amount amount, since timestamptz, note text)
LANGUAGE sql STABLE AS $$
	SELECT 'queue', q.name, r.n, NULL::amount, r.oldest,
		CASE WHEN q.paused_at IS NOT NULL THEN 'paused: ' || coalesce(q.pause_reason, '')
			WHEN r.n >= status_bound() THEN 'at least so many' END
	FROM queue q JOIN queue_head h ON h.queue = q.name
	CROSS JOIN LATERAL (SELECT count(*) AS n, min(j.created_at) AS oldest
		FROM (SELECT x.created_at FROM job x
			WHERE x.slot BETWEEN h.base AND h.base + 3 LIMIT status_bound()) j) r
	WHERE r.n > 0 OR q.paused_at IS NOT NULL
	UNION ALL
	SELECT 'queue', 'overdue', count(*), NULL, min(l.run_at), 'no worker puts them in line'
	FROM (SELECT x.run_at FROM job_later x WHERE x.run_at < now() - interval '1 minute'
		LIMIT status_bound()) l
	HAVING count(*) > 0
	UNION ALL
	SELECT 'dead letters', d.kind, count(*), NULL, min(d.died_at),
		'shopctl dlq list --kind ' || d.kind
	FROM (SELECT x.kind, x.died_at FROM job_dead x ORDER BY x.died_at DESC
		LIMIT status_bound()) d
	GROUP BY d.kind
	UNION ALL
	SELECT 'workers', 'seen', count(w.owner), NULL, min(w.started_at),
		CASE WHEN count(w.owner) = 0 THEN 'none: systemctl start shop-worker'
			ELSE string_agg(DISTINCT w.host, ', ') END
	FROM worker w WHERE w.seen_at > now() - interval '30 s'
$$;

-- What somebody must look at.
CREATE FUNCTION status_alarms() RETURNS TABLE (section text, item text, count bigint,
	amount amount, since timestamptz, note text)
LANGUAGE sql STABLE AS $$
	SELECT 'incidents', i.kind, count(*), NULL::amount, min(i.at),
		format('%s; oldest: shopctl incident show %s', coalesce(string_agg(DISTINCT i.owner,
			', '), 'nobody''s'), (array_agg(i.id ORDER BY i.at, i.id))[1])
	FROM (SELECT * FROM incident x WHERE x.closed_at IS NULL ORDER BY x.at
		LIMIT status_bound()) i
	GROUP BY i.kind
	UNION ALL
	SELECT 'webhooks', w.state, count(*), NULL, min(w.received_at),
		'shopctl webhook list --state ' || w.state
	FROM (SELECT x.state, x.received_at FROM webhook_event x WHERE x.state = 'parked'
			LIMIT status_bound()) w
	GROUP BY w.state
	UNION ALL
	SELECT 'breaker', b.provider, (SELECT count(*) FROM breaker_jobs(b.provider)), NULL,
		b.since, format('%s: %s', b.state, coalesce(b.reason, b.error, 'shopctl breaker list'))
	FROM breaker b WHERE b.state <> 'closed'
	UNION ALL
	SELECT 'calls', 'undecided', count(*), NULL, min(k.last_sent_at), NULL
	FROM (SELECT x.last_sent_at FROM provider_op x WHERE x.state IN ('sent', 'unknown')
		LIMIT status_bound()) k
	HAVING count(*) > 0
$$;

-- When the books were last looked at.
CREATE FUNCTION status_checks() RETURNS TABLE (section text, item text, count bigint,
	amount amount, since timestamptz, note text)
LANGUAGE sql STABLE AS $$
	(SELECT 'fsck', f.scope, f.violations, NULL::amount, f.ended_at,
		CASE WHEN f.violations > 0 THEN 'violations: shopctl fsck' END
	FROM fsck_run f ORDER BY f.id DESC LIMIT 1)
	UNION ALL
	SELECT 'reconcile', r.provider, r.differences, NULL, coalesce(r.ended_at, r.begun_at),
		CASE WHEN r.ended_at IS NULL THEN 'under way'
			WHEN r.differences > 0 THEN 'differences: shopctl incident list' END
	FROM (SELECT DISTINCT ON (x.provider) x.* FROM (SELECT * FROM reconcile_run y
		ORDER BY y.id DESC LIMIT 100) x ORDER BY x.provider, x.id DESC) r
$$;

CREATE FUNCTION api.status() RETURNS TABLE (section text, item text, count bigint,
	amount amount, since timestamptz, note text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT 'schema', 'version', count(*), NULL::amount, max(v.applied_at), NULL
		FROM schema_version v;
	RETURN QUERY SELECT * FROM status_today();
	RETURN QUERY SELECT * FROM status_work();
	RETURN QUERY SELECT * FROM status_alarms();
	RETURN QUERY SELECT * FROM status_checks();
END $$;
