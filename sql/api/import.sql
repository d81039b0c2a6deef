-- Importing products: rows are staged with COPY, checked and applied in sets.
--
-- A stage belongs to its session: it is temporary, so a killed import leaves
-- nothing behind.  In a staged row NULL is "leave as it is" and '' (or -1 for a
-- number) is "there is none"; the client decides which an empty cell means.

-- Make an empty stage the caller may COPY into.  already: the finished run of a
-- file with the same digest, when there is one and repeat is not asked for.
CREATE FUNCTION api.import_open(sha256 text, currency text, warehouse text, repeat boolean)
RETURNS TABLE (id bigint, state text, rows bigint, products bigint, created bigint,
	updated bigint, unchanged bigint, rejected bigint, already bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	already := import_done(sha256, currency, warehouse, repeat);
	state := CASE WHEN already IS NULL THEN 'open' ELSE 'done' END;
	DROP TABLE IF EXISTS pg_temp.import_stage, pg_temp.import_reject;
	CREATE TEMPORARY TABLE import_stage (
		line bigint NOT NULL,
		head_line bigint,      -- the row that carries this row's product
		problems text[],       -- column, rule, message, hint of each
		derived boolean,       -- the SKU was made of handle and options
		handle text, sku text, -- no sku: the row has no variant
		title text, description text, brand text, category text, type text, tags text[],
		status text, attributes jsonb, option_names text[],
		options text[], barcode text, weight_grams bigint, tax_class text,
		requires_shipping boolean, cost bigint, variant_image text,
		variant_attributes jsonb,
		currency text, price bigint, compare_at bigint,
		warehouse text, on_hand bigint,
		image_url text, image_alt text, image_position bigint
	);
	CREATE TEMPORARY TABLE import_reject (
		line bigint NOT NULL, column_name text NOT NULL, rule text NOT NULL,
		message text NOT NULL, hint text NOT NULL
	);
	EXECUTE format('GRANT INSERT ON pg_temp.import_stage TO %I', session_user);
	-- A million rows take longer than an operator's single statement may.
	PERFORM set_config('statement_timeout', '0', false);
	RETURN NEXT;
END $$;

-- The run that imported this file in this way before.
CREATE FUNCTION import_done(p_sha256 text, p_currency text, p_warehouse text, repeat boolean)
RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT max(r.id) FROM import_run r WHERE r.sha256 = p_sha256 AND r.state = 'done'
		AND r.currency = p_currency AND r.warehouse IS NOT DISTINCT FROM p_warehouse
		AND NOT repeat
$$;

-- Check and apply what was staged: everything, or with partial everything that can be,
-- or nothing.
CREATE FUNCTION api.import_apply(dialect text, source text, sha256 text, currency text,
	warehouse text, partial boolean, repeat boolean)
RETURNS TABLE (id bigint, state text, rows bigint, products bigint, created bigint,
	updated bigint, unchanged bigint, rejected bigint, already bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
SET work_mem = '128MB' SET jit = off AS $$
#variable_conflict use_variable
BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('shop.import'));
	already := import_done(sha256, currency, warehouse, repeat);
	rows := (SELECT count(*) FROM import_stage);
	IF already IS NOT NULL THEN
		state := 'done';
		RETURN NEXT;
		RETURN;
	END IF;
	PERFORM import_check(warehouse);
	rejected := (SELECT count(DISTINCT r.line) FROM import_reject r);
	state := CASE WHEN rejected = 0 OR partial THEN 'done' ELSE 'refused' END;
	id := nextval(pg_get_serial_sequence('import_run', 'id'));
	products := 0;
	created := 0;
	updated := 0;
	unchanged := 0;
	IF state = 'done' THEN
		SELECT w.products, w.created, w.updated, w.unchanged
		INTO products, created, updated, unchanged FROM import_write(id) w;
	END IF;
	INSERT INTO import_run (id, dialect, source, sha256, currency, warehouse, state, actor,
		rows, created, updated, unchanged, rejected) OVERRIDING SYSTEM VALUE
	VALUES (id, dialect, source, sha256, currency, warehouse, state, actor(),
		rows, created, updated, unchanged, rejected);
	PERFORM audit('import:' || id, state, NULL, jsonb_build_object('rows', rows,
		'created', created, 'updated', updated, 'rejected', rejected));
	RETURN NEXT;
END $$;

-- What was refused, in the order of the file; all that is wrong with a row at once.
CREATE FUNCTION api.import_rejects()
RETURNS TABLE (line bigint, columns text[], rules text[], problems text[], hints text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT r.line, array_agg(r.column_name ORDER BY r.ctid),
		array_agg(r.rule ORDER BY r.ctid), array_agg(r.message ORDER BY r.ctid),
		array_agg(r.hint ORDER BY r.ctid)
	FROM import_reject r GROUP BY r.line ORDER BY r.line;
END $$;

CREATE FUNCTION api.import_runs(max_rows bigint)
RETURNS TABLE (id bigint, finished_at timestamptz, actor text, source text, dialect text,
	state text, rows bigint, created bigint, updated bigint, unchanged bigint,
	rejected bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
	SELECT r.id, r.finished_at, r.actor, r.source, r.dialect, r.state, r.rows, r.created,
		r.updated, r.unchanged, r.rejected
	FROM import_run r ORDER BY r.id DESC LIMIT max_rows
$$;
