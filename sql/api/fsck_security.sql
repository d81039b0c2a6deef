-- What fsck proves of roles and rights, from the catalog: a backup restored by hand, a
-- GRANT in an emergency or a stolen superuser leave their traces there.

CREATE FUNCTION fsck_roles() RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT 'K1', 'role:' || r.rolname, 'may log in or rules the server'
		FROM pg_roles r WHERE r.rolname = 'shop_owner' AND (r.rolcanlogin OR r.rolsuper)
	UNION ALL
	SELECT 'K1', 'role:' || r.rolname, 'can become shop_owner' FROM pg_roles r
		WHERE NOT r.rolsuper AND r.rolname <> 'shop_owner'
			AND pg_has_role(r.oid, 'shop_owner', 'MEMBER');
	RETURN QUERY SELECT 'K2', 'role:' || r.rolname, concat_ws(', ',
			CASE WHEN r.rolsuper THEN 'superuser' END,
			CASE WHEN r.rolcreaterole THEN 'makes roles' END,
			CASE WHEN r.rolcreatedb THEN 'makes databases' END,
			CASE WHEN r.rolreplication THEN 'replicates' END,
			CASE WHEN r.rolbypassrls THEN 'passes by policies' END)
		FROM pg_roles r WHERE r.rolname ~ '^(shop|op)_' AND (r.rolsuper OR r.rolcreaterole
			OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls);
	RETURN QUERY SELECT 'K3', 'role:' || r.role, r.setting || ' is '
			|| coalesce(nullif(x.value, ''), 'not set')
		FROM (SELECT u.role, s.setting FROM unnest('{shop_http,shop_worker}'::text[]) AS u (role),
			unnest('{idle_in_transaction_session_timeout,lock_timeout,statement_timeout}'::text[])
				AS s (setting)) r
		LEFT JOIN LATERAL (SELECT split_part(c, '=', 2) AS value
			FROM pg_roles p, unnest(p.rolconfig) AS c
			WHERE p.rolname = r.role AND split_part(c, '=', 1) = r.setting) x ON true
		WHERE coalesce(x.value, '') !~ '[1-9]';
	RETURN QUERY SELECT 'K10', 'function:' || p.oid::regprocedure, 'an auditor may call it'
		FROM pg_proc p WHERE p.pronamespace = 'api'::regnamespace AND p.provolatile = 'v'
			AND p.proname NOT IN ('fsck_ran', 'rollup_status', 'search_verify_begin')
			AND has_function_privilege('op_auditor', p.oid, 'EXECUTE');
END $$;

-- Everything of ours that has an owner and rights: schemas, tables, sequences, functions.
CREATE FUNCTION fsck_security() RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	inside regnamespace := current_schema()::regnamespace;
	boss oid := (SELECT r.oid FROM pg_roles r WHERE r.rolname = 'shop_owner');
BEGIN
	RETURN QUERY SELECT * FROM fsck_roles();
	RETURN QUERY WITH thing AS (
		SELECT 'schema:' || n.nspname AS name, n.nspowner AS owner, NULL::regnamespace AS place,
			's' AS kind, coalesce(n.nspacl, acldefault('n', n.nspowner)) AS acl
		FROM pg_namespace n WHERE n.oid IN (inside, 'api'::regnamespace)
		UNION ALL
		SELECT 'table:' || c.oid::regclass, c.relowner, c.relnamespace, 't',
			coalesce(c.relacl, acldefault('r', c.relowner))
		FROM pg_class c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
			AND c.relnamespace IN (inside, 'api'::regnamespace)
		UNION ALL
		SELECT 'table:' || c.oid::regclass, c.relowner, c.relnamespace, 't', a.attacl
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attacl IS NOT NULL
		WHERE c.relnamespace IN (inside, 'api'::regnamespace)
		UNION ALL
		SELECT 'function:' || p.oid::regprocedure, p.proowner, p.pronamespace, 'f',
			coalesce(p.proacl, acldefault('f', p.proowner))
		FROM pg_proc p WHERE p.pronamespace IN (inside, 'api'::regnamespace)
			AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid
				AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e')
		UNION ALL
		SELECT 'database:' || d.datname, boss, NULL, 'd',
			coalesce(d.datacl, acldefault('d', d.datdba))
		FROM pg_database d WHERE d.datname = current_database()
	)
	SELECT 'K4', t.name, 'belongs to ' || t.owner::regrole FROM thing t WHERE t.owner <> boss
	UNION ALL
	SELECT CASE WHEN a.grantee = 0 THEN 'K5' WHEN t.kind = 't' THEN 'K6' ELSE 'K7' END, t.name,
		CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END || ' has '
			|| string_agg(a.privilege_type, ', ')
	FROM thing t, aclexplode(t.acl) AS a
	WHERE a.grantee = 0 OR a.grantee <> boss
		AND (t.kind = 't' OR t.kind = 'f' AND t.place = inside)
	GROUP BY t.name, t.kind, a.grantee;
	RETURN QUERY SELECT 'K5', 'schema:public', 'PUBLIC has ' || a.privilege_type
		FROM pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) AS a
		WHERE n.nspname = 'public' AND a.grantee = 0 AND a.privilege_type = 'CREATE';
	RETURN QUERY SELECT 'K8', 'function:' || p.oid::regprocedure, CASE p.pronamespace
			WHEN inside THEN 'runs with the owner''s rights inside' ELSE 'has the path '
			|| coalesce((SELECT substr(c, 13) FROM unnest(p.proconfig) AS c
				WHERE c LIKE 'search\_path=%'), 'of its caller') END
		FROM pg_proc p WHERE p.prosecdef AND p.pronamespace IN (inside, 'api'::regnamespace)
			AND (p.pronamespace = inside OR NOT coalesce(
				format('search_path=%s, pg_temp', inside) = ANY (p.proconfig), false));
	RETURN QUERY SELECT 'K9', 'table:' || x.relation::regclass, x.what FROM (
		SELECT t.tgrelid, 'trigger ' || t.tgname FROM pg_trigger t WHERE NOT t.tgisinternal
		UNION ALL SELECT r.ev_class, 'rule ' || r.rulename FROM pg_rewrite r
			WHERE r.rulename <> '_RETURN'
		UNION ALL SELECT p.polrelid, 'policy ' || p.polname FROM pg_policy p)
			AS x (relation, what)
		JOIN pg_class c ON c.oid = x.relation AND c.relnamespace = inside
	UNION ALL
	SELECT 'K9', 'database:' || current_database(), 'event trigger ' || e.evtname
		FROM pg_event_trigger e;
END $$;
