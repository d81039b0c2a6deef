-- Housekeeping: what keeps tables small, in steps of a bounded size, so that nobody waits for
-- one.  A step may be repeated or stopped at any time: the next goes on where it ended.  Each
-- says how many rows it dealt with; fewer than were allowed means that nothing is left.

-- What webhooks said, once nobody acts on it any more: the bytes go, their digest stays.
CREATE FUNCTION api.webhook_purge(keep_days bigint, most bigint) RETURNS TABLE (done bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	UPDATE webhook_event w SET body = NULL, headers = NULL, body_sha256 = sha256(w.body),
		body_bytes = length(w.body)
	WHERE w.id = ANY (ARRAY(SELECT x.id FROM webhook_event x
		WHERE x.body IS NOT NULL AND x.received_at < now() - $1 * interval '1 day'
			AND x.state NOT IN ('received', 'parked')
		ORDER BY x.received_at LIMIT $2 FOR UPDATE SKIP LOCKED));
	GET DIAGNOSTICS done = ROW_COUNT;
	RETURN NEXT;
END $$;

-- What carriers sent, byte for byte; what it meant stays.
CREATE FUNCTION api.tracking_purge(keep_days bigint, most bigint) RETURNS TABLE (done bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	UPDATE tracking_event t SET raw = NULL
	WHERE t.id = ANY (ARRAY(SELECT x.id FROM tracking_event x
		WHERE x.raw IS NOT NULL AND x.received_at < now() - $1 * interval '1 day'
		ORDER BY x.received_at LIMIT $2 FOR UPDATE SKIP LOCKED));
	GET DIAGNOSTICS done = ROW_COUNT;
	RETURN NEXT;
END $$;

CREATE FUNCTION api.schedule_purge(keep_days bigint, most bigint) RETURNS TABLE (done bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	DELETE FROM schedule_run r WHERE r.ctid = ANY (ARRAY(SELECT x.ctid FROM schedule_run x
		WHERE x.run_at < now() - $1 * interval '1 day'
		ORDER BY x.run_at LIMIT $2 FOR UPDATE SKIP LOCKED));
	GET DIAGNOSTICS done = ROW_COUNT;
	RETURN NEXT;
END $$;

-- Workers that were lost without a word.
CREATE FUNCTION api.worker_purge(keep_days bigint, most bigint) RETURNS TABLE (done bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	DELETE FROM worker w WHERE w.owner = ANY (ARRAY(SELECT x.owner FROM worker x
		WHERE x.seen_at < now() - $1 * interval '1 day'
		ORDER BY x.seen_at LIMIT $2 FOR UPDATE SKIP LOCKED));
	GET DIAGNOSTICS done = ROW_COUNT;
	RETURN NEXT;
END $$;

-- The partitions that a table is to have from now on, by their first instants.
CREATE FUNCTION partition_plan(s partition_set) RETURNS TABLE (name text, low timestamptz,
	high timestamptz)
LANGUAGE sql STABLE AS $$
	SELECT s.parent || '_' || to_char(l, CASE s.step WHEN 'day' THEN 'YYYYMMDD'
			ELSE 'YYYYMM' END), l AT TIME ZONE 'UTC', (l + span) AT TIME ZONE 'UTC'
	FROM (SELECT ('1 ' || s.step)::interval AS span,
		date_trunc(s.step, now() AT TIME ZONE 'UTC') AS today) AS x,
		generate_series(today, today + s.ahead * span, span) AS l
$$;

-- Those of its partitions that are wholly older than it keeps, oldest first.
CREATE FUNCTION partition_old(s partition_set) RETURNS TABLE (name text)
LANGUAGE sql STABLE AS $$
	SELECT c.relname::text
	FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
	CROSS JOIN LATERAL (SELECT right(c.relname, -length(s.parent) - 1) AS label) x
	WHERE i.inhparent = to_regclass(s.parent) AND c.relname LIKE s.parent || '\_%'
		AND x.label ~ CASE s.step WHEN 'day' THEN '^[0-9]{8}$' ELSE '^[0-9]{6}$' END
		AND (to_date(x.label, CASE s.step WHEN 'day' THEN 'YYYYMMDD' ELSE 'YYYYMM' END)
			+ ('1 ' || s.step)::interval) AT TIME ZONE 'UTC' <= now() - s.keep
	ORDER BY 1
$$;

-- Make partitions ahead and drop old ones, at most so many.  A new one is made apart and then
-- attached, which holds up no reader or writer; dropping holds them up for a moment only,
-- because it gives up when it has to wait.
CREATE FUNCTION api.partition_keep(most bigint) RETURNS TABLE (done bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '1s' AS $$
DECLARE
	s partition_set;
	p record;
BEGIN
	done := 0;
	FOR s IN SELECT * FROM partition_set x WHERE to_regclass(x.parent) IS NOT NULL
		ORDER BY x.parent
	LOOP
		FOR p IN SELECT * FROM partition_plan(s) x WHERE to_regclass(x.name) IS NULL LOOP
			EXIT WHEN done >= $1;
			EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', p.name, s.parent);
			EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
				s.parent, p.name, p.low, p.high);
			done := done + 1;
		END LOOP;
		FOR p IN SELECT * FROM partition_old(s) LOOP
			EXIT WHEN done >= $1;
			EXECUTE format('DROP TABLE %I', p.name);
			done := done + 1;
		END LOOP;
	END LOOP;
	RETURN NEXT;
END $$;

-- A task came to its end.
CREATE FUNCTION api.housekeeping_ran(task text, n bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	INSERT INTO housekeeping_run AS h (task, ended_at, rows, total) VALUES ($1, now(), $2, $2)
	ON CONFLICT ON CONSTRAINT housekeeping_run_pkey DO UPDATE
		SET ended_at = now(), rows = $2, total = h.total + $2;
END $$;
