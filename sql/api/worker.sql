-- What workers do with jobs: claim, settle, fail, give back, rescue, promote.
--
-- Every settlement is fenced: it names the lease and its owner, and a lease that
-- ran out is gone, so a worker that was away too long changes nothing.

-- Finish one lease (or none) and take the next batch, in one transaction.  after
-- holds, for each level and slot of the ring, the seq that this worker has seen; a sweep
-- looks everywhere, at what was committed late and into the quarantine first.  What was
-- put back has a new seq, so what comes from the quarantine says nothing about the line.
CREATE FUNCTION api.job_claim(queue text, owner text, n bigint, lease_s bigint,
	after bigint[], sweep boolean, done_slot bigint, done_lease bigint)
RETURNS TABLE (slot bigint, lease bigint, last bigint, place bigint, width bigint,
	ix bigint, id bigint, kind text, subject bigint, attempt bigint, crashes bigint,
	trace text, payload jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
SET plan_cache_mode = force_generic_plan SET jit = off
SET enable_seqscan = off SET enable_bitmapscan = off AS $$
#variable_conflict use_column
DECLARE
	h queue_head;
	l job_lease;
BEGIN
	PERFORM set_config('synchronous_commit', 'off', true); -- as commit_later()
	IF $8 > 0 THEN
		PERFORM job_drop($7, $8, $2);
	END IF;
	SELECT * INTO h FROM queue_head WHERE queue = $1;
	l := job_take(h, $2, job_allowance(h, $3), $4 * interval '1 s', $5, $6);
	IF l.keyed THEN
		l := job_unkey(l);
	END IF;
	-- What is the lease's stands in one row only: a batch has up to 500.
	RETURN QUERY SELECT CASE WHEN j.one THEN l.slot::bigint END,
		CASE WHEN j.one THEN l.id END,
		CASE WHEN j.one THEN CASE WHEN l.level = 9 THEN 0 ELSE l.last END END,
		CASE WHEN j.one THEN level_place(l.level) + l.slot - h.base END,
		CASE WHEN j.one THEN l.n::bigint END, j.ix, j.id, j.kind, j.subject,
		j.attempt + 1::bigint, j.crashes::bigint, j.trace, j.payload
	FROM (SELECT u.*, u.ordinality AS ix, l.acked IS NOT NULL OR u.ordinality = 1 AS one
		FROM unnest(l.jobs) WITH ORDINALITY u) j
	WHERE l.acked IS NULL OR get_bit(l.acked, j.ix::int - 1) = 0;
END $$;

-- Nobody waits for the disk on the queue's own account.  A crash of the server may
-- take back the claims of its last half second, and then those jobs run again, as
-- after any crash; what handlers and shoppers commit waits as ever, and once it is
-- on disk, so is every claim before it.
CREATE FUNCTION commit_later() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('synchronous_commit', 'off', true);
END $$;

-- How many of the n wanted the queue's state and limit allow.
CREATE FUNCTION job_allowance(h queue_head, n bigint) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
	q queue;
	running bigint;
BEGIN
	SELECT * INTO q FROM queue x WHERE x.name = h.queue;
	IF q.name IS NULL OR q.paused_at IS NOT NULL THEN
		RETURN 0;
	ELSIF q.max_running IS NULL THEN
		RETURN $2;
	END IF;
	-- Claims of a limited queue take turns, or two would both see the same room.
	PERFORM FROM queue x WHERE x.name = h.queue FOR NO KEY UPDATE;
	SELECT coalesce(sum(l.n - coalesce(bit_count(l.acked), 0)), 0) INTO running
	FROM job_lease l WHERE l.slot BETWEEN h.base AND h.base + 3;
	RETURN greatest(0, least($2, q.max_running - running));
END $$;

-- The next batch as one lease, or nothing: the quarantine one job at a time, so
-- that a job which kills its worker takes no other along.
CREATE FUNCTION job_take(h queue_head, owner text, n int, lease interval, after bigint[],
	sweep boolean) RETURNS job_lease
LANGUAGE plpgsql AS $$
DECLARE
	l job_lease;
	s int;
	level smallint;
BEGIN
	IF $3 <= 0 THEN
		RETURN NULL;
	END IF;
	IF $6 THEN
		FOR s IN h.base .. h.base + 3 LOOP
			l := job_take_from(s, $2, 1, 9::smallint, 0, $4);
			IF l.id IS NOT NULL THEN
				RETURN l;
			END IF;
		END LOOP;
		h.live := ARRAY[h.base, h.base + 1, h.base + 2, h.base + 3];
		h.levels := '{-2,-1,0,1,2}';
	END IF;
	FOREACH level IN ARRAY h.levels LOOP
		FOREACH s IN ARRAY h.live LOOP
			l := job_take_from(s, $2, $3, level, CASE WHEN $6 THEN 0
				ELSE coalesce($5[level_place(level) + s - h.base + 1], 0) END, $4);
			IF l.id IS NOT NULL THEN
				RETURN l;
			END IF;
		END LOOP;
	END LOOP;
	RETURN NULL;
END $$;

-- Where a level's four slots begin in what a worker remembers; the usual one is first.
CREATE FUNCTION level_place(level int) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE $1 WHEN -1 THEN 4 WHEN 1 THEN 8 WHEN -2 THEN 12 WHEN 2 THEN 16 ELSE 0 END
$$;

-- Free the keys of claimed jobs.  A key that somebody putting a job holds is his:
-- he counts on a run after his commit, so that job is put off for a moment.
CREATE FUNCTION job_unkey(l job_lease) RETURNS job_lease
LANGUAGE plpgsql AS $$
DECLARE
	free text[];
	held bit varying := repeat('0', l.n)::varbit;
	j record;
BEGIN
	SELECT coalesce(array_agg(f.kind || ' ' || f.key), '{}') INTO free FROM (
		SELECT u.kind, u.key FROM job_unique u JOIN unnest(l.jobs) k
			ON u.kind = k.kind AND u.key = k.dedupe
		FOR UPDATE OF u SKIP LOCKED) f;
	FOR j IN SELECT * FROM unnest(l.jobs) WITH ORDINALITY k WHERE k.dedupe IS NOT NULL LOOP
		IF j.kind || ' ' || j.dedupe = ANY (free) THEN
			DELETE FROM job_unique u WHERE u.kind = j.kind AND u.key = j.dedupe;
		ELSIF EXISTS (SELECT FROM job_unique u WHERE u.kind = j.kind AND u.key = j.dedupe) THEN
			INSERT INTO job_later (id, run_at, attempt, crashes, subject, created_at, kind,
				dedupe, trace, payload, priority, queue)
			VALUES (j.id, now() + interval '100 ms', j.attempt, j.crashes, j.subject,
				j.created_at, j.kind, j.dedupe, j.trace, j.payload, nullif(l.level, 9),
				slot_queue(l.slot, j.kind));
			held := set_bit(held, j.ordinality::int - 1, 1);
		END IF;
	END LOOP;
	IF bit_count(held) > 0 THEN
		PERFORM job_mark(l.slot, l.id, held, held, l.expires_at);
	END IF;
	IF bit_count(held) = l.n THEN
		PERFORM job_drop(l.slot, l.id, l.owner);
	END IF;
	l.acked := held;
	RETURN l;
END $$;

-- Delete the lease, if it is still the owner's.
CREATE FUNCTION job_drop(slot bigint, lease bigint, owner text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	IF NOT job_drop_from($1::int, $2, $3) THEN
		PERFORM lease_lost($2);
	END IF;
END $$;

CREATE FUNCTION lease_lost(lease bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM refuse('lease_is_held',
		format('lease %s ran out and its jobs were given to others', $1));
END $$;

-- Jobs of a lease are settled; those that moved are not done but went elsewhere.
CREATE FUNCTION job_mark(slot bigint, lease bigint, acked bit varying, moved bit varying,
	expires timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('UPDATE job_lease_%s SET acked = coalesce(acked | $2, $2),
		moved = coalesce(moved | $3, moved, $3), expires_at = $4
		WHERE slot = %1$s AND id = $1', $1) USING $2, $3, $4, $5;
END $$;

-- The end of a lease of which only part is done; the rest was put back.
CREATE FUNCTION lease_part(l job_lease, done bit varying) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	rest bit varying := ~coalesce($2, repeat('0', l.n)::varbit);
BEGIN
	PERFORM job_mark(l.slot, l.id, rest, rest, l.expires_at);
	PERFORM job_drop(l.slot, l.id, l.owner);
END $$;

-- The lease, locked, or a refusal when it is no longer the owner's.
CREATE FUNCTION lease_hold(slot bigint, lease bigint, owner text) RETURNS job_lease
LANGUAGE plpgsql AS $$
DECLARE
	l job_lease;
BEGIN
	EXECUTE format('SELECT * FROM job_lease_%s WHERE slot = %1$s AND id = $1
		AND owner = $2 FOR UPDATE', $1) INTO l USING $2, $3;
	IF l.id IS NULL THEN
		PERFORM lease_lost($2);
	END IF;
	RETURN l;
END $$;

-- Settle the jobs whose bit is set and hold the others for lease_s more seconds.
CREATE FUNCTION api.job_renew(slot bigint, lease bigint, owner text, acked text,
	lease_s bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM lease_hold($1, $2, $3);
	PERFORM job_mark($1, $2, $4::varbit, NULL, now() + $5 * interval '1 s');
END $$;

-- The whole batch is settled.  In the transaction of a handler that only works on
-- the database, its effect happens exactly once.
CREATE FUNCTION api.job_done(slot bigint, lease bigint, owner text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM job_drop($1, $2, $3);
END $$;

-- A try failed: again in retry_s seconds, or dead when that is negative.  One that did
-- not come to its work, as its provider is not asked now, burns no try.  On disk before
-- the worker hears so: it drops the lease next, and if the server had forgotten by then
-- where the job went, it would be nowhere.
CREATE FUNCTION api.job_fail(slot bigint, lease bigint, owner text, ix bigint,
	retry_s double precision, burns boolean, rule text, message text)
RETURNS TABLE (state text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	l job_lease := lease_hold($1, $2, $3);
	j job_item := l.jobs[$4];
	tried int := j.attempt + $6::int;
	mine bit varying := set_bit(repeat('0', l.n)::varbit, $4::int - 1, 1);
BEGIN
	IF l.acked IS NOT NULL AND get_bit(l.acked, $4::int - 1) = 1 THEN
		PERFORM lease_lost($2);
	END IF;
	IF $5 < 0 OR tried >= (SELECT q.max_attempts FROM queue q WHERE q.id = $1 / 4) THEN
		PERFORM job_bury(l, j, tried, j.crashes, $7, $8);
		state := 'dead';
	ELSE
		INSERT INTO job_later (id, run_at, attempt, crashes, subject, created_at, kind,
			trace, payload, rule, message, priority, queue)
		VALUES (j.id, now() + $5 * interval '1 s', tried, j.crashes, j.subject,
			j.created_at, j.kind, j.trace, j.payload, $7, $8, nullif(l.level, 9),
			slot_queue(l.slot, j.kind));
		state := 'later';
	END IF;
	PERFORM job_mark($1, $2, mine, mine, l.expires_at);
	RETURN NEXT;
END $$;

-- Stop early: what is not settled goes back to the line, as if never claimed.
CREATE FUNCTION api.job_give_back(slot bigint, lease bigint, owner text, acked text)
RETURNS TABLE (given bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	l job_lease := lease_hold($1, $2, $3);
	done bit varying := coalesce(l.acked | $4::varbit, $4::varbit);
BEGIN
	SELECT count(job_again(l, j, coalesce(nullif(l.level, 9), 0), j.crashes)) INTO given
	FROM lease_items(l.jobs, done) j;
	PERFORM lease_part(l, done);
	RETURN NEXT;
END $$;

-- The answer to a claim was lost, so its owner does not know what it holds: finish
-- the lease it worked off and give back the others.
CREATE FUNCTION api.job_recover(owner text, done bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	l job_lease;
BEGIN
	FOR l IN SELECT * FROM job_lease x WHERE x.owner = $1 ORDER BY x.id FOR UPDATE LOOP
		IF l.id = $2 THEN
			PERFORM job_drop(l.slot, l.id, l.owner);
			CONTINUE;
		END IF;
		PERFORM job_again(l, j, coalesce(nullif(l.level, 9), 0), j.crashes)
		FROM lease_items(l.jobs, l.acked) j;
		PERFORM lease_part(l, l.acked);
	END LOOP;
END $$;

-- The items of a lease that are not settled.
CREATE FUNCTION lease_items(jobs job_item[], acked bit varying) RETURNS SETOF job_item
LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1 .. cardinality($1) LOOP
		IF $2 IS NULL OR get_bit($2, i - 1) = 0 THEN
			RETURN NEXT $1[i];
		END IF;
	END LOOP;
END $$;

-- Leases that ran out: their jobs go to the quarantine with one more crash, or are
-- dead after the last one.  Any worker, about once a second.
CREATE FUNCTION api.job_rescue() RETURNS TABLE (leases bigint, jobs bigint, dead bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	l job_lease;
	r record;
BEGIN
	PERFORM commit_later();
	leases := 0;
	jobs := 0;
	dead := 0;
	FOR l IN SELECT * FROM job_lease x WHERE x.expires_at < now()
		ORDER BY x.id LIMIT 20 FOR UPDATE SKIP LOCKED
	LOOP
		r := lease_break(l, 'its worker was lost %s times, last %s');
		leases := leases + 1;
		jobs := jobs + r.jobs;
		dead := dead + r.dead;
	END LOOP;
	RETURN NEXT;
END $$;

-- Take a lease from its worker, who may have been killed by one of its jobs.
CREATE FUNCTION lease_break(l job_lease, words text, OUT jobs bigint, OUT dead bigint)
LANGUAGE plpgsql AS $$
DECLARE
	j job_item;
	budget int := (SELECT q.max_crashes FROM queue q WHERE q.id = l.slot / 4);
BEGIN
	jobs := 0;
	dead := 0;
	FOR j IN SELECT * FROM lease_items(l.jobs, l.acked) LOOP
		jobs := jobs + 1;
		IF j.crashes + 1 >= budget THEN
			PERFORM job_bury(l, j, j.attempt, j.crashes + 1, 'job_spares_its_worker',
				format(words, j.crashes + 1, l.owner));
			dead := dead + 1;
		ELSE
			PERFORM job_again(l, j, 9, j.crashes + 1);
		END IF;
	END LOOP;
	PERFORM lease_part(l, l.acked);
END $$;

-- Put what is due into the line.  One caller at a time; after is the run_at that
-- the caller saw last, so that old index entries are not walked again.
CREATE FUNCTION api.job_promote(after timestamptz)
RETURNS TABLE (promoted bigint, last timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
SET plan_cache_mode = force_generic_plan SET jit = off
SET enable_seqscan = off SET enable_bitmapscan = off AS $$
BEGIN
	PERFORM commit_later();
	IF NOT pg_try_advisory_xact_lock(hashtext('job_promote'), 0) THEN
		promoted := 0;
		RETURN NEXT;
		RETURN;
	END IF;
	WITH d AS (
		DELETE FROM job_later WHERE ctid = ANY (ARRAY(
			SELECT x.ctid FROM job_later x
			WHERE x.run_at <= now() AND x.run_at > coalesce($1, '-infinity')
			ORDER BY x.run_at, x.id LIMIT 2000 FOR UPDATE SKIP LOCKED))
		RETURNING *),
	i AS (
		INSERT INTO job (slot, priority, attempt, crashes, seq, id, subject, created_at,
			kind, dedupe, trace, payload)
		SELECT h.head, coalesce(d.priority, 0), d.attempt, d.crashes, nextval('job_seq'),
			d.id, d.subject, d.created_at, d.kind, d.dedupe, d.trace, d.payload
		FROM d JOIN queue_head h ON h.queue = coalesce(d.queue, split_part(d.kind, '.', 1))
		ORDER BY d.run_at, d.id)
	SELECT count(*), max(d.run_at) INTO promoted, last FROM d;
	RETURN NEXT;
END $$;

-- A worker says that it lives, and learns whether it shall be quiet.
CREATE FUNCTION api.worker_beat(owner text, host text, pid bigint, queues text[],
	done bigint, failed bigint, fenced bigint)
RETURNS TABLE (quiet boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	INSERT INTO worker AS w (owner, host, pid, queues, done, failed, fenced)
	VALUES ($1, $2, $3, $4, $5, $6, $7)
	ON CONFLICT ON CONSTRAINT worker_pkey DO UPDATE
	SET seen_at = now(), queues = excluded.queues, done = excluded.done,
		failed = excluded.failed, fenced = excluded.fenced
	RETURNING w.quiet_at IS NOT NULL INTO quiet;
	RETURN NEXT;
END $$;

-- A worker ends in good order.
CREATE FUNCTION api.worker_gone(owner text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	DELETE FROM worker w WHERE w.owner = $1;
	DELETE FROM queue_share s WHERE s.owner = $1;
END $$;

-- Take a lease from its worker, who hangs: its jobs go where those of a lost one go.
CREATE FUNCTION api.worker_kill_lease(id bigint)
RETURNS TABLE (lease bigint, owner text, queue text, jobs bigint, dead bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	l job_lease;
	r record;
BEGIN
	SELECT * INTO l FROM job_lease x WHERE x.id = $1 FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM absent('lease_exists', format('there is no lease %s any more', $1),
			'shopctl worker list --leases');
	END IF;
	r := lease_break(l, 'its lease was taken away %s times, last from %s');
	PERFORM audit('lease/' || l.id, 'kill', jsonb_build_object('owner', l.owner,
		'jobs', l.n), NULL);
	RETURN QUERY SELECT l.id, l.owner, q.name, r.jobs, r.dead
	FROM queue q WHERE q.id = l.slot / 4;
END $$;

-- What workers hold now, the lease that ends first before the others.
CREATE FUNCTION api.worker_leases() RETURNS TABLE (lease bigint, owner text, queue text,
	jobs bigint, claimed_at timestamptz, expires_at timestamptz, kind text, job bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT l.id, l.owner, q.name, (l.n - coalesce(bit_count(l.acked), 0))::bigint,
		l.claimed_at, l.expires_at, (l.jobs)[1].kind, (l.jobs)[1].id
	FROM job_lease l LEFT JOIN queue q ON q.id = l.slot / 4
	ORDER BY l.expires_at, l.id LIMIT 1000;
END $$;

-- On one line: who works, and what waits.
CREATE FUNCTION api.worker_backlog(max_age_s bigint) RETURNS TABLE (workers bigint,
	beat_age_s double precision, ready bigint, running bigint, overdue bigint, dead bigint,
	oldest_s double precision)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT
		(SELECT count(*) FROM worker w WHERE w.seen_at >= now() - $1 * interval '1 s'),
		(SELECT coalesce(extract(epoch FROM now() - max(w.seen_at)), -1)::float8
			FROM worker w),
		sum(s.ready)::bigint, sum(s.running)::bigint,
		(SELECT count(*) FROM (SELECT FROM job_later l
			WHERE l.run_at < now() - interval '1 minute' LIMIT status_bound()) l),
		sum(s.dead)::bigint, max(s.oldest_s)
	FROM api.queue_stats(NULL) s;
END $$;

CREATE FUNCTION api.worker_find() RETURNS TABLE (owner text, host text, pid bigint,
	queues text[], started_at timestamptz, seen_at timestamptz, age_s double precision,
	done bigint, failed bigint, fenced bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT w.owner, w.host, w.pid::bigint, w.queues, w.started_at, w.seen_at,
		extract(epoch FROM now() - w.seen_at)::float8, w.done, w.failed, w.fenced
	FROM worker w ORDER BY w.started_at, w.owner;
END $$;
