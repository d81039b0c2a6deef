-- What only the database knows, for a monitoring system: the same bounded questions as
-- one screen for the operator (status.sql), under names that never change.

-- Every family there is, also when it has nothing to say now.
CREATE FUNCTION metric_families() RETURNS TABLE (name text, type text, help text)
LANGUAGE sql IMMUTABLE AS $$
	VALUES
	('shop_schema_version', 'gauge', 'Migrations that were applied.'),
	('shop_breaker_open', 'gauge',
		'1 when a provider is left alone, or tried again by one call.'),
	('shop_orders_today', 'gauge',
		'Orders of this day (UTC) by state, of the newest 10000.'),
	('shop_queue_depth', 'gauge', 'Jobs that are ready, by queue; 10000 at most.'),
	('shop_queue_oldest_age_seconds', 'gauge',
		'Since the oldest ready job that was never tried was put, by queue.'),
	('shop_queue_paused', 'gauge', '1 when the queue is paused.'),
	('shop_jobs_overdue', 'gauge',
		'Jobs due for over a minute that no worker puts in line; 10000 at most.'),
	('shop_jobs_overdue_seconds', 'gauge', 'How long the oldest of them is due.'),
	('shop_dead_letters', 'gauge', 'Jobs that gave up, by kind, of the newest 10000.'),
	('shop_schedule_late_seconds', 'gauge',
		'How long the next run of a schedule is due; 0 when it is not.'),
	('shop_workers_seen', 'gauge', 'Workers that beat within the last 30 seconds.'),
	('shop_reservations_late', 'gauge',
		'Reservations that ran out over a minute ago and still hold their stock.'),
	('shop_reservations_late_seconds', 'gauge', 'How long ago the oldest of them ran out.'),
	('shop_incidents_open', 'gauge', 'Incidents that nobody closed, by kind.'),
	('shop_incidents_oldest_age_seconds', 'gauge', 'Age of the oldest of them.'),
	('shop_webhooks_parked', 'gauge', 'Webhooks that wait for what they are about.'),
	('shop_provider_calls_undecided', 'gauge',
		'Calls to payment providers that were sent and whose outcome is unknown.'),
	('shop_provider_calls_undecided_age_seconds', 'gauge', 'Age of the oldest of them.'),
	('shop_fsck_violations', 'gauge', 'What the last fsck found, by its scope.'),
	('shop_fsck_last_run_timestamp_seconds', 'gauge', 'When the last fsck ended, by scope.'),
	('shop_reconcile_differences', 'gauge',
		'What the last finished reconciliation found, by provider.'),
	('shop_reconcile_last_run_timestamp_seconds', 'gauge',
		'When the last reconciliation ended, by provider.'),
	('shop_task_last_success_timestamp_seconds', 'gauge',
		'When a task of a timer last came to its end.')
$$;

CREATE FUNCTION metric_label(key text, value text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT format('%s="%s"', key,
		replace(replace(replace(value, '\', '\\'), '"', '\"'), E'\n', '\n'))
$$;

CREATE FUNCTION metric_age(since timestamptz) RETURNS numeric LANGUAGE sql STABLE AS $$
	SELECT round(greatest(coalesce(extract(epoch FROM now() - since), 0), 0), 3)
$$;

CREATE FUNCTION metric_at(at timestamptz) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
	SELECT round(extract(epoch FROM at), 3)
$$;

-- Per queue what is ready, and which providers are asked.  A job that was tried before is old and not neglected, so that
-- the age is of those that nobody touched.
CREATE FUNCTION metric_queues() RETURNS TABLE (name text, labels text, value numeric)
LANGUAGE sql STABLE AS $$
	SELECT m.name, metric_label('queue', q.name), m.value
	FROM queue q JOIN queue_head h ON h.queue = q.name
	CROSS JOIN LATERAL (SELECT count(*) AS n,
			min(j.created_at) FILTER (WHERE j.attempt = 0) AS oldest
		FROM (SELECT x.created_at, x.attempt FROM job x
			WHERE x.slot BETWEEN h.base AND h.base + 3 LIMIT status_bound()) j) r
	CROSS JOIN LATERAL (VALUES ('shop_queue_depth', r.n::numeric),
		('shop_queue_oldest_age_seconds', metric_age(r.oldest)),
		('shop_queue_paused', (q.paused_at IS NOT NULL)::int)) AS m (name, value)
	UNION ALL
	SELECT 'shop_breaker_open', metric_label('provider', b.provider),
		(b.state <> 'closed')::int
	FROM breaker b
	UNION ALL
	SELECT 'shop_schedule_late_seconds', metric_label('schedule', s.name),
		metric_age(s.next_at)
	FROM job_schedule s WHERE s.paused_at IS NULL
$$;

-- Orders whose expiry is due, or in line, and not done: their stock is missing elsewhere.
CREATE FUNCTION metric_reservations() RETURNS TABLE (name text, labels text, value numeric)
LANGUAGE sql STABLE AS $$
	WITH late AS (
		SELECT o.expires_at FROM (
			SELECT l.subject FROM (SELECT x.subject, x.kind FROM job_later x
				WHERE x.run_at < now() ORDER BY x.run_at LIMIT status_bound()) l
			WHERE l.kind = 'reservation.expire'
			UNION ALL
			SELECT j.subject FROM (SELECT x.subject, x.kind
				FROM job x JOIN queue_head h ON h.queue = 'reservation'
					AND x.slot BETWEEN h.base AND h.base + 3
				LIMIT status_bound()) j
			WHERE j.kind = 'reservation.expire') s
		JOIN orders o ON o.id = s.subject
		WHERE o.state = 'pending' AND o.expires_at < now() - interval '1 minute')
	SELECT m.* FROM (SELECT count(*) AS n, min(expires_at) AS oldest FROM late) r
	CROSS JOIN LATERAL (VALUES ('shop_reservations_late', '', r.n::numeric),
		('shop_reservations_late_seconds', '', metric_age(r.oldest)))
		AS m (name, labels, value)
$$;

-- What the operator's screen says, under other names.
CREATE FUNCTION metric_status() RETURNS TABLE (name text, labels text, value numeric)
LANGUAGE sql STABLE AS $$
	WITH s AS MATERIALIZED (SELECT * FROM status_today() UNION ALL SELECT * FROM status_work()
		UNION ALL SELECT * FROM status_alarms()),
	one (name, section, item, aged) AS (VALUES
		('shop_jobs_overdue', 'queue', 'overdue', 'shop_jobs_overdue_seconds'),
		('shop_workers_seen', 'workers', 'seen', NULL),
		('shop_webhooks_parked', 'webhooks', 'parked', NULL),
		('shop_provider_calls_undecided', 'calls', 'undecided',
			'shop_provider_calls_undecided_age_seconds'))
	SELECT 'shop_orders_today', metric_label('state', item), count::numeric
	FROM s WHERE section = 'orders'
	UNION ALL
	SELECT 'shop_dead_letters', metric_label('kind', item), count
	FROM s WHERE section = 'dead letters'
	UNION ALL
	SELECT 'shop_incidents_open', metric_label('kind', item), count
	FROM s WHERE section = 'incidents'
	UNION ALL
	SELECT 'shop_incidents_oldest_age_seconds', '', metric_age(min(since))
	FROM s WHERE section = 'incidents'
	UNION ALL
	SELECT m.* FROM one o LEFT JOIN s ON s.section = o.section AND s.item = o.item
	CROSS JOIN LATERAL (VALUES (o.name, '', coalesce(s.count, 0)::numeric),
		(o.aged, '', metric_age(s.since))) AS m (name, labels, value)
	WHERE m.name IS NOT NULL
$$;

-- When the books were last looked at; of fsck only what looked at the whole shop, or at
-- all that had moved, because what was asked for by hand proves nothing about the rest.
CREATE FUNCTION metric_checks() RETURNS TABLE (name text, labels text, value numeric)
LANGUAGE sql STABLE AS $$
	WITH f AS (
		SELECT DISTINCT ON (x.scope) CASE x.scope WHEN 'all' THEN 'fsck'
				ELSE 'fsck_incremental' END AS task,
			x.scope, x.violations AS found, x.ended_at
		FROM (SELECT * FROM fsck_run ORDER BY id DESC LIMIT 1000) x
		WHERE x.scope IN ('all', 'since last') ORDER BY x.scope, x.id DESC),
	r AS (
		SELECT p.provider, l.ended_at, l.differences AS found
		FROM (SELECT DISTINCT x.provider FROM (SELECT y.provider FROM reconcile_run y
			ORDER BY y.id DESC LIMIT 100) x) p
		CROSS JOIN LATERAL (SELECT * FROM reconcile_run z WHERE z.provider = p.provider
			AND z.ended_at IS NOT NULL ORDER BY z.id DESC LIMIT 1) l)
	SELECT m.* FROM f CROSS JOIN LATERAL (VALUES
		('shop_fsck_violations', metric_label('scope', f.scope), f.found::numeric),
		('shop_fsck_last_run_timestamp_seconds', metric_label('scope', f.scope),
			metric_at(f.ended_at)),
		('shop_task_last_success_timestamp_seconds', metric_label('task', f.task),
			metric_at(f.ended_at))) AS m (name, labels, value)
	UNION ALL
	SELECT m.* FROM r CROSS JOIN LATERAL (VALUES
		('shop_reconcile_differences', metric_label('provider', r.provider),
			r.found::numeric),
		('shop_reconcile_last_run_timestamp_seconds',
			metric_label('provider', r.provider), metric_at(r.ended_at)),
		('shop_task_last_success_timestamp_seconds',
			metric_label('task', 'reconcile.' || r.provider), metric_at(r.ended_at)))
		AS m (name, labels, value)
	UNION ALL
	SELECT 'shop_task_last_success_timestamp_seconds', metric_label('task',
		'rollup.' || w.name), metric_at(w.at)
	FROM rollup_watermark w WHERE w.at IS NOT NULL
	UNION ALL
	SELECT 'shop_task_last_success_timestamp_seconds', metric_label('task',
		'housekeeping.' || h.task), metric_at(h.ended_at)
	FROM housekeeping_run h
$$;

-- Compiling the plan would take seconds, running it takes milliseconds.
CREATE FUNCTION api.metrics()
RETURNS TABLE (name text, labels text, value text, help text, type text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY WITH s AS (
		SELECT 'shop_schema_version' AS name, '' AS labels, count(*)::numeric AS value
		FROM schema_version
		UNION ALL SELECT * FROM metric_queues()
		UNION ALL SELECT * FROM metric_reservations()
		UNION ALL SELECT * FROM metric_status()
		UNION ALL SELECT * FROM metric_checks())
	SELECT f.name, coalesce(s.labels, ''), s.value::text, f.help, f.type
	FROM metric_families() f LEFT JOIN s ON s.name = f.name
	ORDER BY f.name COLLATE "C", s.labels COLLATE "C";
END $$;
