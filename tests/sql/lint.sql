-- What the catalog must look like, whoever writes the next migration.
BEGIN;
SELECT plan(19);

-- What an import works with are temporary tables; plpgsql_check has to find them.
DO $$
DECLARE
	r import_run;
BEGIN
	FOREACH r.kind IN ARRAY '{stock,product}'::text[] LOOP
		SELECT o.id INTO r.id FROM api.import_open(r.kind, 'native', 'lint', 'lint', 'EUR', NULL,
			'{}', '{}') o;
		PERFORM api.import_staged(r.id);
		SELECT * INTO r FROM import_run i WHERE i.id = r.id;
		SET LOCAL ROLE shop_owner;
		PERFORM import_begin(r), import_check(r), import_write(r);
		PERFORM import_new_rows(r);
	RESET ROLE;
	END LOOP;
	-- A stage that has the columns of each kind.
	DROP VIEW import_stage;
	EXECUTE (SELECT format('CREATE TEMPORARY TABLE import_stage (line bigint, problems text[], %s)',
		string_agg(DISTINCT trim(c), ', '))
		FROM unnest('{stock,product}'::text[]) k,
			regexp_split_to_table(import_stage_columns(k), ',\s*') c);
	PERFORM import_children(), import_pairs(), import_option_names(), import_adopt();
	PERFORM api.history_open();
	PERFORM api.history_apply('lint', 'lint', 'lint', 'UTC', false);
	PERFORM import_check_options(), import_update_products(0), import_update_variants(0),
		import_update_prices(0), import_update_stock(0);
END $$;

CREATE TEMP VIEW ours AS
	SELECT c.* FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE n.nspname IN ('shop', 'api') AND c.relkind IN ('r', 'p');
CREATE TEMP VIEW functions AS
	SELECT p.*, n.nspname, n.nspname || '.' || p.proname AS name
	FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
	WHERE n.nspname IN ('shop', 'api') AND NOT EXISTS (
		SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e');
CREATE TEMP VIEW services AS
	SELECT * FROM pg_roles WHERE rolname IN ('shop_http', 'shop_worker');

SELECT is((SELECT count(*) FROM services), 2::bigint, 'both service roles are there');

SELECT is_empty($$ SELECT relname FROM ours c WHERE NOT EXISTS (
	SELECT 1 FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p') $$,
	'every table has a primary key');

SELECT is_empty($$ SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE NOT tgisinternal $$,
	'there is no trigger');

SELECT is_empty($$ SELECT relname FROM ours WHERE relowner::regrole::text <> 'shop_owner'
	UNION ALL SELECT name FROM functions WHERE proowner::regrole::text <> 'shop_owner' $$,
	'everything belongs to shop_owner');

SELECT is_empty($$ SELECT rolname FROM pg_roles
	WHERE rolname = 'shop_owner' AND (rolcanlogin OR rolsuper)
	OR rolname LIKE 'shop\_%' AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls) $$,
	'nobody logs in as the owner, and no role of ours rules the server');

SELECT is_empty($$ SELECT s.rolname, r.rolname FROM services s, pg_roles r
	WHERE r.rolname IN ('shop_owner', 'postgres') AND pg_has_role(s.oid, r.oid, 'MEMBER') $$,
	'no service is a member of the owner');

SELECT is_empty($$ SELECT name FROM functions WHERE prosecdef AND NOT EXISTS (
	SELECT 1 FROM unnest(proconfig) AS c WHERE c = 'search_path=shop, pg_temp') $$,
	'every definer function pins its search_path to shop, pg_temp');

SELECT is_empty($$ SELECT name FROM functions WHERE nspname = 'shop' AND prosecdef $$,
	'no internal function has its owner''s rights');

SELECT is_empty($$ SELECT name FROM functions f,
		aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) AS a
	WHERE a.grantee = 0 $$,
	'PUBLIC may execute nothing');

SELECT is_empty($$ SELECT c.relname, a.privilege_type FROM pg_class c
		JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) AS a
	WHERE a.grantee = 0 AND n.nspname IN ('shop', 'api')
	UNION ALL SELECT nspname, a.privilege_type FROM pg_namespace,
		aclexplode(coalesce(nspacl, acldefault('n', nspowner))) AS a
	WHERE a.grantee = 0 AND (nspname IN ('shop', 'api')
		OR nspname = 'public' AND a.privilege_type = 'CREATE') $$,
	'PUBLIC has nothing on schemas, tables and views');

SELECT is_empty($$ SELECT s.rolname, c.relname, p FROM services s, ours c,
		unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) AS p
	WHERE has_table_privilege(s.oid, c.oid, p) $$,
	'a service has no privilege on any table');

SELECT is_empty($$ SELECT s.rolname, f.name FROM services s, functions f
	WHERE f.nspname = 'shop' AND has_function_privilege(s.oid, f.oid, 'EXECUTE') $$,
	'a service cannot call an internal function');

SELECT is_empty($$ SELECT name FROM functions WHERE nspname = 'api' GROUP BY name
	HAVING count(*) > 1 $$,
	'no function of the api has two meanings');

SELECT is_empty($$ SELECT c.relname, k.conname FROM pg_constraint k JOIN ours c ON c.oid = k.conrelid
	WHERE k.contype IN ('c', 'u', 'x') AND NOT c.relispartition
	AND k.conname ~ '_(check|key|excl)[0-9]*$' $$,
	'every constraint was named, with a promise');

SELECT is_empty($$ SELECT c.relname, a.attname, format_type(a.atttypid, NULL)
	FROM ours c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
	WHERE a.atttypid IN ('money'::regtype, 'timestamp'::regtype, 'timetz'::regtype)
	OR a.atttypid IN ('real'::regtype, 'double precision'::regtype)
	AND a.attname ~ '(amount|price|total|cost|tax|fee)' $$,
	'money is never a float and time always has a zone');

SELECT is_empty($$ SELECT name, c.relname FROM functions f JOIN ours c
	ON f.prosrc ~ ('\mshop\.' || c.relname || '\M')
	WHERE f.name <> 'shop.fsck_evidence' $$, -- which writes queries for psql
	'no function says which schema its tables are in');

SELECT is_empty($$ SELECT name FROM functions
	WHERE prosrc ~* '\m(random|clock_timestamp)\s*\(' $$,
	'no function rolls dice or reads another clock than now()');

SELECT is_empty($$ SELECT name FROM functions f
	WHERE nspname = 'api' AND NOT prosecdef AND provolatile = 'v' $$,
	'what writes does so with the owner''s rights and nobody else''s');

SELECT is_empty($$ SELECT f.name, t.lineno, t.statement, t.message
	FROM functions f JOIN pg_language l ON l.oid = f.prolang,
		plpgsql_check_function_tb(f.oid, fatal_errors => false,
			extra_warnings => false, performance_warnings => false) AS t
	WHERE l.lanname = 'plpgsql' AND f.prorettype <> 'trigger'::regtype
	AND t.level = 'error' $$,
	'plpgsql_check finds no error');

SELECT * FROM finish();
ROLLBACK;
