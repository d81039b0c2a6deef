-- Queues: their slots, the functions of each slot, rotation, pause.

-- Make what a queue needs and does not have: a head, and four slots with
-- their partitions and functions.  Runs at the end of every `migrate up`.
CREATE FUNCTION queue_sync() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	q record;
	slot int;
BEGIN
	FOR q IN SELECT name, id * 4 AS base, history_days FROM queue ORDER BY id LOOP
		FOR slot IN q.base .. q.base + 3 LOOP
			PERFORM slot_tables(slot), slot_functions(slot),
				slot_drop_function(slot, q.name, q.history_days IS NOT NULL);
		END LOOP;
		INSERT INTO queue_head (queue, base, head, live)
		VALUES (q.name, q.base, q.base, ARRAY[q.base]) ON CONFLICT DO NOTHING;
	END LOOP;
	PERFORM slot_dispatch(), history_ahead();
END $$;

-- Attached, not created as a partition: that would lock out all enqueuing.
-- Rows are never updated and slots are truncated, so vacuum has no part here.
CREATE FUNCTION slot_tables(slot int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	parent text;
	part text;
BEGIN
	FOREACH parent IN ARRAY ARRAY['job', 'job_lease'] LOOP
		part := format('%s_%s', parent, slot);
		CONTINUE WHEN to_regclass(part) IS NOT NULL;
		EXECUTE format('CREATE TABLE %1$s (LIKE %2$s INCLUDING ALL,
			CHECK (slot = %3$s)) WITH (autovacuum_enabled = off)', part, parent, slot);
		EXECUTE format('ALTER TABLE %2$s ATTACH PARTITION %1$s FOR VALUES IN (%3$s)',
			part, parent, slot);
	END LOOP;
END $$;

-- The statements of the claim, once a slot.  Naming the partition keeps the
-- plan cached and locks no other slot, so that those can be truncated: 23 us
-- against 35 for one generic plan over all slots, 81 planned at each call.
-- The array makes an InitPlan and a TID scan of it; a join would read the table.
CREATE FUNCTION slot_functions(slot int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE replace($template$
		CREATE OR REPLACE FUNCTION job_take_SLOT(owner text, n int, priority smallint, after bigint,
			lease interval) RETURNS job_lease LANGUAGE plpgsql AS $body$
		DECLARE
			l job_lease;
		BEGIN
			WITH d AS (
				DELETE FROM job_SLOT WHERE ctid = ANY (ARRAY(
					SELECT j.ctid FROM job_SLOT j
					WHERE j.priority = $3 AND j.slot = SLOT::smallint AND j.seq > $4
					ORDER BY j.seq LIMIT $2 FOR UPDATE SKIP LOCKED))
				RETURNING *)
			INSERT INTO job_lease_SLOT (slot, id, n, expires_at, claimed_at, owner, last,
				level, keyed, jobs)
			SELECT SLOT, nextval('job_lease_seq'), count(*), now() + $5, now(), $1,
				max(d.seq), nullif($3, 0::smallint), count(d.dedupe) > 0,
				array_agg(ROW(d.id, d.subject, d.created_at, d.attempt, d.crashes, d.kind,
					d.dedupe, d.trace, d.payload)::job_item ORDER BY d.seq)
			FROM d HAVING count(*) > 0
			RETURNING * INTO l;
			RETURN l;
		END $body$
	$template$, 'SLOT', slot::text);
END $$;

-- The way from a slot's number to its functions: a text made of the number would be
-- parsed and planned at each call, which is a third of what a claim of one job costs.
CREATE FUNCTION slot_dispatch() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	takes text;
	drops text;
BEGIN
	SELECT string_agg(format('WHEN %s THEN CASE $1 %% 4 %s END CASE;', q.id, s.takes), E'\n' ORDER BY q.id),
		string_agg(format('WHEN %s THEN CASE $1 %% 4 %s END CASE;', q.id, s.drops), E'\n' ORDER BY q.id)
	INTO takes, drops
	FROM queue q CROSS JOIN LATERAL (
		SELECT string_agg(format('WHEN %s THEN RETURN job_take_%s($2, $3, $4, $5, $6);',
				i, q.id * 4 + i), ' ') AS takes,
			string_agg(format('WHEN %s THEN RETURN job_drop_%s($2, $3);',
				i, q.id * 4 + i), ' ') AS drops
		FROM generate_series(0, 3) i) s;
	EXECUTE format($template$
		CREATE OR REPLACE FUNCTION job_take_from(slot int, owner text, n int,
			priority smallint, after bigint, lease interval) RETURNS job_lease
		LANGUAGE plpgsql AS $body$
		BEGIN
			CASE $1 / 4 %s END CASE;
		END $body$;
		CREATE OR REPLACE FUNCTION job_drop_from(slot int, lease bigint, owner text)
		RETURNS boolean LANGUAGE plpgsql AS $body$
		BEGIN
			CASE $1 / 4 %s END CASE;
		END $body$;
	$template$, takes, drops);
END $$;

-- What ends a lease.  Whether finished jobs are written down is decided here, when the
-- function is made, so that a queue that wants no history never asks.
CREATE FUNCTION slot_drop_function(slot int, queue text, history boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	plain text := $template$
			DELETE FROM job_lease_SLOT l
			WHERE l.slot = SLOT::smallint AND l.id = $1 AND l.owner = $2;
			RETURN FOUND;$template$;
	kept text := $template$
			WITH l AS (
				DELETE FROM job_lease_SLOT l
				WHERE l.slot = SLOT::smallint AND l.id = $1 AND l.owner = $2 RETURNING *),
			d AS (
				INSERT INTO job_done (finished_at, id, priority, attempt, crashes, queue,
					kind, subject, created_at, claimed_at, owner, dedupe, trace, payload)
				SELECT now(), j.id, coalesce(l.level, 0), j.attempt, j.crashes, QUEUE,
					j.kind, j.subject, j.created_at, l.claimed_at, l.owner, j.dedupe,
					j.trace, j.payload
				FROM l, unnest(l.jobs) WITH ORDINALITY j
				WHERE l.moved IS NULL OR get_bit(l.moved, j.ordinality::int - 1) = 0)
			SELECT true INTO ours FROM l;
			RETURN ours IS NOT NULL;$template$;
BEGIN
	EXECUTE replace(replace(format($template$
		CREATE OR REPLACE FUNCTION job_drop_SLOT(lease bigint, owner text) RETURNS boolean
		LANGUAGE plpgsql AS $body$
		%s
		BEGIN%s
		END $body$
	$template$, CASE WHEN $3 THEN 'DECLARE ours boolean;' END,
		CASE WHEN $3 THEN kept ELSE plain END), 'SLOT', $1::text),
		'QUEUE', quote_literal($2));
END $$;

-- Open a queue; jobs of kinds that begin with its name go there.
CREATE FUNCTION api.queue_create(name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	INSERT INTO queue (name) VALUES ($1);
	PERFORM queue_sync();
	PERFORM audit('queue/' || $1, 'create', NULL, NULL);
END $$;

-- Move a queue along its ring: truncate sealed slots that are empty, and seal the
-- head when it is old or large.  One caller at a time; nobody waits for it.
CREATE FUNCTION api.queue_rotate(queue text, force boolean)
RETURNS TABLE (head int, live bigint, truncated bigint, skipped bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	h queue_head;
	s smallint;
	next smallint;
BEGIN
	IF NOT pg_try_advisory_xact_lock(hashtext('queue_rotate'), hashtext($1)) THEN
		RETURN;
	END IF;
	SELECT * INTO h FROM queue_head WHERE queue = $1;
	FOREACH s IN ARRAY h.live LOOP
		CONTINUE WHEN s = h.head OR NOT slot_is_empty(s);
		IF slot_truncate(s) THEN
			UPDATE queue_head SET live = array_remove(live, s), truncations = truncations + 1
			WHERE queue = $1;
		ELSE
			UPDATE queue_head SET skips = skips + 1 WHERE queue = $1;
		END IF;
	END LOOP;
	next := h.base + (h.head - h.base + 1) % 4;
	IF slot_is_due(h, $2) THEN
		UPDATE queue_head SET head = next, live = live || next, since = now()
		WHERE queue = $1 AND next <> ALL (live);
	END IF;
	RETURN QUERY SELECT head::int, cardinality(live)::bigint, truncations, skips
	FROM queue_head WHERE queue = $1;
END $$;

-- Whether the head has taken enough to be sealed.
CREATE FUNCTION slot_is_due(h queue_head, force boolean) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
	bytes bigint := pg_relation_size(format('job_%s', h.head)::regclass)
		+ pg_total_relation_size(format('job_lease_%s', h.head)::regclass);
BEGIN
	RETURN $2 AND pg_relation_size(format('job_%s', h.head)::regclass) > 0
		OR bytes > 64 << 20
		OR bytes > 256 << 10 AND now() - h.since > (
			SELECT q.rotate_every FROM queue q WHERE q.name = h.queue);
END $$;

CREATE FUNCTION slot_is_empty(slot smallint) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
	empty boolean;
BEGIN
	EXECUTE format('SELECT NOT EXISTS (SELECT FROM job_%1$s)
		AND NOT EXISTS (SELECT FROM job_lease_%1$s)', $1) INTO empty;
	RETURN empty;
END $$;

-- A transaction that put a job here and has not ended holds a lock, so the slot
-- is left alone; one that only read the old head and comes later writes into the
-- truncated slot, where the sweep of the workers finds it.
CREATE FUNCTION slot_truncate(slot smallint) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('LOCK TABLE job_%1$s, job_lease_%1$s IN ACCESS EXCLUSIVE MODE NOWAIT', $1);
	IF NOT slot_is_empty($1) THEN
		RETURN false;
	END IF;
	EXECUTE format('TRUNCATE job_%1$s, job_lease_%1$s', $1);
	RETURN true;
EXCEPTION WHEN lock_not_available THEN
	RETURN false;
END $$;

-- Nothing is claimed from a paused queue; jobs under way finish.
CREATE FUNCTION api.queue_pause(queue text, reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	UPDATE queue q SET paused_at = coalesce(q.paused_at, now()), pause_reason = $2
	WHERE q.name = $1;
	PERFORM queue_known($1, FOUND), audit('queue/' || $1, 'pause', NULL, to_jsonb($2));
END $$;

CREATE FUNCTION api.queue_resume(queue text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	UPDATE queue q SET paused_at = NULL, pause_reason = NULL WHERE q.name = $1;
	PERFORM queue_known($1, FOUND), audit('queue/' || $1, 'resume', NULL, NULL);
END $$;

CREATE FUNCTION queue_known(queue text, found boolean) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	IF NOT $2 THEN
		PERFORM absent('queue_exists', format('there is no queue "%s"', $1),
			'shopctl queue list');
	END IF;
END $$;

-- How much of a queue runs at once and begins a second, over all workers.  Null leaves a
-- limit as it is and 0 takes it away.
CREATE FUNCTION api.queue_limit(queue text, running bigint, rate double precision)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	was queue;
BEGIN
	SELECT * INTO was FROM queue q WHERE q.name = $1 FOR NO KEY UPDATE;
	PERFORM queue_known($1, FOUND);
	UPDATE queue q SET max_running = CASE WHEN $2 IS NULL THEN q.max_running
			ELSE nullif($2, 0) END,
		rate = CASE WHEN $3 IS NULL THEN q.rate ELSE nullif($3, 0) END
	WHERE q.name = $1;
	PERFORM audit('queue/' || $1, 'limit',
		jsonb_build_object('running', was.max_running, 'rate', was.rate),
		jsonb_build_object('running', $2, 'rate', $3));
END $$;

-- What one thread of a worker may begin of each queue that has a rate: an equal part of
-- it for every thread of the workers that live, but never more than the others have left
-- over.  So who comes new waits until they have asked again and taken less.  Who does not
-- ask again within 15 s has no part any more, and begins nothing.
CREATE FUNCTION api.queue_shares(owner text) RETURNS TABLE (name text, rate double precision)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	q record;
	mine bigint;
	threads bigint;
	part double precision;
BEGIN
	FOR q IN SELECT x.name, x.rate FROM queue x WHERE x.rate IS NOT NULL ORDER BY x.name LOOP
		SELECT count(*) FILTER (WHERE w.owner = $1), count(*) INTO mine, threads
		FROM worker w, unnest(w.queues) thread
		WHERE thread = q.name AND w.seen_at > now() - interval '15 s';
		CONTINUE WHEN mine = 0;
		PERFORM pg_advisory_xact_lock(hashtext('queue_share'), hashtext(q.name));
		DELETE FROM queue_share s WHERE s.queue = q.name
			AND (s.owner = $1 OR s.taken_at <= now() - interval '15 s');
		SELECT greatest(0, least(q.rate * mine / threads, q.rate - coalesce(sum(s.rate), 0)))
		INTO part FROM queue_share s WHERE s.queue = q.name;
		INSERT INTO queue_share (queue, owner, rate) VALUES (q.name, $1, part);
		name := q.name;
		rate := part / mine;
		RETURN NEXT;
	END LOOP;
END $$;

-- What waits and runs; `ready` is exact up to 100,000 and stops counting there.
CREATE FUNCTION api.queue_stats(queue text)
RETURNS TABLE (name text, state text, ready bigint, running bigint, later bigint,
	retrying bigint, dead bigint, oldest_s double precision, workers bigint,
	max_running bigint, rate double precision, history_days bigint, reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	IF $1 IS NOT NULL THEN
		PERFORM queue_known($1, EXISTS (SELECT FROM queue WHERE name = $1));
	END IF;
	RETURN QUERY SELECT q.name, CASE WHEN q.paused_at IS NULL THEN 'open' ELSE 'paused' END,
		(SELECT count(*) FROM (SELECT FROM job j
			WHERE j.slot BETWEEN h.base AND h.base + 3 LIMIT 100000) j),
		(SELECT coalesce(sum(l.n - coalesce(bit_count(l.acked), 0)), 0)::bigint
			FROM job_lease l WHERE l.slot BETWEEN h.base AND h.base + 3),
		s.later, s.retrying,
		(SELECT count(*) FROM job_dead d WHERE d.queue = q.name),
		(SELECT coalesce(extract(epoch FROM now() - min(o.created_at)), 0)::float8
			FROM generate_series(h.base, h.base + 3) s, unnest(h.levels) level, LATERAL (
				SELECT j.created_at FROM job j WHERE j.priority = level AND j.slot = s
				ORDER BY j.seq LIMIT 1) o),
		(SELECT count(*) FROM worker w WHERE q.name = ANY (w.queues)
			AND w.seen_at > now() - interval '30 s'),
		q.max_running::bigint, q.rate, q.history_days::bigint, q.pause_reason
	FROM queue q JOIN queue_head h ON h.queue = q.name CROSS JOIN LATERAL (
		SELECT count(*) AS later, count(*) FILTER (WHERE j.attempt > 0) AS retrying
		FROM job_later j WHERE coalesce(j.queue, split_part(j.kind, '.', 1)) = q.name) s
	WHERE $1 IS NULL OR q.name = $1 ORDER BY q.name;
END $$;

DO $$ BEGIN PERFORM queue_sync(); END $$;
