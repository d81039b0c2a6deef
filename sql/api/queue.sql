-- Queues: their slots, the functions of each slot, rotation, pause.

-- Make what a queue needs and does not have: a head, and four slots with
-- their partitions and functions.  Runs at the end of every `migrate up`.
CREATE FUNCTION queue_sync() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	q record;
	slot int;
BEGIN
	FOR q IN SELECT name, id * 4 AS base FROM queue ORDER BY id LOOP
		FOR slot IN q.base .. q.base + 3 LOOP
			PERFORM slot_tables(slot), slot_functions(slot);
		END LOOP;
		INSERT INTO queue_head (queue, base, head, live)
		VALUES (q.name, q.base, q.base, ARRAY[q.base]) ON CONFLICT DO NOTHING;
	END LOOP;
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

-- The two statements of the claim, once a slot: naming the partition keeps the
-- plan cached and leaves every other slot unlocked, so that it can be truncated.
-- The array makes an InitPlan and a TID scan of it; a join would read the table.
CREATE FUNCTION slot_functions(slot int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE replace($template$
		CREATE FUNCTION job_take_SLOT(owner text, n int, priority smallint, after bigint,
			lease interval) RETURNS bigint LANGUAGE plpgsql AS $body$
		DECLARE
			lease_id bigint;
		BEGIN
			WITH d AS (
				DELETE FROM job_SLOT WHERE ctid = ANY (ARRAY(
					SELECT j.ctid FROM job_SLOT j
					WHERE j.priority = $3 AND j.slot = SLOT::smallint AND j.seq > $4
					ORDER BY j.seq LIMIT $2 FOR UPDATE SKIP LOCKED))
				RETURNING *)
			INSERT INTO job_lease_SLOT (slot, id, n, expires_at, claimed_at, owner, last, jobs)
			SELECT SLOT, nextval('job_lease_seq'), count(*), now() + $5, now(), $1, max(d.seq),
				array_agg(ROW(d.id, d.subject, d.created_at, d.attempt, d.crashes, d.kind,
					d.dedupe, d.trace, d.payload)::job_item)
			FROM d HAVING count(*) > 0
			RETURNING id INTO lease_id;
			RETURN lease_id;
		END $body$;
		CREATE FUNCTION job_drop_SLOT(lease bigint, owner text) RETURNS boolean
		LANGUAGE plpgsql AS $body$
		BEGIN
			DELETE FROM job_lease_SLOT l
			WHERE l.slot = SLOT::smallint AND l.id = $1 AND l.owner = $2;
			RETURN FOUND;
		END $body$
	$template$, 'SLOT', slot::text);
END $$;

DO $$ BEGIN PERFORM queue_sync(); END $$;
