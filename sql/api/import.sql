-- Importing files: rows are staged with COPY, checked and applied in sets.
--
-- A run is begun (import_open), its rows are copied to stage.run_ID, it is staged
-- (import_staged) and applied as a whole (import_apply).  Its session holds an advisory
-- lock for as long: a run that nobody holds was interrupted, and is gone on with.

-- Does a session hold the run?
CREATE FUNCTION import_held(run bigint, mine boolean) RETURNS boolean LANGUAGE sql STABLE AS $$
	SELECT EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.objsubid = 2
		AND l.classid = 190728 AND l.objid = run AND l.granted
		AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
		AND (l.pid = pg_backend_pid() OR NOT mine))
$$;

-- Nobody else goes on with this run until the session ends or lets it.
CREATE FUNCTION import_hold(run bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF import_held(run, true) OR pg_try_advisory_lock(190728, run::int) THEN
		RETURN;
	END IF;
	PERFORM refuse('import_runs_once', format('import %s is running', run),
		'shopctl import show ' || run);
END $$;

-- The run that imported this file in this way before.
CREATE FUNCTION import_done(r import_run) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT max(o.id) FROM import_run o WHERE o.sha256 = r.sha256 AND o.state = 'done'
		AND o.kind = r.kind AND o.currency = r.currency
		AND o.warehouse IS NOT DISTINCT FROM r.warehouse
		AND NOT coalesce((r.options ->> 'allow_repeat')::boolean, false)
$$;

-- Its stage, empty, which the caller may COPY into.
CREATE FUNCTION import_stage_make(r import_run) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	name text := 'stage.run_' || r.id;
BEGIN
	EXECUTE format('DROP TABLE IF EXISTS %s', name);
	EXECUTE format('CREATE UNLOGGED TABLE %s (line bigint NOT NULL, problems text[], %s)
		WITH (autovacuum_enabled = false)', name, import_stage_columns(r.kind));
	EXECUTE format('GRANT INSERT ON %s TO %I', name, session_user);
	RETURN name;
END $$;

-- A million rows take longer than an operator's single statement may; and whoever began
-- one may be gone before it ends, which the server would see only then.
CREATE FUNCTION import_patience() RETURNS void LANGUAGE sql AS $$
	SELECT set_config('statement_timeout', '0', false),
		set_config('client_connection_check_interval', '1s', false)
$$;

CREATE FUNCTION import_may(kind text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF import_roles(kind) IS NULL THEN
		PERFORM invalid('import_kind_is_known', format('there is no import of %s', kind));
	ELSIF NOT EXISTS (SELECT FROM unnest(import_roles(kind) || '{op_admin}') r
			WHERE pg_has_role(session_user, r, 'MEMBER')) THEN
		PERFORM denied('import_is_allowed', format('%s may not import %ss', session_user, kind),
			'ask for the role ' || (import_roles(kind))[1]);
	END IF;
END $$;

-- Begin a run.  already: the finished run of a file with the same digest, when there is one
-- and a repetition was not asked for; then none is begun.
CREATE FUNCTION api.import_open(kind text, dialect text, source text, sha256 text,
	currency text, warehouse text, options jsonb, header text[])
RETURNS TABLE (id bigint, stage text, already bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	r import_run;
BEGIN
	PERFORM import_may(kind);
	r.kind := kind;
	r.sha256 := sha256;
	r.currency := currency;
	r.warehouse := warehouse;
	r.options := options;
	already := import_done(r);
	IF already IS NULL THEN
		INSERT INTO import_run AS n (kind, dialect, source, sha256, currency, warehouse,
			options, header, state, actor, finished_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'staging', actor(), NULL)
		RETURNING * INTO r;
		PERFORM import_hold(r.id);
		PERFORM import_patience();
		id := r.id;
		stage := import_stage_make(r);
	END IF;
	RETURN NEXT;
END $$;

-- The file was read to its end.
CREATE FUNCTION api.import_staged(run bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	n bigint;
BEGIN
	PERFORM import_hold(run);
	EXECUTE format('SELECT count(*) FROM stage.run_%s', run) INTO n;
	UPDATE import_run r SET state = 'staged', staged_at = now(), rows = n
	WHERE r.id = run AND r.state = 'staging';
END $$;

-- The file cannot be read, or was imported by another in the meantime: as if it never began.
CREATE FUNCTION api.import_drop(run bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM import_hold(run);
	DELETE FROM import_run r WHERE r.id = run AND r.state IN ('staging', 'staged');
	EXECUTE format('DROP TABLE IF EXISTS stage.run_%s', run);
	PERFORM pg_advisory_unlock(190728, run::int);
END $$;

-- The stage under the name that checks and writes know, and what the client refused.
CREATE FUNCTION import_begin(r import_run) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	DROP VIEW IF EXISTS pg_temp.import_stage;
	DROP TABLE IF EXISTS pg_temp.import_reject;
	EXECUTE format('CREATE TEMPORARY VIEW import_stage AS SELECT * FROM stage.run_%s', r.id);
	CREATE TEMPORARY TABLE import_reject (
		line bigint NOT NULL, column_name text NOT NULL, rule text NOT NULL,
		message text NOT NULL, hint text NOT NULL
	) ON COMMIT DROP;
	INSERT INTO import_reject
	SELECT s.line, s.problems[i], s.problems[i + 1], s.problems[i + 2], s.problems[i + 3]
	FROM import_stage s, generate_series(1, cardinality(s.problems), 4) i
	WHERE s.problems IS NOT NULL;
END $$;

-- What the planner knows of the stage: a view has no figures of its own.
CREATE FUNCTION import_analyze(run bigint, columns text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('ANALYZE stage.run_%s (%s)', run, columns);
END $$;

-- How many rows may be refused while the others are imported; null: any number.
CREATE FUNCTION import_limit(options jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN (options ->> 'max_rejects')::bigint > 0
			THEN (options ->> 'max_rejects')::bigint
		WHEN (options ->> 'partial')::boolean THEN NULL ELSE 0 END
$$;

-- What was refused, for whoever asks later; and out of the stage.
CREATE FUNCTION import_refuse(r import_run) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	INSERT INTO import_rejected (run_id, line, columns, rules, problems, hints)
	SELECT r.id, j.line, array_agg(j.column_name ORDER BY j.ctid),
		array_agg(j.rule ORDER BY j.ctid), array_agg(j.message ORDER BY j.ctid),
		array_agg(j.hint ORDER BY j.ctid)
	FROM import_reject j GROUP BY j.line
	ON CONFLICT DO NOTHING;
	GET DIAGNOSTICS n = ROW_COUNT;
	IF n > 0 THEN
		DELETE FROM import_stage s USING import_reject j WHERE j.line = s.line;
	END IF;
	RETURN n;
END $$;

-- The run, ready to be applied: staged, held, and nobody else imports.
CREATE FUNCTION import_ready(run bigint) RETURNS import_run LANGUAGE plpgsql AS $$
DECLARE
	r import_run;
	n bigint;
BEGIN
	PERFORM import_hold(run);
	PERFORM pg_advisory_xact_lock(hashtext('shop.import'));
	SELECT * INTO r FROM import_run i WHERE i.id = run FOR UPDATE;
	IF r.state IS DISTINCT FROM 'staged' THEN
		PERFORM refuse('import_is_staged', format('import %s is %s', run,
			coalesce(r.state, 'not known')), 'shopctl import runs');
	END IF;
	EXECUTE format('SELECT count(*) FROM stage.run_%s', run) INTO n;
	IF n < r.rows THEN
		PERFORM refuse('import_stage_is_whole', format('the database server lost the rows of '
			'import %s when it crashed', run), 'import the file again: shopctl import resume '
			|| run || ' does when the file is where it was');
	END IF;
	RETURN r;
END $$;

-- Check and apply what was staged: everything, or everything that can be when the run
-- allows for so many refused rows, or nothing.  already: the same file was imported while
-- this one was staged; then there is no such run any more.
CREATE FUNCTION api.import_apply(run bigint)
RETURNS TABLE (id bigint, state text, rows bigint, products bigint, created bigint,
	updated bigint, unchanged bigint, archived bigint, rejected bigint, already bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
SET work_mem = '128MB' SET jit = off AS $$
#variable_conflict use_variable
DECLARE
	r import_run := import_ready(run);
	c import_counts;
BEGIN
	rows := r.rows;
	already := import_done(r);
	IF already IS NOT NULL THEN
		state := 'done';
		PERFORM api.import_drop(run);
		RETURN NEXT;
		RETURN;
	END IF;
	PERFORM import_begin(r);
	PERFORM import_check(r);
	rejected := import_refuse(r);
	state := CASE WHEN rejected > import_limit(r.options) THEN 'refused' ELSE 'done' END;
	IF state = 'done' THEN
		c := import_write(r);
	END IF;
	id := run;
	products := coalesce(c.products, 0);
	created := coalesce(c.created, 0);
	updated := coalesce(c.updated, 0);
	unchanged := coalesce(c.unchanged, 0);
	archived := coalesce(c.archived, 0);
	UPDATE import_run i SET state = import_apply.state, finished_at = now(),
		products = import_apply.products, created = import_apply.created,
		updated = import_apply.updated, unchanged = import_apply.unchanged,
		archived = import_apply.archived,
		rejected = import_apply.rejected, xid = pg_current_xact_id()::text::bigint
	WHERE i.id = run;
	PERFORM audit('import:' || run, state, NULL, jsonb_build_object('rows', rows,
		'created', created, 'updated', updated, 'archived', archived, 'rejected', rejected));
	DROP VIEW import_stage;
	EXECUTE format('DROP TABLE stage.run_%s', run);
	RETURN NEXT;
END $$;

-- Nobody goes on with it: a session that does more than one import holds one at a time.
CREATE FUNCTION api.import_let(run bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	IF import_held(run, true) THEN
		PERFORM pg_advisory_unlock(190728, run::int);
	END IF;
END $$;
