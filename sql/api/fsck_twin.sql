-- What is asked of the whole shop and what is asked of one order are the same questions,
-- but not the same plans: a plan for one order can be kept, and making some dozens anew
-- takes a hundred times as long as running them.  So each function over a scope has a
-- twin, made from its text, that knows that there is one: fsck_orders, fsck_orders_of.
DO $$
DECLARE
	f record;
BEGIN
	FOR f IN SELECT p.proname AS name, pg_get_functiondef(p.oid) AS text FROM pg_proc p
		WHERE p.pronamespace = current_schema()::regnamespace AND p.proname LIKE 'fsck\_%'
			AND pg_get_function_identity_arguments(p.oid) = 'scope bigint[]'
			AND p.proname NOT LIKE '%\_of' AND NOT EXISTS (SELECT FROM pg_proc t
				WHERE t.pronamespace = p.pronamespace AND t.proname = p.proname || '_of')
	LOOP
		EXECUTE regexp_replace(regexp_replace(replace(replace(replace(f.text,
			'.' || f.name || '(scope', '.' || f.name || '_of(scope'),
			'$1 IS NULL OR ', ''), '$1 IS NULL', 'false'),
			'in_scope\(([^,()]+), ([^()]+)\)', '(\2 = ANY (\1))', 'g'),
			'(FROM fsck_[a-z]+)\(\$1\)', '\1_of($1)', 'g');
	END LOOP;
END $$;
