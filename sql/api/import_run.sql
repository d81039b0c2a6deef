-- The runs of imports: what became of each, and going on with one that was interrupted.

-- interrupted: nobody goes on with it, and it is not at its end.
CREATE FUNCTION import_state(r import_run) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN r.state IN ('staging', 'staged') AND NOT import_held(r.id, false)
		THEN 'interrupted' ELSE r.state END
$$;

CREATE FUNCTION api.import_runs(max_rows bigint)
RETURNS TABLE (id bigint, kind text, started_at timestamptz, finished_at timestamptz,
	actor text, source text, dialect text, state text, rows bigint, created bigint,
	updated bigint, unchanged bigint, archived bigint, rejected bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
	SELECT r.id, r.kind, r.started_at, r.finished_at, r.actor, r.source, r.dialect,
		import_state(r), r.rows, r.created, r.updated, r.unchanged, r.archived, r.rejected
	FROM import_run r ORDER BY r.id DESC LIMIT max_rows
$$;

CREATE FUNCTION import_get(run bigint) RETURNS import_run LANGUAGE plpgsql AS $$
DECLARE
	r import_run;
BEGIN
	SELECT * INTO r FROM import_run i WHERE i.id = run;
	IF NOT FOUND THEN
		PERFORM absent('import_exists', format('there is no import %s', run),
			'shopctl import runs');
	END IF;
	RETURN r;
END $$;

-- next: what can be done about it.
CREATE FUNCTION api.import_show(run bigint)
RETURNS TABLE (id bigint, kind text, dialect text, source text, state text, actor text,
	started_at timestamptz, staged_at timestamptz, finished_at timestamptz,
	undone_at timestamptz, currency text, warehouse text, options jsonb, header text[],
	rows bigint, products bigint, created bigint, updated bigint, unchanged bigint,
	archived bigint, rejected bigint, next text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	r import_run := import_get(run);
	s text := import_state(r);
BEGIN
	RETURN QUERY SELECT r.id, r.kind, r.dialect, r.source, s, r.actor, r.started_at,
		r.staged_at, r.finished_at, r.undone_at, r.currency, r.warehouse, r.options, r.header,
		r.rows, r.products, r.created, r.updated, r.unchanged, r.archived, r.rejected,
		CASE WHEN s = 'interrupted' THEN 'shopctl import resume ' || run
			WHEN r.rejected > 0 THEN 'shopctl import rejects ' || run
			WHEN s = 'done' AND r.created + r.updated + r.archived > 0
				THEN 'shopctl import undo ' || run || ' --dry-run' END;
END $$;

-- "title Tea -> Black Tea, status active -> draft"
CREATE FUNCTION import_words(before jsonb, after jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT string_agg(concat_ws(' ', a.key, CASE WHEN before IS NOT NULL
			THEN coalesce(left(before ->> a.key, 60), 'none') || ' ->' END,
		coalesce(left(a.value, 60), 'none')), ', ' ORDER BY a.key)
	FROM jsonb_each_text(after) a
	WHERE before IS NULL OR before -> a.key IS DISTINCT FROM after -> a.key
$$;

-- Some of what it changed: what was there before, then what is new.
CREATE FUNCTION api.import_changes(run bigint, most bigint)
RETURNS TABLE (action text, noun text, name text, change text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
	(SELECT CASE WHEN b.after = '{"status": "archived"}' OR b.after = '{"archived": true}'
			THEN 'archive' WHEN b.before IS NULL THEN 'add' ELSE 'change' END, b.noun, b.name,
		concat_ws(' ', nullif(b.key, ''), import_words(b.before, b.after))
	FROM import_before b WHERE b.run_id = run ORDER BY b.n LIMIT most)
	UNION ALL
	(SELECT 'create', 'variant', v.sku, v.title
	FROM import_run i, unnest(i.new_variants) AS n (ids), variant v
	WHERE i.id = run AND v.id >= lower(n.ids) AND v.id < upper(n.ids)
	ORDER BY v.id LIMIT most)
	LIMIT most
$$;

-- What was refused, in the order of the file; all that is wrong with a row at once.
CREATE FUNCTION api.import_rejects(run bigint, after bigint, most bigint)
RETURNS TABLE (line bigint, columns text[], rules text[], problems text[], hints text[],
	cells text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
	SELECT r.line, r.columns, r.rules, r.problems, r.hints, r.cells
	FROM import_rejected r WHERE r.run_id = run AND r.line > after ORDER BY r.line LIMIT most
$$;

-- The cells of refused rows, from whoever has the file.
CREATE FUNCTION api.import_rejects_keep(run bigint, lines bigint[], cells text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	UPDATE import_rejected r SET cells = n.cells
	FROM unnest($2, $3) AS n (line, cells) WHERE r.run_id = $1 AND r.line = n.line;
END $$;

-- Go on with a run.  stage: where the rows of its file are to be copied to, because they
-- were not all read, or lost when the server crashed; null: they are all there.
CREATE FUNCTION api.import_resume(run bigint)
RETURNS TABLE (id bigint, kind text, stage text, lost boolean, source text, sha256 text,
	currency text, warehouse text, options jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	r import_run := import_get(run);
	n bigint;
BEGIN
	PERFORM import_may(r.kind);
	PERFORM import_hold(run);
	IF r.state NOT IN ('staging', 'staged') THEN
		PERFORM refuse('import_is_staged', format('import %s is %s', run, r.state),
			'shopctl import show ' || run);
	END IF;
	PERFORM import_patience();
	IF r.state = 'staged' AND to_regclass('stage.run_' || run) IS NOT NULL THEN
		EXECUTE format('SELECT count(*) FROM stage.run_%s', run) INTO n;
	END IF;
	lost := r.state = 'staged' AND n IS DISTINCT FROM r.rows;
	IF lost OR r.state = 'staging' THEN
		UPDATE import_run i SET state = 'staging' WHERE i.id = run;
		stage := import_stage_make(r);
	END IF;
	RETURN QUERY SELECT r.id, r.kind, import_resume.stage, import_resume.lost, r.source,
		r.sha256, r.currency, r.warehouse, r.options;
END $$;

-- Stages that nobody came back for, and nobody can go on with any more.
CREATE FUNCTION api.import_stage_purge(keep_days bigint, most bigint)
RETURNS TABLE (done bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	run bigint;
BEGIN
	done := 0;
	FOR run IN SELECT r.id FROM import_run r WHERE r.state IN ('staging', 'staged')
			AND r.started_at < now() - $1 * interval '1 day' AND NOT import_held(r.id, false)
			ORDER BY r.id LIMIT $2 FOR UPDATE SKIP LOCKED LOOP
		EXECUTE format('DROP TABLE IF EXISTS stage.run_%s', run);
		UPDATE import_run r SET state = 'abandoned', finished_at = now() WHERE r.id = run;
		done := done + 1;
	END LOOP;
	RETURN NEXT;
END $$;

-- What was refused and how things were before: after so long, nobody takes an import back.
CREATE FUNCTION api.import_undo_purge(keep_days bigint, most bigint)
RETURNS TABLE (done bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	n bigint;
BEGIN
	DELETE FROM import_before b WHERE b.ctid = ANY (ARRAY(SELECT x.ctid
		FROM import_run r JOIN import_before x ON x.run_id = r.id
		WHERE r.finished_at < now() - $1 * interval '1 day' LIMIT $2));
	GET DIAGNOSTICS done = ROW_COUNT;
	DELETE FROM import_rejected j WHERE j.ctid = ANY (ARRAY(SELECT x.ctid
		FROM import_run r JOIN import_rejected x ON x.run_id = r.id
		WHERE r.finished_at < now() - $1 * interval '1 day' LIMIT $2 - done));
	GET DIAGNOSTICS n = ROW_COUNT;
	done := done + n;
	UPDATE import_run r SET xid = NULL WHERE r.xid IS NOT NULL
		AND r.finished_at < now() - $1 * interval '1 day';
	RETURN NEXT;
END $$;
