-- Putting jobs: part of the transaction that makes them necessary.

-- Enqueue one job.  Its queue is the word of its kind before the dot, unless another
-- is named.  A run_at in the future puts it off.  With a dedupe key nothing happens, and
-- NULL is returned, while a job of that kind and key waits.  That job is not
-- claimed before this transaction ends, so it sees what is written here.  Priority is
-- -2 (before all others) to 2 (when nothing else waits).
CREATE FUNCTION job_put(kind text, subject bigint, run_at timestamptz DEFAULT NULL,
	payload jsonb DEFAULT NULL, dedupe text DEFAULT NULL, priority int DEFAULT 0,
	queue text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	job_id bigint;
BEGIN
	IF $6 <> 0 THEN
		PERFORM queue_level(coalesce($7, split_part($1, '.', 1)), $6);
	END IF;
	IF $5 IS NOT NULL THEN
		IF NOT job_key_take($1, $5) THEN
			RETURN NULL;
		END IF;
	END IF;
	IF $3 > now() THEN
		PERFORM queue_of($1, $7);
		INSERT INTO job_later (id, run_at, subject, created_at, kind, dedupe, trace, payload,
			priority, queue)
		VALUES (nextval('job_seq'), $3, $2, now(), $1, $5, job_trace(), $4, nullif($6, 0), $7)
		RETURNING id INTO job_id;
		RETURN job_id;
	END IF;
	job_id := nextval('job_seq');
	INSERT INTO job (slot, priority, seq, id, subject, created_at, kind, dedupe, trace,
		payload)
	SELECT h.head, $6, job_id, job_id, $2, now(), $1, $5, job_trace(), $4
	FROM queue_head h WHERE h.queue = coalesce($7, split_part($1, '.', 1));
	IF NOT FOUND THEN
		PERFORM queue_of($1, $7);
	END IF;
	RETURN job_id;
END $$;

-- Enqueue one job of a kind for each subject; each may have a trace of its own.
CREATE FUNCTION job_put_many(kind text, subjects bigint[],
	run_at timestamptz DEFAULT NULL, traces text[] DEFAULT NULL, payload jsonb DEFAULT NULL,
	priority int DEFAULT 0, queue text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	slot smallint := queue_of($1, $7);
	trace text := job_trace();
BEGIN
	IF $6 <> 0 THEN
		PERFORM queue_level(coalesce($7, split_part($1, '.', 1)), $6);
	END IF;
	IF $3 > now() THEN
		INSERT INTO job_later (id, run_at, subject, created_at, kind, trace, payload,
			priority, queue)
		SELECT nextval('job_seq'), $3, $2[i], now(), $1, coalesce($4[i], trace), $5,
			nullif($6, 0), $7
		FROM generate_subscripts($2, 1) i;
		RETURN;
	END IF;
	INSERT INTO job (slot, priority, seq, id, subject, created_at, kind, trace, payload)
	SELECT slot, $6, s.seq, s.seq, $2[s.i], now(), $1, coalesce($4[s.i], trace), $5
	FROM (SELECT nextval('job_seq') AS seq, i
		FROM generate_subscripts($2, 1) i OFFSET 0) s;
END $$;

-- The slot that takes new rows of a kind; a kind without a queue is our mistake.
CREATE FUNCTION queue_of(kind text, queue text DEFAULT NULL) RETURNS smallint
LANGUAGE plpgsql STABLE AS $$
DECLARE
	slot smallint;
BEGIN
	SELECT h.head INTO slot FROM queue_head h
	WHERE h.queue = coalesce($2, split_part($1, '.', 1));
	IF slot IS NULL THEN
		PERFORM invalid('job_has_a_queue', CASE WHEN $2 IS NULL
			THEN format('there is no queue for jobs of kind %s', $1)
			ELSE format('there is no queue "%s"', $2) END, 'shopctl queue list');
	END IF;
	RETURN slot;
END $$;

-- A queue learns that it has jobs of a level: once, and without waiting for another who
-- says the same.  If that one fails, a sweep finds the jobs and the next one says it.
CREATE FUNCTION queue_level(queue text, level int) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	IF $2 NOT BETWEEN -2 AND 2 THEN
		PERFORM invalid('job_priority_is_a_level',
			format('%s is no priority: -2 (first) to 2 (last)', $2));
	END IF;
	IF NOT EXISTS (SELECT FROM queue_head h WHERE h.queue = $1 AND $2 = ANY (h.levels))
		AND pg_try_advisory_xact_lock(hashtext('queue_level'), hashtext($1)) THEN
		UPDATE queue_head h
		SET levels = ARRAY(SELECT l FROM unnest(h.levels || $2::smallint) l ORDER BY l)
		WHERE h.queue = $1 AND $2 <> ALL (h.levels);
	END IF;
END $$;

-- The queue of a slot, when it is not the one of the kind.
CREATE FUNCTION slot_queue(slot bigint, kind text) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT q.name FROM queue q WHERE q.id = $1 / 4 AND q.name <> split_part($2, '.', 1)
$$;

-- What this transaction puts belongs to the trace of that order, unless whoever asks
-- has one.  Local to the transaction, so that connections can be shared.
CREATE FUNCTION job_trace_of(order_id bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	IF job_trace() IS NULL THEN
		PERFORM set_config('shop.trace_id', o.trace, true) FROM orders o
		WHERE o.id = $1 AND o.trace IS NOT NULL;
	END IF;
END $$;

CREATE FUNCTION job_trace() RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT nullif(current_setting('shop.trace_id', true), '')
$$;

-- Take the key, or else hold the job that has it back until we end.
CREATE FUNCTION job_key_take(kind text, key text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
	LOOP
		INSERT INTO job_unique VALUES ($1, $2) ON CONFLICT DO NOTHING;
		IF FOUND THEN
			RETURN true;
		END IF;
		PERFORM FROM job_unique u WHERE u.kind = $1 AND u.key = $2 FOR KEY SHARE;
		IF FOUND THEN
			RETURN false;
		END IF;
	END LOOP;
END $$;

-- Put a claimed job back into the line.
CREATE FUNCTION job_again(l job_lease, j job_item, priority int, crashes int) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO job (slot, priority, attempt, crashes, seq, id, subject, created_at, kind,
		trace, payload)
	SELECT h.head, $3, j.attempt, $4, nextval('job_seq'), j.id, j.subject, j.created_at,
		j.kind, j.trace, j.payload
	FROM queue_head h WHERE h.base = l.slot / 4 * 4;
END $$;

-- Give up on a job: an operator decides what becomes of it.
CREATE FUNCTION job_bury(l job_lease, j job_item, attempt int, crashes int, rule text,
	message text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO job_dead (id, queue, attempt, crashes, subject, created_at, kind, dedupe,
		trace, payload, rule, message, priority)
	SELECT j.id, q.name, $3, $4, j.subject, j.created_at, j.kind, j.dedupe, j.trace,
		j.payload, coalesce($5, 'unknown'), coalesce($6, ''), nullif(l.level, 9)
	FROM queue q WHERE q.id = l.slot / 4;
END $$;

-- Enqueue by hand: one job for each subject.
CREATE FUNCTION api.job_enqueue(kind text, subjects bigint[], run_at timestamptz,
	payload jsonb, priority bigint, queue text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM job_put_many($1, $2, $3, NULL, $4, $5::int, $6);
	PERFORM audit('job/' || $1, 'enqueue', NULL, jsonb_build_object('subjects',
		to_jsonb($2), 'run_at', $3, 'payload', $4, 'priority', $5, 'queue', $6));
END $$;

-- Jobs in any state, newest first; finished ones only when asked for those.
CREATE FUNCTION api.job_find(queue text, kind text, state text, subject bigint, n bigint)
RETURNS SETOF job_any
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	IF $3 = 'done' THEN
		RETURN QUERY SELECT * FROM job_ended j
		WHERE ($1 IS NULL OR j.queue = $1) AND ($2 IS NULL OR j.kind = $2)
			AND (coalesce($4, 0) = 0 OR j.subject = $4)
		ORDER BY j.id DESC LIMIT $5;
		RETURN;
	END IF;
	RETURN QUERY SELECT * FROM job_any j
	WHERE ($1 IS NULL OR j.queue = $1)
		AND ($2 IS NULL OR j.kind = $2)
		AND ($3 IS NULL OR j.state = $3)
		AND (coalesce($4, 0) = 0 OR j.subject = $4)
	ORDER BY j.id DESC LIMIT $5;
END $$;

CREATE FUNCTION api.job_show(id bigint) RETURNS SETOF job_any
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT * FROM job_any j WHERE j.id = $1 LIMIT 1;
	IF NOT FOUND THEN
		RETURN QUERY SELECT * FROM job_ended j WHERE j.id = $1 ORDER BY j.due_at DESC LIMIT 1;
	END IF;
	IF NOT FOUND THEN
		PERFORM absent('job_exists', format('job %s is finished, or never was', $1),
			'shopctl job list, or --state done of a queue with a history');
	END IF;
END $$;
