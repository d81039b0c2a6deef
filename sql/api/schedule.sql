-- Schedules: jobs that are put by the calendar or after a time, each due time once, however
-- many workers and timers ask; and what becomes of the due times that nobody was there for.

-- The first due time after an instant; null when there will be none.
CREATE FUNCTION schedule_after(s job_schedule, at timestamptz) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
	span numeric := extract(epoch FROM s.every);
BEGIN
	IF s.cron IS NOT NULL THEN
		RETURN (SELECT t FROM cron_times(s.cron, s.tz, $2, 'infinity', 1) AS t);
	ELSIF s.next_at IS NULL THEN
		RETURN $2;
	END IF;
	RETURN s.next_at + make_interval(secs => (span
		* (1 + floor(extract(epoch FROM $2 - s.next_at) / span)))::float8);
END $$;

-- The due times that have come, oldest first.
CREATE FUNCTION schedule_due(s job_schedule, most int) RETURNS SETOF timestamptz
LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF s.every IS NULL THEN
		RETURN QUERY SELECT s.next_at
			UNION ALL SELECT cron_times(s.cron, s.tz, s.next_at, now(), $2 - 1);
	ELSE
		RETURN QUERY SELECT s.next_at + i * make_interval(secs =>
			extract(epoch FROM s.every)::float8)
		FROM generate_series(0, least($2 - 1, floor(extract(epoch FROM now() - s.next_at)
			/ extract(epoch FROM s.every)))::int) AS i;
	END IF;
END $$;

-- The newest due time that has come.  Looked for near the present first: a schedule that
-- nobody ran for months has many, and one that comes once a year has one far back.
CREATE FUNCTION schedule_last(s job_schedule) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
	span interval;
	last timestamptz;
BEGIN
	IF s.every IS NOT NULL THEN
		RETURN schedule_after(s, now()) - make_interval(secs =>
			extract(epoch FROM s.every)::float8);
	END IF;
	FOREACH span IN ARRAY '{3 hours,2 days,40 days,10 years}'::interval[] LOOP
		SELECT max(t) INTO last FROM cron_times(s.cron, s.tz,
			greatest(s.next_at, now() - span), now(), 100000) AS t;
		EXIT WHEN last IS NOT NULL OR now() - span <= s.next_at;
	END LOOP;
	RETURN coalesce(last, s.next_at);
END $$;

-- Put the job of one due time, unless that was done.  One job at a time waits, but for a
-- schedule that makes up for all its due times: then each has its own.
CREATE FUNCTION schedule_put_job(s job_schedule, due timestamptz, missed bigint)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	id bigint;
BEGIN
	IF s.cron IS NOT NULL OR s.every >= '1 minute' THEN
		INSERT INTO schedule_run (schedule, due_at, missed, missed_from)
		VALUES (s.name, $2, $3, CASE WHEN $3 > 0 THEN s.next_at END)
		ON CONFLICT ON CONSTRAINT schedule_runs_once DO NOTHING;
		IF NOT FOUND THEN
			RETURN false;
		END IF;
	END IF;
	id := job_put(s.kind, s.subject, NULL, s.payload, s.name
		|| CASE s.catch_up WHEN 'all' THEN '@' || extract(epoch FROM $2) ELSE '' END);
	UPDATE schedule_run r SET job_id = id WHERE r.schedule = s.name AND r.due_at = $2;
	RETURN id IS NOT NULL;
END $$;

-- Do what a schedule asks for now; how many jobs that put.  A due time is missed when it is
-- not the newest that has come, or when five minutes have passed since: until then a timer
-- or a worker was merely late.
CREATE FUNCTION schedule_fire(s job_schedule) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
	due timestamptz;
	n bigint := 0;
	missed bigint;
BEGIN
	IF s.catch_up = 'all' AND s.next_at IS NOT NULL THEN
		SELECT count(*) FILTER (WHERE schedule_put_job(s, t, 0)), max(t) INTO n, due
		FROM schedule_due(s, 100) AS t;
	ELSIF s.next_at IS NOT NULL THEN
		due := schedule_last(s);
		SELECT count(*) INTO missed FROM schedule_due(s, 10000) AS t WHERE t < due;
		IF s.catch_up = 'none' AND due < now() - interval '5 minutes' THEN
			INSERT INTO schedule_run (schedule, due_at, missed, missed_from)
			VALUES (s.name, due, missed + 1, s.next_at)
			ON CONFLICT ON CONSTRAINT schedule_runs_once DO NOTHING;
		ELSE
			n := schedule_put_job(s, due, missed)::int;
		END IF;
	END IF;
	UPDATE job_schedule x SET next_at = schedule_after(s, coalesce(due, now())),
		last_due_at = coalesce(due, x.last_due_at),
		last_run_at = CASE WHEN n > 0 THEN now() ELSE x.last_run_at END
	WHERE x.name = s.name;
	RETURN n;
END $$;

-- Put the jobs whose time has come.  Any number of workers and timers ask, at any time: the
-- row of a schedule is its lock, and its due times are keys.
CREATE FUNCTION api.job_schedule() RETURNS TABLE (put bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	s job_schedule;
BEGIN
	put := 0;
	FOR s IN SELECT * FROM job_schedule x
		WHERE coalesce(x.next_at, '-infinity') <= now() AND x.paused_at IS NULL
		ORDER BY x.name FOR UPDATE SKIP LOCKED
	LOOP
		put := put + schedule_fire(s);
	END LOOP;
	RETURN NEXT;
END $$;

-- "90s", "10m", "2h", "1d" as a time.
CREATE FUNCTION schedule_every(word text) RETURNS interval LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	p text[] := regexp_match($1, '^([0-9]{1,6})\s*(s|m|h|d)$');
BEGIN
	IF p IS NULL OR p[1]::int = 0 THEN
		PERFORM invalid('schedule_every_is_a_time', format('"%s" is no time between runs', $1),
			'90s, 10m, 2h or 1d');
	END IF;
	RETURN make_interval(secs => p[1]::int * CASE p[2] WHEN 's' THEN 1 WHEN 'm' THEN 60
		WHEN 'h' THEN 3600 ELSE 86400 END);
END $$;

CREATE FUNCTION schedule_rhythm(s job_schedule) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(s.cron, 'every ' || CASE
		WHEN e % 86400 = 0 THEN e / 86400 || 'd' WHEN e % 3600 = 0 THEN e / 3600 || 'h'
		WHEN e % 60 = 0 THEN e / 60 || 'm' ELSE e || 's' END)
	FROM (SELECT extract(epoch FROM s.every)::bigint AS e) AS x
$$;

-- Make a schedule, or give one that is there another rhythm; its first run is the first due
-- time from now on.  For other parts of the shop; operators use api.schedule_set().
CREATE FUNCTION schedule_put(name text, kind text, cron text, every interval,
	tz text DEFAULT 'UTC', catch_up text DEFAULT 'one', subject bigint DEFAULT NULL,
	payload jsonb DEFAULT NULL) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	s job_schedule;
BEGIN
	PERFORM queue_of($2), zone_known($5);
	IF num_nonnulls($3, $4) <> 1 THEN
		PERFORM invalid('schedule_has_one_rhythm',
			'a schedule has either a cron expression or a time between runs',
			'--cron "30 2 * * *" or --every 10m');
	ELSIF $3 IS NOT NULL AND NOT EXISTS (SELECT
			FROM cron_times($3, $5, now(), 'infinity', 1)) THEN
		PERFORM invalid('schedule_comes_true', format('"%s" is never due', $3),
			'see the day of month and the month: shopctl schedule next --cron EXPRESSION');
	END IF;
	INSERT INTO job_schedule AS j (name, kind, cron, every, tz, catch_up, subject, payload)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
	ON CONFLICT ON CONSTRAINT job_schedule_pkey DO UPDATE SET kind = $2, cron = $3,
		every = $4, tz = $5, catch_up = $6, subject = $7, payload = $8, next_at = NULL
	RETURNING * INTO s;
	s.next_at := NULL;
	UPDATE job_schedule j SET next_at = schedule_after(s, now()) WHERE j.name = s.name;
END $$;

CREATE FUNCTION schedule_get(name text) RETURNS job_schedule LANGUAGE plpgsql AS $$
DECLARE
	s job_schedule;
BEGIN
	SELECT * INTO s FROM job_schedule x WHERE x.name = $1 FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM absent('schedule_exists', format('there is no schedule "%s"', $1),
			coalesce((SELECT format('did you mean %s?', x.name) FROM job_schedule x
				WHERE split_part($1, '.', 2) <> ''
					AND x.name LIKE '%' || split_part($1, '.', 2) || '%'
				ORDER BY x.name LIMIT 1), 'shopctl schedule list'));
	END IF;
	RETURN s;
END $$;

-- What the audit log says of a schedule.
CREATE FUNCTION schedule_picture(s job_schedule) RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT jsonb_strip_nulls(jsonb_build_object('kind', s.kind, 'rhythm', schedule_rhythm(s),
		'tz', s.tz, 'catch_up', s.catch_up, 'subject', s.subject, 'payload', s.payload,
		'paused', s.paused_at IS NOT NULL))
$$;

-- Schedules, or the one of that name.
CREATE FUNCTION api.schedule_list(only_name text)
RETURNS TABLE (name text, kind text, rhythm text, tz text, catch_up text, state text,
	next_at timestamptz, last_due_at timestamptz, last_run_at timestamptz, rows bigint,
	total bigint, missed bigint, subject bigint, payload jsonb, paused_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT s.name, s.kind, schedule_rhythm(s), s.tz, s.catch_up,
		CASE WHEN s.paused_at IS NOT NULL THEN 'paused'
			WHEN s.next_at < now() - interval '1 minute' THEN 'late' ELSE 'waiting' END,
		coalesce(s.next_at, schedule_after(s, now())), s.last_due_at, s.last_run_at,
		h.rows, h.total,
		(SELECT sum(r.missed)::bigint FROM schedule_run r WHERE r.schedule = s.name
			AND r.run_at >= now() - interval '7 days'),
		s.subject, s.payload, s.paused_at
	FROM job_schedule s LEFT JOIN housekeeping_run h ON 'housekeeping.' || h.task = s.kind
	WHERE $1 IS NULL OR s.name = $1 ORDER BY s.name;
	IF NOT FOUND AND $1 IS NOT NULL THEN
		PERFORM absent('schedule_exists', format('there is no schedule "%s"', $1),
			'shopctl schedule list');
	END IF;
END $$;

-- The next due times: of one schedule, of all, or of a cron expression that is to be tried.
CREATE FUNCTION api.schedule_next(only_name text, expr text, in_zone text, n bigint)
RETURNS TABLE (name text, due_at timestamptz, local text, tz text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	zone text := coalesce($3, 'UTC');
BEGIN
	IF $2 IS NOT NULL THEN
		PERFORM zone_known(zone);
		RETURN QUERY SELECT $2, t, schedule_local(t, zone), zone
		FROM cron_times($2, zone, now(), 'infinity', $4::int) AS t;
		RETURN;
	ELSIF $1 IS NOT NULL THEN
		PERFORM api.schedule_list($1);
	END IF;
	RETURN QUERY
	SELECT s.name, d.t, schedule_local(d.t, s.tz), s.tz
	FROM job_schedule s CROSS JOIN LATERAL (SELECT f.at AS t
			FROM (SELECT coalesce(s.next_at, schedule_after(s, now())) AS at) f
		UNION ALL SELECT x FROM cron_times(s.cron, s.tz,
			coalesce(s.next_at, schedule_after(s, now())), 'infinity', $4::int - 1) AS x
			WHERE s.cron IS NOT NULL
		UNION ALL SELECT s.next_at + i * s.every FROM generate_series(1, $4::int - 1) i
			WHERE s.every IS NOT NULL) AS d
	WHERE ($1 IS NULL OR s.name = $1) AND s.paused_at IS NULL
	ORDER BY d.t, s.name LIMIT CASE WHEN $1 IS NULL THEN $4 END;
END $$;

CREATE FUNCTION schedule_local(at timestamptz, tz text) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT to_char(t, 'Dy YYYY-MM-DD HH24:MI:SS') || CASE WHEN o < '0' THEN ' -' ELSE ' +' END
		|| to_char(greatest(o, -o), 'HH24:MI')
	FROM (SELECT $1 AT TIME ZONE $2 AS t, zone_offset($1, $2) AS o) AS x
$$;

-- Due times that had no run of their own, newest first, and those that wait to be noticed.
CREATE FUNCTION api.schedule_missed(only_name text, since timestamptz)
RETURNS TABLE (name text, missed_from timestamptz, missed_to timestamptz, missed bigint,
	made_up boolean, noticed_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	IF $1 IS NOT NULL THEN
		PERFORM api.schedule_list($1);
	END IF;
	RETURN QUERY
	SELECT s.name, s.next_at, schedule_last(s), (SELECT count(*) FROM schedule_due(s, 10000)),
		false, NULL::timestamptz
	FROM job_schedule s
	WHERE s.next_at < now() - interval '5 minutes' AND s.paused_at IS NULL
		AND ($1 IS NULL OR s.name = $1)
	UNION ALL
	SELECT r.schedule, r.missed_from, r.due_at, r.missed, r.job_id IS NOT NULL, r.run_at
	FROM schedule_run r
	WHERE r.missed > 0 AND ($1 IS NULL OR r.schedule = $1) AND ($2 IS NULL OR r.run_at >= $2)
	ORDER BY 2 DESC, 1;
END $$;

-- Put its job now, whatever its rhythm says; the next due time stays.
CREATE FUNCTION api.schedule_run(which text) RETURNS TABLE (name text, kind text, job bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	s job_schedule := schedule_get($1);
	id bigint := job_put(s.kind, s.subject, NULL, s.payload, s.name);
BEGIN
	IF id IS NULL THEN
		PERFORM refuse('schedule_job_waits_once', format('a job of %s waits already', s.name),
			format('shopctl job list --kind %s', s.kind));
	END IF;
	UPDATE job_schedule x SET last_run_at = now() WHERE x.name = s.name;
	PERFORM audit('schedule:' || s.name, 'run', NULL, jsonb_build_object('job', id));
	RETURN QUERY SELECT s.name, s.kind, id;
END $$;

-- What falls into a pause is not made up for.
CREATE FUNCTION api.schedule_pause(name text, pause boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	s job_schedule := schedule_get($1);
BEGIN
	IF (s.paused_at IS NOT NULL) = $2 THEN
		RETURN;
	END IF;
	UPDATE job_schedule x SET paused_at = CASE WHEN $2 THEN now() END,
		next_at = CASE WHEN $2 OR s.next_at > now() THEN s.next_at
			ELSE schedule_after(s, now()) END
	WHERE x.name = s.name;
	PERFORM audit('schedule:' || s.name, CASE WHEN $2 THEN 'pause' ELSE 'resume' END,
		jsonb_build_object('paused', NOT $2), jsonb_build_object('paused', $2));
END $$;

-- Make a schedule, or change one: what is null stays as it is.
CREATE FUNCTION api.schedule_set(fresh boolean, name text, kind text, cron text, every text,
	tz text, catch_up text, subject bigint, payload text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	s job_schedule;
	was jsonb;
BEGIN
	IF NOT $1 THEN
		s := schedule_get($2);
		was := schedule_picture(s);
	ELSIF EXISTS (SELECT FROM job_schedule x WHERE x.name = $2) THEN
		PERFORM refuse('schedule_name_is_new', format('there is a schedule "%s"', $2),
			'shopctl schedule edit ' || $2);
	ELSIF $2 !~ '^[a-z][a-z0-9_.-]{0,59}$' THEN
		PERFORM invalid('schedule_name_is_a_word', format('"%s" cannot be a name', $2),
			'a lower-case letter, then up to 59 letters, digits, dots, - and _');
	END IF;
	PERFORM schedule_put($2, coalesce($3, s.kind),
		CASE WHEN $5 IS NULL THEN coalesce($4, s.cron) ELSE $4 END,
		CASE WHEN $5 IS NOT NULL THEN schedule_every($5) WHEN $4 IS NULL THEN s.every END,
		coalesce($6, s.tz, 'UTC'), coalesce($7, s.catch_up, 'one'), coalesce($8, s.subject),
		coalesce($9::jsonb, s.payload));
	SELECT * INTO s FROM job_schedule x WHERE x.name = $2;
	PERFORM audit('schedule:' || $2, CASE WHEN $1 THEN 'create' ELSE 'edit' END, was,
		schedule_picture(s));
END $$;

CREATE FUNCTION api.schedule_delete(name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	s job_schedule := schedule_get($1);
BEGIN
	DELETE FROM job_schedule x WHERE x.name = s.name;
	PERFORM audit('schedule:' || s.name, 'delete', schedule_picture(s), NULL);
END $$;
