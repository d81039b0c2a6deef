-- Putting jobs: part of the transaction that makes them necessary.

-- Enqueue one job.  Its queue is the word of its kind before the dot.  A
-- run_at in the future puts it off.  With a dedupe key nothing happens, and
-- NULL is returned, while a job of that kind and key waits.  That job is not
-- claimed before this transaction ends, so it sees what is written here.
CREATE FUNCTION job_put(kind text, subject bigint, run_at timestamptz DEFAULT NULL,
	payload jsonb DEFAULT NULL, dedupe text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	job_id bigint;
BEGIN
	IF $5 IS NOT NULL THEN
		IF NOT job_key_take($1, $5) THEN
			RETURN NULL;
		END IF;
	END IF;
	IF $3 > now() THEN
		PERFORM queue_of($1);
		INSERT INTO job_later (id, run_at, subject, created_at, kind, dedupe, trace, payload)
		VALUES (nextval('job_seq'), $3, $2, now(), $1, $5, job_trace(), $4)
		RETURNING id INTO job_id;
		RETURN job_id;
	END IF;
	job_id := nextval('job_seq');
	INSERT INTO job (slot, seq, id, subject, created_at, kind, dedupe, trace, payload)
	SELECT h.head, job_id, job_id, $2, now(), $1, $5, job_trace(), $4
	FROM queue_head h WHERE h.queue = split_part($1, '.', 1);
	IF NOT FOUND THEN
		PERFORM queue_of($1);
	END IF;
	RETURN job_id;
END $$;

-- Enqueue one job of a kind for each subject; each may have a trace of its own.
CREATE FUNCTION job_put_many(kind text, subjects bigint[],
	run_at timestamptz DEFAULT NULL, traces text[] DEFAULT NULL) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	slot smallint := queue_of($1);
	trace text := job_trace();
BEGIN
	IF $3 > now() THEN
		INSERT INTO job_later (id, run_at, subject, created_at, kind, trace)
		SELECT nextval('job_seq'), $3, $2[i], now(), $1, coalesce($4[i], trace)
		FROM generate_subscripts($2, 1) i;
		RETURN;
	END IF;
	INSERT INTO job (slot, seq, id, subject, created_at, kind, trace)
	SELECT slot, s.seq, s.seq, $2[s.i], now(), $1, coalesce($4[s.i], trace)
	FROM (SELECT nextval('job_seq') AS seq, i
		FROM generate_subscripts($2, 1) i OFFSET 0) s;
END $$;

-- The slot that takes new rows of a kind; a kind without a queue is our mistake.
CREATE FUNCTION queue_of(kind text) RETURNS smallint
LANGUAGE plpgsql STABLE AS $$
DECLARE
	slot smallint;
BEGIN
	SELECT h.head INTO slot FROM queue_head h WHERE h.queue = split_part($1, '.', 1);
	IF slot IS NULL THEN
		PERFORM invalid('job_has_a_queue',
			format('there is no queue for jobs of kind %s', $1), 'shopctl queue list');
	END IF;
	RETURN slot;
END $$;

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
CREATE FUNCTION job_again(j job_item, priority int, crashes int) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO job (slot, priority, attempt, crashes, seq, id, subject, created_at, kind,
		trace, payload)
	VALUES (queue_of(j.kind), $2, j.attempt, $3, nextval('job_seq'), j.id, j.subject,
		j.created_at, j.kind, j.trace, j.payload);
END $$;

-- Give up on a job: an operator decides what becomes of it.
CREATE FUNCTION job_bury(j job_item, attempt int, crashes int, rule text, message text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO job_dead (id, queue, attempt, crashes, subject, created_at, kind, dedupe,
		trace, payload, rule, message)
	VALUES (j.id, split_part(j.kind, '.', 1), $2, $3, j.subject, j.created_at, j.kind,
		j.dedupe, j.trace, j.payload, coalesce($4, 'unknown'), coalesce($5, ''));
END $$;

-- Enqueue by hand: one job for each subject.
CREATE FUNCTION api.job_enqueue(kind text, subjects bigint[], run_at timestamptz)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM job_put_many($1, $2, $3);
END $$;

-- Jobs in any state, newest first.
CREATE FUNCTION api.job_find(queue text, kind text, state text, subject bigint, n bigint)
RETURNS SETOF job_any
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT * FROM job_any j
	WHERE ($1 IS NULL OR split_part(j.kind, '.', 1) = $1)
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
		PERFORM absent('job_exists', format('job %s is finished, or never was', $1),
			'shopctl job list');
	END IF;
END $$;

-- Run a dead job again with all its tries, or a postponed one now.
CREATE FUNCTION api.job_retry(id bigint) RETURNS SETOF job_any
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	IF NOT job_revive($1) THEN
		PERFORM api.job_show($1);
		PERFORM refuse('job_waits_or_is_dead',
			format('job %s is ready or running already', $1), 'shopctl job show ' || $1);
	END IF;
	PERFORM audit('job/' || $1, 'retry', NULL, NULL);
	RETURN QUERY SELECT * FROM api.job_show($1);
END $$;

CREATE FUNCTION job_revive(id bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	WITH j AS (DELETE FROM job_dead d WHERE d.id = $1 RETURNING d.*),
	l AS (DELETE FROM job_later d WHERE d.id = $1 RETURNING d.*)
	INSERT INTO job (slot, attempt, crashes, seq, id, subject, created_at, kind, trace,
		payload, dedupe)
	SELECT queue_of(j.kind), 0, 0, nextval('job_seq'), j.id, j.subject, j.created_at,
		j.kind, j.trace, j.payload, NULL
	FROM j
	UNION ALL
	SELECT queue_of(l.kind), l.attempt, l.crashes, nextval('job_seq'), l.id, l.subject,
		l.created_at, l.kind, l.trace, l.payload, l.dedupe
	FROM l;
	RETURN FOUND;
END $$;

-- Dead letters, newest first.
CREATE FUNCTION api.dlq_find(queue text, kind text, rule text, n bigint)
RETURNS SETOF job_dead
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT * FROM job_dead d
	WHERE ($1 IS NULL OR d.queue = $1) AND ($2 IS NULL OR d.kind = $2)
		AND ($3 IS NULL OR d.rule = $3)
	ORDER BY d.died_at DESC, d.id DESC LIMIT $4;
END $$;

-- Run the dead letters that match again; at most n, oldest first.
CREATE FUNCTION api.dlq_retry(of_queue text, of_kind text, of_rule text, n bigint)
RETURNS TABLE (id bigint, kind text, subject bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	d job_dead;
BEGIN
	FOR d IN SELECT * FROM job_dead x
		WHERE ($1 IS NULL OR x.queue = $1) AND ($2 IS NULL OR x.kind = $2)
			AND ($3 IS NULL OR x.rule = $3)
		ORDER BY x.died_at, x.id LIMIT $4 FOR UPDATE SKIP LOCKED
	LOOP
		PERFORM job_revive(d.id), audit('job/' || d.id, 'retry', NULL, NULL);
		id := d.id;
		kind := d.kind;
		subject := d.subject;
		RETURN NEXT;
	END LOOP;
END $$;
