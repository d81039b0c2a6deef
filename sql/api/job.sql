-- Putting jobs: part of the transaction that makes them necessary.

-- Enqueue one job.  Its queue is the word of its kind before the dot.  A
-- run_at in the future puts it off.  With a dedupe key nothing happens, and
-- NULL is returned, while a job of that kind and key waits; the key is free
-- again when that job is claimed, so a change made meanwhile is not overlooked.
CREATE FUNCTION job_put(kind text, subject bigint, run_at timestamptz DEFAULT NULL,
	payload jsonb DEFAULT NULL, dedupe text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	job_id bigint;
BEGIN
	IF $5 IS NOT NULL THEN
		INSERT INTO job_unique VALUES ($1, $5) ON CONFLICT DO NOTHING;
		IF NOT FOUND THEN
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

-- Enqueue one job of a kind for each subject.
CREATE FUNCTION job_put_many(kind text, subjects bigint[],
	run_at timestamptz DEFAULT NULL) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	slot smallint := queue_of($1);
	trace text := job_trace();
BEGIN
	IF $3 > now() THEN
		INSERT INTO job_later (id, run_at, subject, created_at, kind, trace)
		SELECT nextval('job_seq'), $3, s, now(), $1, trace FROM unnest($2) s;
		RETURN;
	END IF;
	INSERT INTO job (slot, seq, id, subject, created_at, kind, trace)
	SELECT slot, s.seq, s.seq, s.subject, now(), $1, trace
	FROM (SELECT nextval('job_seq') AS seq, u AS subject FROM unnest($2) u OFFSET 0) s;
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

CREATE FUNCTION job_trace() RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT nullif(current_setting('shop.trace_id', true), '')
$$;
