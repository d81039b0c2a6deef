-- Orders of another shop's past: staged with COPY, checked and written in sets, as
-- products are.  A staged row is a line; its columns are checked by the client.

-- Make an empty stage the caller may COPY into.
CREATE FUNCTION api.history_open() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	DROP TABLE IF EXISTS pg_temp.history_stage, pg_temp.import_reject;
	CREATE TEMPORARY TABLE history_stage (
		line bigint NOT NULL,
		problems text[], -- column, rule, message, hint of each
		external_id text, at text, zoned boolean, customer text, sku text, title text,
		qty bigint, unit_price numeric, currency text, country text
	);
	CREATE TEMPORARY TABLE import_reject (
		line bigint NOT NULL, column_name text NOT NULL, rule text NOT NULL,
		message text NOT NULL, hint text NOT NULL
	);
	EXECUTE format('GRANT INSERT ON pg_temp.history_stage TO %I', session_user);
	-- A million rows take longer than an operator's single statement may.
	PERFORM set_config('statement_timeout', '0', false);
END $$;

-- One row an order of the file: what its lines say together.
CREATE FUNCTION history_orders(source text, tz text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	ANALYZE history_stage;
	DROP TABLE IF EXISTS pg_temp.history_order;
	CREATE TEMPORARY TABLE history_order ON COMMIT DROP AS
	SELECT s.external_id, min(s.line) AS line, min(CASE WHEN s.zoned THEN s.at::timestamptz
			ELSE s.at::timestamp AT TIME ZONE tz END) AS at,
		min(s.currency) AS currency, max(coalesce(s.customer, '')) AS customer,
		max(coalesce(s.country, '')) AS country,
		md5(string_agg(concat_ws('|', s.at, s.customer, s.sku, s.title, s.qty,
			trim_scale(s.unit_price), s.currency, s.country), E'\n' ORDER BY s.line)) AS digest,
		NULL::bigint AS old, NULL::text AS old_digest
	FROM history_stage s WHERE s.problems IS NULL GROUP BY s.external_id;
	UPDATE history_order o SET old = h.id, old_digest = h.digest
	FROM sale_history h WHERE h.source = $1 AND h.external_id = o.external_id;
	ANALYZE history_order;
END $$;

-- Each problem of each row.  An order is imported whole: with a refused line of it, the
-- others are refused as well.
CREATE FUNCTION history_check() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO import_reject
	SELECT s.line, s.problems[i], s.problems[i + 1], s.problems[i + 2], s.problems[i + 3]
	FROM history_stage s, generate_series(1, cardinality(s.problems), 4) i
	WHERE s.problems IS NOT NULL;
	INSERT INTO import_reject
	SELECT s.line, d.name, 'history_order_agrees', format('%s is "%s" here and "%s" on line %s '
		'of the same order', d.name, d.here, d.there, o.line),
		'an order has one currency and one customer'
	FROM history_order o JOIN history_stage f ON f.line = o.line
		JOIN history_stage s ON s.external_id = o.external_id AND s.problems IS NULL,
		LATERAL (VALUES ('currency', s.currency, f.currency),
			('customer', coalesce(s.customer, ''), coalesce(f.customer, '')))
			AS d (name, here, there)
	WHERE d.here <> d.there;
	INSERT INTO import_reject
	SELECT s.line, 'external_id', 'history_order_is_final', format('order %s was imported '
		'before, with other lines', o.external_id), 'give a corrected order another number, '
		'or import the difference as an order of its own'
	FROM history_order o JOIN history_stage s USING (external_id)
	WHERE o.old_digest <> o.digest AND s.problems IS NULL;
	INSERT INTO import_reject
	SELECT s.line, 'external_id', 'history_order_is_whole',
		format('line %s of the same order was refused', b.line), ''
	FROM (SELECT s.external_id, min(s.line) AS line FROM import_reject r
			JOIN history_stage s USING (line) WHERE s.external_id IS NOT NULL GROUP BY 1) b
		JOIN history_stage s USING (external_id)
	WHERE NOT EXISTS (SELECT FROM import_reject r WHERE r.line = s.line);
END $$;

CREATE FUNCTION history_write(p_source text, run bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	made bigint;
BEGIN
	INSERT INTO sale_history (source, external_id, at, currency, customer, country, digest,
		run_id)
	SELECT p_source, o.external_id, o.at, o.currency, o.customer, o.country, o.digest, run
	FROM history_order o WHERE o.old IS NULL AND NOT EXISTS (SELECT FROM import_reject r
		JOIN history_stage s USING (line) WHERE s.external_id = o.external_id)
	ORDER BY o.line;
	GET DIAGNOSTICS made = ROW_COUNT;
	INSERT INTO sale_history_line (history_id, n, sku, title, qty, unit_price, amount, rest)
	SELECT h.id, row_number() OVER (PARTITION BY h.id ORDER BY s.line), coalesce(s.sku, ''),
		coalesce(s.title, ''), s.qty, s.unit_price, round(x.minor)::bigint,
		x.minor - round(x.minor)
	FROM sale_history h JOIN history_stage s ON s.external_id = h.external_id
		JOIN currency c ON c.code = h.currency,
		LATERAL (SELECT s.qty * s.unit_price * 10::numeric ^ c.exponent) AS x (minor)
	WHERE h.run_id = run;
	ANALYZE sale_history, sale_history_line;
	PERFORM rollup_add_history(run);
	RETURN made;
END $$;

-- Check and import what was staged: everything, or with partial every order that can be,
-- or nothing.  What was imported before from the same source is left as it is.
CREATE FUNCTION api.history_apply(source text, file text, sha256 text, tz text,
	partial boolean)
RETURNS TABLE (id bigint, state text, rows bigint, orders bigint, created bigint,
	unchanged bigint, rejected bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
SET work_mem = '128MB' SET jit = off AS $$
#variable_conflict use_variable
BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('shop.import'));
	PERFORM zone_known(tz);
	PERFORM history_orders(source, tz);
	PERFORM history_check();
	rows := (SELECT count(*) FROM history_stage);
	orders := (SELECT count(*) FROM history_order);
	unchanged := (SELECT count(*) FROM history_order o WHERE o.old_digest = o.digest);
	rejected := (SELECT count(DISTINCT r.line) FROM import_reject r);
	state := CASE WHEN rejected = 0 OR partial THEN 'done' ELSE 'refused' END;
	id := nextval(pg_get_serial_sequence('import_run', 'id'));
	created := 0;
	IF state = 'done' THEN
		created := history_write(source, id);
	END IF;
	INSERT INTO import_run (id, kind, dialect, source, sha256, currency, state, actor, rows,
		created, unchanged, rejected) OVERRIDING SYSTEM VALUE
	VALUES (id, 'order', 'history', file, sha256, '', state, actor(), rows, created,
		unchanged, rejected);
	PERFORM audit('import:' || id, state, NULL, jsonb_build_object('source', source,
		'rows', rows, 'created', created, 'rejected', rejected));
	RETURN NEXT;
END $$;

-- What was refused of it, in the order of the file.
CREATE FUNCTION api.history_rejects(run bigint, after bigint, most bigint)
RETURNS TABLE (line bigint, columns text[], rules text[], problems text[], hints text[],
	cells text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT r.line, array_agg(r.column_name ORDER BY r.ctid),
		array_agg(r.rule ORDER BY r.ctid), array_agg(r.message ORDER BY r.ctid),
		array_agg(r.hint ORDER BY r.ctid), NULL::text
	FROM import_reject r WHERE r.line > $2 GROUP BY r.line ORDER BY r.line LIMIT $3;
END $$;
