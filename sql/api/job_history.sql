-- Finished jobs of the queues that keep them: switched on and off, a partition a day made
-- ahead, dropped when nobody keeps it any longer.

-- Keep what a queue finishes for some days, or (null) nothing any more.
CREATE FUNCTION api.queue_history(queue text, days bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	was queue;
BEGIN
	SELECT * INTO was FROM queue q WHERE q.name = $1 FOR NO KEY UPDATE;
	PERFORM queue_known($1, FOUND);
	UPDATE queue q SET history_days = $2 WHERE q.name = $1;
	IF (was.history_days IS NULL) <> ($2 IS NULL) THEN
		PERFORM slot_drop_function(s, $1, $2 IS NOT NULL)
		FROM generate_series(was.id * 4, was.id * 4 + 3) s;
	END IF;
	PERFORM history_ahead(), audit('queue/' || $1, 'history', to_jsonb(was.history_days),
		to_jsonb($2));
END $$;

CREATE FUNCTION history_part(day date) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT 'job_done_' || to_char($1, 'YYYYMMDD')
$$;

-- Who finishes a job does not wait for us; if he is in the way we come again.
CREATE FUNCTION history_lock() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	LOCK TABLE job_done, job_done_rest IN ACCESS EXCLUSIVE MODE NOWAIT;
	RETURN true;
EXCEPTION WHEN lock_not_available THEN
	RETURN false;
END $$;

-- Partitions for today, the week to come, and days whose jobs went into the rest.
CREATE FUNCTION history_ahead() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	today date := (now() AT TIME ZONE 'UTC')::date;
	made bigint := 0;
	day date;
BEGIN
	IF NOT EXISTS (SELECT FROM queue WHERE history_days IS NOT NULL) THEN
		RETURN 0;
	END IF;
	FOR day IN SELECT today + i FROM generate_series(0, 7) i
		UNION SELECT (d.finished_at AT TIME ZONE 'UTC')::date FROM job_done_rest d ORDER BY 1
	LOOP
		CONTINUE WHEN to_regclass(history_part(day)) IS NOT NULL;
		EXIT WHEN NOT history_lock();
		EXECUTE format($q$
			CREATE TABLE %1$I (LIKE job_done INCLUDING ALL);
			WITH m AS (DELETE FROM job_done_rest
				WHERE (finished_at AT TIME ZONE 'UTC')::date = %2$L RETURNING *)
			INSERT INTO %1$I SELECT * FROM m;
			ALTER TABLE job_done ATTACH PARTITION %1$I
				FOR VALUES FROM ('%2$s 00:00Z') TO ('%3$s 00:00Z')$q$,
			history_part(day), day, day + 1);
		made := made + 1;
	END LOOP;
	RETURN made;
END $$;

-- Drop days that no queue keeps.
CREATE FUNCTION history_drop() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	kept int := coalesce((SELECT max(q.history_days) FROM queue q), 0);
	dropped bigint := 0;
	part name;
BEGIN
	FOR part IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhparent = to_regclass('job_done') AND c.relname <> 'job_done_rest'
			AND c.relname < history_part((now() AT TIME ZONE 'UTC')::date - kept)
		ORDER BY 1
	LOOP
		EXIT WHEN NOT history_lock();
		EXECUTE format('DROP TABLE %I', part);
		dropped := dropped + 1;
	END LOOP;
	RETURN dropped;
END $$;

-- Partitions ahead, old days away, and of the days that some queue keeps longer what the
-- others do not: housekeeping.job_history, every hour.
CREATE FUNCTION api.job_history(most bigint) RETURNS TABLE (done bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	parts bigint := history_drop();
BEGIN
	DELETE FROM job_done d WHERE (d.id, d.finished_at) IN (
		SELECT x.id, x.finished_at FROM job_done x JOIN queue q ON q.name = x.queue
		WHERE x.finished_at < now() - coalesce(q.history_days, 0) * interval '1 day'
			AND (q.history_days IS NULL
				OR q.history_days < (SELECT max(y.history_days) FROM queue y))
		LIMIT $1);
	GET DIAGNOSTICS done = ROW_COUNT;
	done := done + parts + history_ahead();
	RETURN NEXT;
END $$;
