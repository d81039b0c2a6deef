-- What operators do to many jobs at once: run them again, cancel, put off, move, purge.

-- In which states a verb may find its jobs; running ones are their worker's.
CREATE FUNCTION job_verb_states(verb text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE $1 WHEN 'retry' THEN '{dead,later}'::text[]
		WHEN 'cancel' THEN '{ready,quarantined,later}' WHEN 'reschedule' THEN '{ready,later}'
		WHEN 'move' THEN '{ready,later,dead}' WHEN 'purge' THEN '{dead,done}' END
$$;

-- The next n jobs after one that the filters fit; a filter that is null fits all.
CREATE FUNCTION job_match(ids bigint[], states text[], queue text, kind text,
	older timestamptz, error text, after bigint, n bigint)
RETURNS SETOF job_any LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT * FROM (SELECT * FROM job_any
		UNION ALL SELECT * FROM job_ended WHERE 'done' = ANY ($2)) j
	WHERE j.id > $7 AND j.state = ANY ($2)
		AND ($1 IS NULL OR j.id = ANY ($1))
		AND ($3 IS NULL OR j.queue = $3)
		AND ($4 IS NULL OR j.kind = $4)
		AND ($5 IS NULL OR CASE WHEN j.state IN ('dead', 'done') THEN j.due_at
			ELSE j.created_at END < $5)
		AND ($6 IS NULL OR j.rule = $6 OR j.message ILIKE '%' || $6 || '%')
	ORDER BY j.id LIMIT $8;
END $$;

-- Take jobs out of wherever they wait; a worker may be quicker, and then they are his.
-- All of them before the first answer, which may go back into the same tables.
CREATE FUNCTION job_take_out(ids bigint[]) RETURNS TABLE (id bigint, state text,
	queue text, priority smallint, attempt smallint, crashes smallint, subject bigint,
	created_at timestamptz, kind text, dedupe text, trace text, payload jsonb,
	run_at timestamptz, rule text, message text, died_at timestamptz)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY WITH r AS (DELETE FROM job j WHERE j.id = ANY ($1) RETURNING j.*),
	l AS (DELETE FROM job_later j WHERE j.id = ANY ($1) RETURNING j.*),
	d AS (DELETE FROM job_dead j WHERE j.id = ANY ($1) RETURNING j.*)
	SELECT r.id, 'ready', h.queue, (CASE WHEN r.priority = 9 THEN 0 ELSE r.priority END)::smallint,
		r.attempt, r.crashes, r.subject, r.created_at, r.kind, r.dedupe, r.trace,
		r.payload, NULL::timestamptz, NULL::text, NULL::text, NULL::timestamptz
	FROM r JOIN queue_head h ON h.base = r.slot / 4 * 4
	UNION ALL
	SELECT l.id, 'later', coalesce(l.queue, split_part(l.kind, '.', 1)),
		coalesce(l.priority, 0::smallint), l.attempt, l.crashes, l.subject, l.created_at,
		l.kind, l.dedupe, l.trace, l.payload, l.run_at, l.rule, l.message, NULL
	FROM l
	UNION ALL
	SELECT d.id, 'dead', d.queue, coalesce(d.priority, 0::smallint), d.attempt, d.crashes,
		d.subject, d.created_at, d.kind, NULL::text, d.trace, d.payload, NULL, d.rule, d.message,
		d.died_at
	FROM d;
END $$;

-- Put them where they belong now: dead ones begin anew, those for later wait until at or
-- until their own time, all others are ready.  Answers with those that were still there.
CREATE FUNCTION job_bring_back(ids bigint[], verb text, at timestamptz, to_queue text,
	to_priority int) RETURNS SETOF bigint LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY WITH t AS MATERIALIZED (
		SELECT x.id, x.state, coalesce($4, x.queue) AS queue,
			coalesce($5, x.priority)::smallint AS priority,
			CASE x.state WHEN 'dead' THEN CASE $2 WHEN 'retry' THEN 0 ELSE x.attempt END
				ELSE x.attempt END AS attempt,
			CASE WHEN x.state = 'dead' AND $2 = 'retry' THEN 0 ELSE x.crashes END AS crashes,
			x.subject, x.created_at, x.kind, x.dedupe, x.trace, x.payload,
			CASE $2 WHEN 'reschedule' THEN $3 WHEN 'move' THEN x.run_at END AS run_at,
			x.rule, x.message, x.died_at, $2 = 'move' AND x.state = 'dead' AS stays
		FROM job_take_out($1) x),
	d AS (
		INSERT INTO job_dead (id, queue, died_at, attempt, crashes, subject, created_at,
			kind, trace, payload, rule, message, priority)
		SELECT t.id, t.queue, t.died_at, t.attempt, t.crashes, t.subject, t.created_at,
			t.kind, t.trace, t.payload, t.rule, t.message, nullif(t.priority, 0)
		FROM t WHERE t.stays),
	l AS (
		INSERT INTO job_later (id, run_at, attempt, crashes, subject, created_at, kind,
			dedupe, trace, payload, rule, message, priority, queue)
		SELECT t.id, t.run_at, t.attempt, t.crashes, t.subject, t.created_at, t.kind,
			t.dedupe, t.trace, t.payload, t.rule, t.message, nullif(t.priority, 0),
			nullif(t.queue, split_part(t.kind, '.', 1))
		FROM t WHERE NOT t.stays AND t.run_at > now()),
	r AS (
		INSERT INTO job (slot, priority, attempt, crashes, seq, id, subject, created_at,
			kind, dedupe, trace, payload)
		SELECT h.head, t.priority, t.attempt, t.crashes, nextval('job_seq'), t.id,
			t.subject, t.created_at, t.kind, t.dedupe, t.trace, t.payload
		FROM t JOIN queue_head h ON h.queue = t.queue
		WHERE NOT t.stays AND (t.run_at IS NULL OR t.run_at <= now()))
	SELECT t.id FROM t;
END $$;

-- They are gone for good, and so are the keys of those that waited.
CREATE FUNCTION job_discard(ids bigint[], verb text) RETURNS SETOF bigint
LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY WITH t AS MATERIALIZED (SELECT * FROM job_take_out($1)),
	u AS (DELETE FROM job_unique u USING t WHERE u.kind = t.kind AND u.key = t.dedupe)
	SELECT t.id FROM t;
	IF $2 = 'purge' THEN
		RETURN QUERY DELETE FROM job_done d WHERE d.id = ANY ($1) RETURNING d.id;
	END IF;
END $$;

-- One verb for the next n jobs that the filters fit, beginning after a job: what was
-- done to which.  `at`, `to_queue` and `to_priority` are what the verb needs.
CREATE FUNCTION job_do(verb text, ids bigint[], of_queue text, of_kind text, of_state text,
	older timestamptz, error text, after bigint, n bigint, at timestamptz DEFAULT NULL,
	to_queue text DEFAULT NULL, to_priority bigint DEFAULT NULL)
RETURNS TABLE (id bigint, kind text, subject bigint, state text, queue text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
	states text[] := job_verb_states($1);
	found job_any[];
	those bigint[];
BEGIN
	IF $5 IS NOT NULL AND $5 <> ALL (states) THEN
		PERFORM refuse('job_verb_fits_its_state', format('%s is for jobs that are %s', $1,
			array_to_string(states, ' or ')), 'shopctl job list --state ' || $5);
	END IF;
	PERFORM job_bulk_may($2, $1, $8), job_target($11, $12::int);
	found := ARRAY(SELECT j FROM job_match($2, CASE WHEN $5 IS NULL THEN states
		ELSE ARRAY[$5] END, $3, $4, $6, $7, $8, $9) j);
	those := ARRAY(SELECT f.id FROM unnest(found) f);
	IF $1 IN ('cancel', 'purge') THEN
		those := ARRAY(SELECT d FROM job_discard(those, $1) d);
	ELSE
		those := ARRAY(SELECT d FROM job_bring_back(those, $1, $10, $11, $12::int) d);
	END IF;
	PERFORM audit('job/' || f.id, $1, jsonb_build_object('state', f.state, 'kind', f.kind,
		'queue', f.queue, 'subject', f.subject), CASE $1
		WHEN 'reschedule' THEN to_jsonb($10)
		WHEN 'move' THEN jsonb_build_object('queue', $11, 'priority', $12) END)
	FROM unnest(found) f WHERE f.id = ANY (those);
	RETURN QUERY SELECT f.id, f.kind, f.subject, f.state, f.queue FROM unnest(found) f
		WHERE f.id = ANY (those) ORDER BY f.id;
END $$;

-- Dead jobs again with all their tries, postponed ones now.
CREATE FUNCTION api.job_retry(ids bigint[], of_queue text, of_kind text, of_state text,
	older timestamptz, error text, after bigint, n bigint)
RETURNS TABLE (id bigint, kind text, subject bigint, state text, queue text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT * FROM job_do('retry', $1, $2, $3, $4, $5, $6, $7, $8);
END $$;

-- The verbs that can lose work: cancel, reschedule, move, purge.
CREATE FUNCTION api.job_bulk(verb text, ids bigint[], of_queue text, of_kind text,
	of_state text, older timestamptz, error text, after bigint, n bigint, at timestamptz,
	to_queue text, to_priority bigint)
RETURNS TABLE (id bigint, kind text, subject bigint, state text, queue text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT * FROM job_do($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);
END $$;

-- Jobs that somebody names are there, and in a state that the verb is for.
CREATE FUNCTION job_bulk_may(ids bigint[], verb text, after bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	id bigint;
	j job_any;
BEGIN
	FOREACH id IN ARRAY CASE WHEN $3 = 0 THEN coalesce($1, '{}') ELSE '{}' END LOOP
		j := api.job_show(id);
		IF j.state <> ALL (job_verb_states($2)) THEN
			PERFORM refuse('job_verb_fits_its_state', format('job %s is %s; %s is for jobs that are %s',
				id, j.state, $2, array_to_string(job_verb_states($2), ' or ')),
				'shopctl job show ' || id);
		END IF;
	END LOOP;
END $$;

-- Where jobs are moved to exists, and knows the level.
CREATE FUNCTION job_target(queue text, priority int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF $1 IS NOT NULL THEN
		PERFORM queue_known($1, EXISTS (SELECT FROM queue q WHERE q.name = $1));
	END IF;
	IF $2 <> 0 THEN
		PERFORM queue_level(h.queue, $2) FROM queue_head h WHERE $1 IS NULL OR h.queue = $1;
	END IF;
END $$;
